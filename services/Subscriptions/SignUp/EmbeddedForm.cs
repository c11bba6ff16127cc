using System.Net;
using Alerts.ServiceDefaults;
using Alerts.Subscriptions.Lists;

namespace Alerts.Subscriptions.SignUp;

/// <summary>A sign-up form to paste into a page of another site: plain HTML that sends to our page, which answers as to its own form.</summary>
internal static class EmbeddedForm
{
    public static string For(MailingList list, AlertsOptions site) => $"""
        <form method="post" action="{WebUtility.HtmlEncode(site.Link("/subscribe?list=" + list.Slug))}">
          <input type="hidden" name="_handler" value="subscribe">
          <input type="hidden" name="list" value="{list.Slug}">
          <input type="hidden" name="{SignUpForm.FrequencyField(list.Slug)}" value="{list.DefaultFrequency.Word()}">
          <p>
            <label for="alerts-{list.Slug}">{WebUtility.HtmlEncode(list.Name)}: your mail address</label>
            <input id="alerts-{list.Slug}" name="address" type="email" autocomplete="email" required>
            <button type="submit">Subscribe</button>
          </p>
        </form>
        """;
}
