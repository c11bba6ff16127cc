using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using Microsoft.Extensions.Options;

namespace Alerts.Publishing.Feeds;

/// <summary>Reads RSS, Atom and JSON Feed from any source, trusting nothing in it.</summary>
/// <remarks>
/// Feeds are written by programs of all ages, so what can be understood is taken: entries without title, date or id, dates that are none, wrong escapes. What
/// is left out or cut is said in <see cref="Feed.Notes"/>. Only what is no feed at all, or too large, ends in a <see cref="FeedException"/>; nothing else is thrown.
/// </remarks>
public sealed partial class FeedParser(IOptions<FeedOptions> options)
{
    /// <summary>Of a feed with more, the newest are read (those without a date count as new).</summary>
    public const int MaxEntries = 1_000;

    /// <summary>In characters, both before and after cleaning. What is longer is cut.</summary>
    public const int MaxBody = 1_000_000;

    /// <summary>In characters. What is longer is cut at a word and ends in "…".</summary>
    public const int MaxTitle = 500;

    /// <summary>In characters. What is longer is cut at a word and ends in "…".</summary>
    public const int MaxSummary = 1_000;

    /// <summary>In characters. A longer id is replaced by its hash.</summary>
    public const int MaxKey = 500;

    public const int MaxTags = 50;

    /// <summary>How long a title made from the first words of a text may be.</summary>
    private const int MaxFirstWords = 80;

    private const int MaxTag = 100;

    /// <param name="stream">Read to its end, or until it has given more than the bound.</param>
    /// <param name="baseAddress">Where the feed came from, for relative addresses; null when that is unknown.</param>
    /// <param name="charset">The charset that came with it, as in HTTP's Content-Type; null to look into the feed.</param>
    /// <param name="cancellationToken">Looked at between entries too.</param>
    /// <exception cref="FeedException">It is too large or no feed.</exception>
    public async Task<Feed> ReadAsync(Stream stream, Uri? baseAddress = null, string? charset = null, CancellationToken cancellationToken = default)
    {
        using var content = new MemoryStream();
        var buffer = new byte[81_920];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            content.Write(buffer, 0, count);
            RefuseIfTooLarge(content.Length);
        }

