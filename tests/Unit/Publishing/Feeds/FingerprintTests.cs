using static Alerts.Tests.Unit.Publishing.Feeds.Parsed;

namespace Alerts.Tests.Unit.Publishing.Feeds;

public class FingerprintTests
{
    private const string Written = "<guid isPermaLink='false'>1</guid><title>Tide</title><link>https://harbour.example/1</link><description>Low at noon.</description>";

    [Fact]
    public void A_repeat_has_the_same_key_and_fingerprint()
    {
        var (first, again) = (Item(Written), Item(Written + "<pubDate>Tue, 10 Jun 2003 04:00:00 GMT</pubDate><category>Tides</category>"));

        Assert.Equal((first.Key, first.Fingerprint), (again.Key, again.Fingerprint));
        Assert.Matches("^[0-9a-f]{64}$", first.Fingerprint);
    }

    [Theory]
    [InlineData("Tide", "High tide")]
    [InlineData("example/1", "example/2")]
    [InlineData("Low at noon", "Low at one")]
    [InlineData("</description>", "</description><content:encoded>Low at noon.</content:encoded>")]
    public void An_edit_has_the_same_key_and_another_fingerprint(string before, string after)
    {
        var (first, edited) = (Item(Written), Item(Written.Replace(before, after, StringComparison.Ordinal)));

        Assert.Equal(first.Key, edited.Key);
        Assert.NotEqual(first.Fingerprint, edited.Fingerprint);
    }
}
