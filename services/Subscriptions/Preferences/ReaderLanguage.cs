using Alerts.ServiceDefaults.Links;
using Alerts.ServiceDefaults.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Subscriptions.Preferences;

/// <summary>
/// Pages behind a link of her own are in the language she chose, unless the address asks for another (<c>?lang=</c>). English is what we know of readers who never chose:
/// then her browser may say.
/// </summary>
internal static class ReaderLanguage
{
    private static readonly LinkPurpose[] Purposes = Enum.GetValues<LinkPurpose>();

    public static void AddReaderLanguage(this IServiceCollection services) => services.PostConfigure<RequestLocalizationOptions>(localization =>
        localization.RequestCultureProviders.Insert(1, new CustomRequestCultureProvider(async context =>
        {
            var tokens = context.RequestServices.GetRequiredService<LinkTokens>();
            if (context.GetRouteValue("Token") is not string token || Purposes.Select(purpose => tokens.Read(token, purpose)).FirstOrDefault(link => link is not null) is not { } link)
            {
                return null;
            }

            var db = context.RequestServices.GetRequiredService<SubscriptionsDb>();
            var language = await db.Subscribers.Where(s => s.Id == link.SubscriberId).Select(s => s.Language).FirstOrDefaultAsync(context.RequestAborted);
            return Languages.Of(language) is var tag && tag == Languages.Default ? null : new ProviderCultureResult(tag);
        })));
}