        return Read(content.GetBuffer().AsSpan(0, (int)content.Length), baseAddress, charset, cancellationToken);
    }

    /// <inheritdoc cref="ReadAsync"/>
    public Feed Read(ReadOnlySpan<byte> bytes, Uri? baseAddress = null, string? charset = null, CancellationToken cancellationToken = default)
    {
        RefuseIfTooLarge(bytes.Length);
        var raw = ReadRaw(FeedEncoding.Decode(bytes, charset).Trim(Blank), baseAddress);
        return Refine(raw, baseAddress, cancellationToken);
    }

    private void RefuseIfTooLarge(long length)
    {
        if (length > options.Value.MaxBytes)
        {
            var most = (options.Value.MaxBytes / (1024m * 1024m)).ToString("0.##", CultureInfo.InvariantCulture);
            throw new FeedException($"The feed is larger than {most} MB, the most that is read: ask its publisher for one with fewer entries, or raise Feeds:MaxBytes.");
        }
    }

    private static RawFeed ReadRaw(string text, Uri? address) => text switch
    {
        "" => throw new FeedException("The feed is empty: check its address, or ask its publisher."),
        ['{' or '[', ..] => ReadJson(text, address),
        ['<', ..] => ReadXml(text, address),
        _ => throw new FeedException("This is not a feed: it is neither RSS, Atom nor JSON Feed. Check the address."),
    };

    private static RawFeed ReadJson(string text, Uri? address)
    {
        try
        {
            return FeedJson.Read(text, address)
                ?? throw new FeedException("This is JSON of another kind, not a JSON Feed (it has no version of jsonfeed.org). Check the address.");
        }
        catch (JsonException exception)
        {
            throw new FeedException(
                $"The JSON feed is broken at line {exception.LineNumber + 1}: it may have been cut off. Try again, or ask its publisher to repair it.", exception);
        }
        catch (InvalidOperationException exception)
        {
            // A name with half of a surrogate pair is found only when names are compared.
            throw new FeedException("The JSON feed has a name that is no text: ask its publisher to repair it.", exception);
        }
    }

    private static RawFeed ReadXml(string text, Uri? address)
    {
        if (WebPage().IsMatch(text.AsSpan(0, Math.Min(text.Length, 4_000))))
        {
            throw NotAFeedButAPage(text, address);
        }

        try
        {
            var root = FeedXml.Load(text);
            return FeedXml.Read(root, address)
                ?? throw new FeedException($"This is XML of another kind (<{PlainText.Cut(root.Name.LocalName, 50)}>), neither RSS nor Atom. Check the address.");
        }
        catch (XmlException exception)
        {
            throw new FeedException(
                $"The feed is not well-formed XML (line {exception.LineNumber}, position {exception.LinePosition}): it may have been cut off. Try again, or ask its publisher to repair it.",
                exception);
        }
    }

    private static FeedException NotAFeedButAPage(string page, Uri? address)
    {
        // Feeds are named in the head.
        var named = EntryHtml.FeedsOf(page[..Math.Min(page.Length, 200_000)]).FirstOrDefault();
        var feed = WebAddress.Resolve(address, named);
        return (feed?.AbsoluteUri ?? named) is { Length: > 0 and <= 2_000 } shown
            ? new FeedException($"This is a web page, not a feed. It names its feed as {shown}: use that address.") { FeedAddress = feed }
            : new FeedException("This is a web page, not a feed. Look on it for its RSS or Atom address, and use that.");
    }

    private static Feed Refine(RawFeed raw, Uri? baseAddress, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        var entries = new Dictionary<string, FeedEntry>();
        var order = new List<FeedEntry>();
        int repeated = 0, empty = 0;
        foreach (var rawEntry in Newest(raw.Entries, notes))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (rawEntry.Title.IsBlank && rawEntry.Content.IsBlank && rawEntry.Summary.IsBlank && rawEntry.Link is null)
            {
                empty++;
                continue;
            }

            var key = KeyOf(rawEntry);
            if (entries.ContainsKey(key))
            {
                repeated++;
                continue;
            }

            var entry = Refine(rawEntry, key, notes);
            entries.Add(key, entry);
            order.Add(entry);
        }

        Say(notes, repeated, "repeated the id of an earlier one and", "left out");
        Say(notes, empty, "had neither title, text nor link and", "left out");
        var link = raw.Link;
        var title = PlainText.Cut(PlainText.Title(raw.Title.Value, isHtml: true), MaxTitle);
        return new Feed
        {
            Title = title.Length > 0 ? title : (link ?? baseAddress)?.Host ?? "Untitled feed",
            Link = link,
            Entries = order,
            Notes = notes,
        };
    }

    private static IEnumerable<RawEntry> Newest(IReadOnlyList<RawEntry> entries, List<string> notes)
    {
        if (entries.Count <= MaxEntries)
        {
            return entries;
        }

        notes.Add(Invariant($"The feed has {entries.Count:N0} entries; the newest {MaxEntries:N0} were read."));
        return entries.Select((entry, place) => (entry, place))
            .OrderByDescending(e => e.entry.Published ?? e.entry.Updated ?? DateTimeOffset.MaxValue)
            .Take(MaxEntries)
            .OrderBy(e => e.place)
            .Select(e => e.entry);
    }

    /// <summary>From what was published, not from what is made of it, so that it outlives a change of the cleaning.</summary>
    private static string KeyOf(RawEntry entry)
    {
        var key = PlainText.OneLine(entry.Id) is { Length: > 0 } id ? id : entry.Link?.AbsoluteUri;
        return key switch
        {
            null => "sha256:" + FeedEntry.Hash(PlainText.OneLine(entry.Title.Value), PlainText.OneLine(entry.Content.IsBlank ? entry.Summary.Value : entry.Content.Value)),
            { Length: > MaxKey } => "sha256:" + FeedEntry.Hash(key),
            _ => key,
        };
    }

    private static FeedEntry Refine(RawEntry raw, string key, List<string> notes)
    {
        var body = Clean(raw.Content.IsBlank ? raw.Summary : raw.Content, raw.Base, out var problem);
        var summary = raw.Content.IsBlank || raw.Summary.IsBlank ? "" : Clean(raw.Summary, raw.Base, out _).Text;
        var title = PlainText.Cut(PlainText.Title(raw.Title.Value, raw.Title.IsHtml), MaxTitle);
        title = title.Length > 0 ? title
            : body.Text.Length > 0 ? PlainText.Cut(body.Text, MaxFirstWords)
            : PlainText.Cut(raw.Link?.AbsoluteUri ?? "Untitled", MaxTitle);
        if (problem is not null)
        {
            notes.Add($"“{PlainText.Cut(title, MaxFirstWords)}” {problem}.");
        }

        return new FeedEntry
        {
            Key = key,
            Title = title,
            Link = raw.Link,
            Html = body.Html,
            Summary = summary.Length > 0 ? PlainText.Cut(summary, MaxSummary) : null,
            Published = raw.Published,
            Updated = raw.Updated,
            Tags =
            [
                .. raw.Tags.Select(tag => PlainText.Cut(PlainText.Title(tag, isHtml: true), MaxTag))
                    .Where(tag => tag.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).Take(MaxTags),
            ],
        };
    }

    private static EntryHtml Clean(RawText text, Uri? baseAddress, out string? problem)
    {
        problem = null;
        if (text.IsBlank)
        {
            return new EntryHtml("", "");
        }

        var html = text.Value!;
        if (html.Length > MaxBody)
        {
            problem = Invariant($"is longer than {MaxBody:N0} characters and was cut");
            // Cleaning adds a little: closing tags, escapes.
            html = html[..(MaxBody / 10 * 9)];
            html = html.LastIndexOf('<') is var open && open > html.LastIndexOf('>') ? html[..open] : html;
        }

        if (EntryHtml.Clean(text.IsHtml ? html : PlainText.ToHtml(html), baseAddress) is not { } clean)
        {
            problem = "has too much markup to be read, or too deeply nested: its text was left out";
            return new EntryHtml("", "");
        }

        if (clean.Html.Length > MaxBody)
        {
            // Many short relative addresses, each made long. Such a text is not worth its markup.
            problem = Invariant($"is longer than {MaxBody:N0} characters and was cut");
            clean = clean with { Html = PlainText.ToHtml(PlainText.Cut(clean.Text, MaxBody / 10)) };
        }

        return clean;
    }

    private static void Say(List<string> notes, int count, string what, string done)
    {
        if (count > 0)
        {
            notes.Add(Invariant($"{count:N0} {(count == 1 ? "entry" : "entries")} {what} {(count == 1 ? "was" : "were")} {done}."));
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static readonly char[] Blank = [' ', '\t', '\r', '\n', '\0', '\uFEFF'];

    [GeneratedRegex(@"\A(\s|<!--[\s\S]*?-->|<\?[^>]*>)*<(!doctype\s+html|html|head|body)\b", RegexOptions.IgnoreCase)]
    private static partial Regex WebPage();
}
