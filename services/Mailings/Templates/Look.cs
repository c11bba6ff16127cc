using Alerts.ServiceDefaults.Templates;

namespace Alerts.Mailings.Templates;

/// <summary>A theme as templates see it: each colour with those that go with it in the dark.</summary>
internal sealed record Look(string Accent, string LinkInDark, string LineInDark, string ButtonInDark, string? Logo, string? LogoText)
{
    private static readonly Look BuiltIn = new(MailTheme.BuiltInAccent, "#8ab4ff", "#4f7df0", "#2f62e0", null, null);

    /// <summary>Where the built-in accent stands in markup, as our templates and dressed posts write it.</summary>
    private static readonly string[] Places = ["color:", "background:", "solid ", "bgcolor=\""];

    public static Look Of(MailTheme? theme)
    {
        if (theme is null)
        {
            return BuiltIn;
        }

        var look = BuiltIn with { Logo = theme.Logo, LogoText = theme.LogoText };
        if (!Templates.Colour.TryParse(theme.Accent, out var accent))
        {
            return look;
        }

        var inDark = accent.ReadableOn(Templates.Colour.DarkSheet).ToString();
        return look with { Accent = accent.ToString(), LinkInDark = inDark, LineInDark = inDark, ButtonInDark = accent.ToString() };
    }

    /// <summary>The built-in accent, wherever it stands as a style, becomes this one: posts are dressed before anybody knows whose mail they are in.</summary>
    public string Colour(string html) => Accent == MailTheme.BuiltInAccent
        ? html
        : Places.Aggregate(html, (done, place) => done.Replace(place + MailTheme.BuiltInAccent, place + Accent, StringComparison.Ordinal));
}
