using Alerts.Contracts;

namespace Alerts.Subscriptions.Lists;

/// <summary>A list as somebody wants it: by the API, the page or the command line. To change one, what isn't given stays.</summary>
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

    /// <summary>Whether what is published on it stands in the public archive; default: true.</summary>
    public bool? InArchive { get; init; }

    /// <summary>Whether a second member of the staff must look at urgent posts before they go out; default: false.</summary>
    public bool? FourEyes { get; init; }

    /// <summary>The name its mails come from, at most 100 characters; empty: the common one.</summary>
    public string? SenderName { get; init; }

    /// <summary>immediate, daily (the default) or weekly: for readers who don't choose.</summary>
    public string? DefaultFrequency { get; init; }

    /// <summary>What is wrong with a change, by field.</summary>
    public Dictionary<string, string[]> ProblemsOfChange()
    {
        var problems = (this with { Slug = "list", Name = Name ?? "name" }).Problems();
        if (Slug is not null)
        {
            problems["slug"] = ["A slug never changes: links, queues and mails hold it."];
        }

        return problems;
    }

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

        if (SenderName is { Length: > MailingList.MaxName } || (SenderName ?? "").Any(char.IsControl))
        {
            problems["senderName"] = [$"A sender's name has at most {MailingList.MaxName} characters on one line."];
        }

        if (DefaultFrequency is not null && !Words.TryRead<Frequency>(DefaultFrequency, out _))
        {
            problems["defaultFrequency"] = ["The frequency is immediate, daily or weekly."];
        }

        return problems;
    }

    internal static bool IsSlug(string? text) => text is { Length: > 0 and <= MailingList.MaxSlug } && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');
}
