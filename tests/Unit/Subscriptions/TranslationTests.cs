using System.Globalization;
using System.Text.RegularExpressions;
using Alerts.ServiceDefaults.Web;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Alerts.Tests.Unit.Subscriptions;

/// <summary>Everything that is written to be translated is, in every language there is.</summary>
public partial class TranslationTests
{
    public static TheoryData<string> Others { get; } = [.. Languages.All.Keys.Where(tag => tag != Languages.Default)];

    [GeneratedRegex("""\b[Tt]ext\["([^"]+)"[\],]""")]
    private static partial Regex Words();

    [Theory]
    [MemberData(nameof(Others))]
    public void Every_text_of_the_pages_and_mails_for_readers_is_translated(string language)
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        var missing = new List<string>();
        foreach (var (folder, words) in new (string, IStringLocalizer)[] { ("Subscriptions", Translations.Readers), ("Publishing", Localizer<Alerts.Publishing.Reader>()), ("Notices", Localizer<Alerts.Notices.Reader>()), ("ServiceDefaults", Localizer<Site>()) })
        {
            var sources = Directory.EnumerateFiles(Path.Combine(Services(), folder), "*.*", SearchOption.AllDirectories).Where(f => f.EndsWith(".razor", StringComparison.Ordinal) || f.EndsWith(".cs", StringComparison.Ordinal));
            foreach (Match match in sources.SelectMany(source => Words().Matches(File.ReadAllText(source))))
            {
                var text = words[match.Groups[1].Value];
                if (text.ResourceNotFound || Placeholders(text.Value) != Placeholders(text.Name))
                {
                    missing.Add(text.Name);
                }
            }
        }

        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("ko-KR", "ko", "ltr")]
    [InlineData("AR", "ar", "rtl")]
    [InlineData("de", "en", "ltr")]
    [InlineData(null, "en", "ltr")]
    [InlineData("", "en", "ltr")]
    public void A_language_we_dont_have_is_English(string? tag, string ours, string direction)
    {
        Assert.Equal(ours, Languages.Of(tag));
        Assert.Equal(direction, Languages.Direction(ours));
    }

    private static string Placeholders(string text) => string.Concat(Enumerable.Range(0, 3).Select(n => $"{{{n}}}").Where(p => text.Contains(p, StringComparison.Ordinal)));

    private static StringLocalizer<T> Localizer<T>() => new(new ResourceManagerStringLocalizerFactory(Options.Create(new LocalizationOptions()), NullLoggerFactory.Instance));

    private static string Services()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Alerts.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "services");
    }
}
