using Alerts.Publishing.Posts;
using Microsoft.Extensions.Caching.Memory;

namespace Alerts.Publishing.Editor;

/// <summary>The mails as editors were last shown them, at most twenty, for ten seconds each: the composer's frame asks for the mail of the text that has just been kept, and need not wait for it to be made again.</summary>
internal sealed class ShownMails : IDisposable
{
    private const int Most = 20;

    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);

    private readonly MemoryCache mails = new(new MemoryCacheOptions { SizeLimit = Most });

    public void Remember(Guid postId, string editor, PostText text, PreviewedMail mail) =>
        mails.Set((postId, editor), (Text: text, Mail: mail), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Kept });

    /// <summary>Null: she was shown none of that very text lately.</summary>
    public PreviewedMail? Find(Guid postId, string editor, PostText text) =>
        mails.TryGetValue((postId, editor), out (PostText Text, PreviewedMail Mail) shown) && shown.Text.Says(text) ? shown.Mail : null;

    public void Dispose() => mails.Dispose();
}
