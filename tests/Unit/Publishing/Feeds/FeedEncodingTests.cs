using System.Text;
using static Alerts.Tests.Unit.Publishing.Feeds.Parsed;

namespace Alerts.Tests.Unit.Publishing.Feeds;

public class FeedEncodingTests
{
    [Theory]
    [InlineData("windows-1251", "Новости порта")]
    [InlineData("koi8-r", "Новости порта")]
    [InlineData("euc-kr", "항구 소식")]
    [InlineData("ks_c_5601-1987", "항구 소식")]
    [InlineData("shift_jis", "港のニュース")]
    [InlineData("gb2312", "港口新闻")]
    [InlineData("iso-8859-2", "Zprávy z přístavu")]
    [InlineData("windows-1252", "“Harbour” – news")]
    [InlineData("utf-8", "항구 – Новости")]
    [InlineData("utf-16", "항구 – Новости")]
    public void The_XML_declaration_tells_the_encoding(string name, string title)
    {
        var bytes = EncodingOf(name).GetBytes(Feed(title, name));

        Assert.Equal(title, Read(bytes).Title);
    }

    [Fact]
    public void The_charset_of_HTTP_wins_over_the_declaration() =>
        Assert.Equal("Новости", Read(EncodingOf("windows-1251").GetBytes(Feed("Новости", "utf-8")), charset: "\"Windows-1251\"").Title);

    [Fact]
    public void A_byte_order_mark_wins_over_all()
    {
        foreach (var encoding in new Encoding[] { Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32 })
        {
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(Feed("항구", "euc-kr"))];

            Assert.Equal("항구", Read(bytes, charset: "iso-8859-1").Title);
        }
    }

    [Fact]
    public void Latin_1_is_read_with_the_curly_quotes_that_people_put_into_it() =>
        Assert.Equal("“Harbour”", Read(EncodingOf("windows-1252").GetBytes(Feed("“Harbour”", "ISO-8859-1"))).Title);

    [Theory]
    [InlineData("no-such-charset")]
    [InlineData("utf-7")]
    [InlineData("utf-16")]
    [InlineData("")]
    public void A_wrong_name_does_not_keep_UTF_8_from_being_read(string name) =>
        Assert.Equal("항구", Read(Encoding.UTF8.GetBytes(Feed("항구", name)), charset: name).Title);

    private static Encoding EncodingOf(string name) => CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);

    private static string Feed(string title, string encoding) => $"<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n<rss version=\"2.0\"><channel><title>{title}</title></channel></rss>";
}
