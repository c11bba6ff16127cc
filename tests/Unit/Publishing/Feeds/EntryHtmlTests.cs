using static Alerts.Tests.Unit.Publishing.Feeds.Parsed;

namespace Alerts.Tests.Unit.Publishing.Feeds;

/// <summary>What a stranger's HTML may not bring into a mail.</summary>
public class EntryHtmlTests
{
    [Theory]
    [InlineData("a<script>alert(1)</script>b", "ab")]
    [InlineData("a<style>p { color: red }</style>b", "ab")]
    [InlineData("<p style='color: red' class='x' id='y' onclick='z()' data-a='b'>a</p>", "<p>a</p>")]
    [InlineData("a<iframe src='https://evil.example'>inner</iframe>b", "ab")]
    [InlineData("a<form action='https://evil.example'>Your address <input name='q'><button>Go</button></form>b", "ab")]
    [InlineData("a<svg onload='x()'><text>inner</text></svg><object data='x'>y</object><embed src='x'>b", "ab")]
    [InlineData("<a href='javascript:alert(1)'>a</a>", "<a>a</a>")]
    [InlineData("<a href=' java\nscript:alert(1)'>a</a>", "<a>a</a>")]
    [InlineData("<a href='vbscript:x'>a</a><a href='file:///etc/passwd'>b</a>", "<a>a</a><a>b</a>")]
    [InlineData("<img src='data:image/png;base64,AAAA'>a", "a")]
    [InlineData("<img src='https://i.example/b.jpg' onerror='x()' srcset='https://i.example/2.jpg 2x' width='300'>", "<img src=\"https://i.example/b.jpg\" width=\"300\">")]
    [InlineData("<!-- comment -->a<!--[if mso]>b<![endif]-->", "a")]
    [InlineData("<section><custom-element>a</custom-element></section>", "a")]
    [InlineData("<noscript><img src='https://i.example/real.jpg'></noscript>", "<img src=\"https://i.example/real.jpg\">")]
    [InlineData("<base href='https://evil.example/'><meta http-equiv='refresh' content='0'><link rel='stylesheet' href='x'>a", "a")]
    [InlineData("<a href='mailto:ada@example.org'>a</a>", "<a href=\"mailto:ada@example.org\">a</a>")]
    [InlineData("<p>unclosed <b>bold", "<p>unclosed <b>bold</b></p>")]
    [InlineData("<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "")]
    public void Only_text_tables_links_and_images_are_left(string written, string html) => Assert.Equal(html, Html(written));

    [Theory]
    [InlineData("width='1' height='1'")]
    [InlineData("width=1")]
    [InlineData("height='0'")]
    [InlineData("style='width:1px;height:1px'")]
    [InlineData("style='border:0; height: 1px !important'")]
    [InlineData("style='display: none'")]
    public void A_tracking_pixel_is_dropped(string attributes) => Assert.Equal("a", Html($"a<img src='https://spy.example/p.gif' {attributes}>"));

    [Theory]
    [InlineData("width='100' height='10'")]
    [InlineData("style='width:100%;height:auto'")]
    [InlineData("style='width:1000px'")]
    public void A_picture_is_kept(string attributes) => Assert.Contains("<img src=\"https://i.example/b.jpg\"", Html($"<img src='https://i.example/b.jpg' {attributes}>"), StringComparison.Ordinal);

    [Fact]
    public void Text_in_many_scripts_is_left_as_it_is() => Assert.Equal("<p>한국어 – русский – 日本語 – 😀</p>", Html("<p>한국어 – русский – 日本語 – 😀</p>"));
}
