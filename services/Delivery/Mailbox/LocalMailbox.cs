using System.Globalization;
using Alerts.Delivery.Sending;
using Alerts.ServiceDefaults;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Alerts.Delivery.Mailbox;

/// <summary>
/// Where mail goes while no relay is configured: a file for each delivery in <c>{Data}/mailbox</c>, named by it, so that a repeat takes the place of the first and
/// nothing doubles. The newest <see cref="Kept"/> are kept.
/// </summary>
internal sealed class LocalMailbox(IOptions<AlertsOptions> alerts)
{
    public const int Kept = 100_000;

    private readonly DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(alerts.Value.Data, "mailbox"));

    /// <summary>Stores a mail; it is there whole or not at all.</summary>
    public void Write(Guid mailingId, Guid subscriberId, ReadOnlySpan<byte> mail)
    {
        var path = PathOf($"{mailingId:N}-{subscriberId:N}");
        var unfinished = path + ".part";
        File.WriteAllBytes(unfinished, mail);

        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>How many mails there are.</summary>
    public int Count() => folder.EnumerateFiles("*.eml").Count();

    /// <summary>The newest mails, without their bodies.</summary>
    /// <param name="skip">How many newer ones to leave out.</param>
    /// <param name="take">At most 200.</param>
    public async Task<IReadOnlyList<MailSummary>> NewestAsync(int skip, int take, CancellationToken cancellationToken)
    {
        var mails = new List<MailSummary>();
        foreach (var file in folder.EnumerateFiles("*.eml").OrderByDescending(f => f.LastWriteTimeUtc).ThenByDescending(f => f.Name, StringComparer.Ordinal).Skip(skip).Take(Math.Min(take, 200)))
        {
            try
            {
                await using var stream = file.OpenRead();
                var headers = await new MimeParser(stream).ParseHeadersAsync(cancellationToken);
                mails.Add(new MailSummary(Path.GetFileNameWithoutExtension(file.Name), headers[HeaderId.To] ?? "", headers[HeaderId.Subject] ?? "", new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero)));
            }
            catch (IOException)
            {
                // Removed meanwhile.
            }
        }

        return mails;
    }

    /// <summary>A mail's file, or null when there is none of this id.</summary>
    public FileInfo? Find(string id) =>
        id.Split('-') is [var mailing, var subscriber] && Guid.TryParseExact(mailing, "N", out var m) && Guid.TryParseExact(subscriber, "N", out var s)
        && new FileInfo(PathOf(string.Create(CultureInfo.InvariantCulture, $"{m:N}-{s:N}"))) is { Exists: true } file
            ? file
            : null;

    /// <summary>Removes the oldest mails beyond <see cref="Kept"/>.</summary>
    public void Trim()
    {
        foreach (var file in folder.EnumerateFiles("*.eml").OrderByDescending(f => f.LastWriteTimeUtc).Skip(Kept).ToList())
        {
            file.Delete();
        }
    }

    private string PathOf(string id) => Path.Combine(folder.FullName, id + ".eml");
}

/// <summary>A line in the list of mails.</summary>
public sealed record MailSummary(string Id, string To, string Subject, DateTimeOffset At);

/// <summary>Hands mail to the local mailbox.</summary>
internal sealed class MailboxSender(LocalMailbox mailbox) : MailSender
{
    public override bool IsConnected => true;

    public override void Connect(CancellationToken cancellationToken)
    {
    }

    public override Reply Send(Envelope envelope, ReadOnlySpan<byte> mail, Action begin)
    {
        begin();
        try
        {
            mailbox.Write(envelope.Batch.MailingId, envelope.SubscriberId, mail);
            return new Reply(ReplyKind.Accepted, "250 In the local mailbox");
        }
        catch (IOException exception)
        {
            return new Reply(ReplyKind.Deferred, $"452 {exception.Message}");
        }
    }
}
