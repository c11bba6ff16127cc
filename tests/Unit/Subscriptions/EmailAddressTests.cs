using Alerts.Subscriptions.Subscribers;
using MimeKit;

namespace Alerts.Tests.Unit.Subscriptions;

public class EmailAddressTests
{
    [Theory]
    [InlineData("ada@example.org", "ada@example.org")]
    [InlineData("  Ada.Lovelace@EXAMPLE.org ", "ada.lovelace@example.org")]
    [InlineData("ada+news@example.org", "ada+news@example.org")]
    [InlineData("o'brien@example.org", "o'brien@example.org")]
    [InlineData("\"ada lovelace\"@example.org", "\"ada lovelace\"@example.org")]
    [InlineData("ada@Bücher.example", "ada@xn--bcher-kva.example")]
    [InlineData("사용자@예시.한국", "사용자@xn--vv4b11d.xn--3e0b707e")]
    [InlineData("ada@localhost", "ada@localhost")]
    public void Odd_but_right_addresses_are_taken(string given, string normalized)
    {
        Assert.True(EmailAddress.TryRead(given, out var address, out _));
        Assert.Equal(given.Trim(), address.Value);
        Assert.Equal(normalized, address.Normalized);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("ada@")]
    [InlineData("@example.org")]
    [InlineData("ada@example")]
    [InlineData("ada@@example.org")]
    [InlineData("ada@eve@example.org")]
    [InlineData("ada..lovelace@example.org")]
    [InlineData(".ada@example.org")]
    [InlineData("ada lovelace@example.org")]
    [InlineData("ada@example..org")]
    [InlineData("ada@-example.org")]
    [InlineData("ada@[127.0.0.1]")]
    [InlineData("Ada <ada@example.org>")]
    [InlineData("ada@example.org, eve@example.org")]
    [InlineData("ada@example.org\r\nBcc: eve@example.org")]
    [InlineData("ada\n@example.org")]
    [InlineData("ada@exam\u0000ple.org")]
    [InlineData("ad\uFFFD@example.org")]
    public void What_is_no_address_is_refused_with_a_reason(string? given)
    {
        Assert.False(EmailAddress.TryRead(given, out _, out var problem));
        Assert.NotEmpty(problem);
    }

    /// <summary>Plain addresses aren't shown to the sender's parser, for speed: it would take each of them.</summary>
    [Fact]
    public void Whatever_is_taken_can_be_written_to()
    {
        const string Signs = "abzABZ019.!#$%&'*+-/=?^_`{|}~@\" ,;:<>()[]\\äß";
        var random = new Random(1);
        var taken = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var text = new string(random.GetItems<char>(Signs, random.Next(1, 8))) + "@" + new string(random.GetItems<char>("ab0-.", random.Next(1, 6))) + ".org";
            if (EmailAddress.TryRead(text, out var address, out _))
            {
                taken++;
                Assert.True(MailboxAddress.TryParse(address.Value, out var mailbox), text);
                Assert.Equal(text.Trim(), mailbox.Address);
            }
        }

        Assert.InRange(taken, 10_000, 190_000);
    }

    [Fact]
    public void Addresses_longer_than_servers_take_are_refused()
    {
        var domain = string.Join('.', Enumerable.Repeat(new string('d', 60), 3)) + ".org";
        Assert.True(EmailAddress.TryRead(new string('a', 64) + "@" + domain, out _, out _));
        Assert.False(EmailAddress.TryRead(new string('a', 65) + "@" + domain, out _, out _));
        Assert.False(EmailAddress.TryRead("ada@" + new string('d', 64) + ".org", out _, out _));
        Assert.False(EmailAddress.TryRead(new string('a', 64) + "@" + domain[..^4] + ".ddddd.ddd", out _, out _));
    }
}
