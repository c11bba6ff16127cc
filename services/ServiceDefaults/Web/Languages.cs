using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.ServiceDefaults.Web;

/// <summary>A page that is there in all <see cref="Languages"/>; the others are English.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TranslatedAttribute : Attribute;

/// <summary>The languages readers are spoken to in. Another one is a resource file beside each that there is, and a line here.</summary>
public static class Languages
{
    public const string Default = "en";

    private const string Query = "lang";

    /// <summary>Tags (RFC 5646), and what each language calls itself.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["en"] = "English",
        ["ko"] = "한국어",
        ["ar"] = "العربية",
    };

    /// <summary>The language of what is rendered now.</summary>
    public static string Current => Of(CultureInfo.CurrentUICulture.Name);

    /// <summary>The one of ours that a tag such as <c>ko-KR</c> means; else <see cref="Default"/>.</summary>
    public static string Of(string? tag) => tag?.Split('-')[0].ToLowerInvariant() is { } language && All.ContainsKey(language) ? language : Default;

    /// <summary><c>rtl</c> or <c>ltr</c>.</summary>
    public static string Direction(string language) => CultureInfo.GetCultureInfo(language).TextInfo.IsRightToLeft ? "rtl" : "ltr";

    /// <summary>The same page in that language.</summary>
    internal static string Link(HttpRequest request, string language) =>
        request.Path + QueryString.Create(request.Query.Where(q => q.Key != Query)).Add(Query, language);

    internal static void AddLanguages(this IServiceCollection services)
    {
        // Whatever the machine speaks: our own words are English where they aren't translated.
        CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.GetCultureInfo(Default);
        services.AddLocalization();
        services.Configure<RequestLocalizationOptions>(localization =>
        {
            // Only words: numbers and dates are written the same for all.
            localization.DefaultRequestCulture = new RequestCulture(CultureInfo.InvariantCulture, CultureInfo.GetCultureInfo(Default));
            localization.SupportedCultures = [CultureInfo.InvariantCulture];
            localization.SupportedUICultures = [.. All.Keys.Select(CultureInfo.GetCultureInfo)];
            localization.ApplyCurrentCultureToResponseHeaders = true;
            localization.RequestCultureProviders =
            [
                new QueryStringRequestCultureProvider { QueryStringKey = Query, UIQueryStringKey = Query },
                new AcceptLanguageHeaderRequestCultureProvider(),
            ];
        });
    }

    /// <summary>After routing: the page says whether it is translated.</summary>
    internal static void UseLanguages(this IApplicationBuilder app) => app.UseWhen(IsTranslated, branch => branch.UseRequestLocalization());

    internal static bool IsTranslated(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<TranslatedAttribute>() is not null;
}
