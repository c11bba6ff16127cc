using Alerts.Publishing.Posts;
using Microsoft.Extensions.Caching.Memory;

namespace Alerts.Publishing.Editor;

/// <summary>
/// The mails as editors were last shown them, as HTML, for ten seconds each and some megabytes together: the composer's frame asks for the mail of the text that has just been
/// kept, and need not wait for it to be made again. One that isn't here is made anew.
/// </summary>
internal sealed class ShownMails : IDisposable
{
    /// <summary>Of all texts and mails together, in characters.</summary>
    private const int Most = 4_000_000;

    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);

    private readonly MemoryCache mails = new(new MemoryCacheOptions { SizeLimit = Most });

    public void Remember(Guid postId, string editor, PostText text, string html) =>
        mails.Set((postId, editor), (Text: text, Html: html), new MemoryCacheEntryOptions { Size = text.Body.Length + html.Length, AbsoluteExpirationRelativeToNow = Kept });

    /// <summary>Null: she was shown none of that very text lately.</summary>
    public string? Find(Guid postId, string editor, PostText text) =>
        mails.TryGetValue((postId, editor), out (PostText Text, string Html) shown) && shown.Text.Says(text) ? shown.Html : null;

    public void Dispose() => mails.Dispose();
}
