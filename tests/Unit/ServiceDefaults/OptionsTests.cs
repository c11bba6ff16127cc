using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Web;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Alerts.Tests.Unit.ServiceDefaults;

public sealed class OptionsTests
{
    [Theory]
    [InlineData("PublicUrl", "nonsense")]
    [InlineData("PublicUrl", "")]
    [InlineData("Data", "")]
    public void A_setting_that_cannot_work_is_named(string key, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
        using var services = new ServiceCollection().AddOptions<AlertsOptions>().Bind(configuration).ValidateDataAnnotations().Services.BuildServiceProvider();

        var refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<AlertsOptions>>().Value);

        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_begin_with_the_public_address() =>
        Assert.Equal("https://news.example.org/subscribe", new AlertsOptions { PublicUrl = "https://news.example.org/" }.Link("/subscribe"));

    [Theory]
    [InlineData("Alerts <alerts@localhost>", "Alerts")]
    [InlineData("The Harbour Watch <news@example.org>", "The Harbour Watch")]
    [InlineData("news@example.org", "Alerts")]
    public void The_site_is_called_what_its_mails_are_from(string from, string name) => Assert.Equal(name, new MailOptions { From = from }.SenderName());
}
