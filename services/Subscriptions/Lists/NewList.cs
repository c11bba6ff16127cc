namespace Alerts.Subscriptions.Lists;

/// <summary>A list as somebody wants it: by the API, the page or the command line.</summary>
public sealed record NewList
{
    /// <summary>1 to 50 of a–z, 0–9 and hyphens.</summary>
    public string? Slug { get; init; }

    /// <summary>1 to 100 characters.</summary>
    public string? Name { get; init; }

    /// <summary>Plain text, at most 1,000 characters.</summary>
    public string? Description { get; init; }

    /// <summary>public (the default), unlisted or private.</summary>
    public string? Visibility { get; init; }

    /// <summary>What is wrong, by field, with how to mend it. Empty: nothing.</summary>
    public Dictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        if (!IsSlug(Slug))
        {
            problems["slug"] = [$"A slug has 1 to {MailingList.MaxSlug} small letters a–z, digits and hyphens, such as city-council."];
        }

        if (string.IsNullOrWhiteSpace(Name) || Name.Length > MailingList.MaxName || Name.Any(char.IsControl))
        {
            problems["name"] = [$"A name has 1 to {MailingList.MaxName} characters on one line."];
        }

        if (Description is { Length: > MailingList.MaxDescription })
        {
            problems["description"] = [$"A description has at most {MailingList.MaxDescription} characters."];
        }

        if (Visibility is not null && !Words.TryRead<ListVisibility>(Visibility, out _))
        {
            problems["visibility"] = ["Visibility is public, unlisted or private."];
        }

        return problems;
    }

    internal static bool IsSlug(string? text) => text is { Length: > 0 and <= MailingList.MaxSlug } && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');
}
