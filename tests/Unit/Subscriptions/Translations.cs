using Alerts.Subscriptions;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Alerts.Tests.Unit.Subscriptions;

/// <summary>The real words in all languages.</summary>
internal static class Translations
{
    public static IStringLocalizer<Reader> Readers { get; } =
        new StringLocalizer<Reader>(new ResourceManagerStringLocalizerFactory(Options.Create(new LocalizationOptions()), NullLoggerFactory.Instance));
}
