using Alerts.ServiceDefaults.Logging;
using CsCheck;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Templates;

namespace Alerts.Tests.Unit.ServiceDefaults.Logging;

public sealed class MaskedAddressesTests
{
    [Theory]
    [InlineData("Wrote to ada@example.org.", "Wrote to a…@example.org.")]
    [InlineData("Ada <ada.lovelace+news@mail.example.org>, grace@example.com", "Ada <a…@mail.example.org>, g…@example.com")]
    [InlineData("alerts@localhost", "a…@localhost")]
    [InlineData("müller@bücher.example", "m…@bücher.example")]
    [InlineData("/admin/subscribers?address=ada%40example.org", "/admin/subscribers?address=a…@example.org")]
    [InlineData("\"ada lovelace\"@example.org", "a…@example.org")]
    [InlineData("o'hara@example.org", "o…@example.org")]
    [InlineData("RCPT TO:<ada@[192.0.2.1]>", "RCPT TO:<a…@[192.0.2.1]>")]
    public void An_address_is_shortened(string text, string masked) => Assert.Equal(masked, MaskedAddresses.Mask(text));

    [Theory]
    [InlineData("No address here.")]
    [InlineData("at 12:30 @ home")]
    [InlineData("@example.org")]
    [InlineData("100%40")]
    public void What_is_no_address_stays(string text) => Assert.Equal(text, MaskedAddresses.Mask(text));

    [Fact]
    public void No_local_part_survives_wherever_it_stands() =>
        Gen.Select(Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789.!#$&*+-/?^_~"].Array[2, 40], Gen.Char["abcdefghijklmnopqrstuvwxyz"].Array[1, 12])
            .Where((local, _) => char.IsLetterOrDigit(local[0]) && char.IsLetterOrDigit(local[^1]) && !local.Contains('/'))
            .Sample(
                (local, domain) =>
                {
                    var address = $"{new string(local)}@{new string(domain)}.example";
                    Assert.DoesNotContain(address, MaskedAddresses.Mask($"before {address} after"), StringComparison.Ordinal);
                },
                seed: "0000000000001",
                iter: 2_000);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Messages_properties_and_exceptions_are_masked_alike(bool json)
    {
        ITextFormatter formatter = json ? new CompactJsonFormatter() : new ExpressionTemplate("{@t:HH:mm:ss} {@l:u3} {@m} {rest()}\n{@x}");
        var sink = new Collector(new MaskedAddresses(formatter));
        using (var logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger())
        {
            logger.ForContext("Reader", "grace@example.org")
                .Error(new InvalidOperationException("550 no such user: linus@example.org"), "Could not write to {Address}", "ada@example.org");
        }

        Assert.DoesNotContain("ada@", sink.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("grace@", sink.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("linus@", sink.Text, StringComparison.Ordinal);
        Assert.Contains("a…@example.org", sink.Text, StringComparison.Ordinal);
        Assert.Contains("l…@example.org", sink.Text, StringComparison.Ordinal);
    }

    private sealed class Collector(ITextFormatter formatter) : ILogEventSink
    {
        public string Text { get; private set; } = "";

        public void Emit(LogEvent logEvent)
        {
            using var writer = new StringWriter();
            formatter.Format(logEvent, writer);
            Text += writer.ToString();
        }
    }
}
