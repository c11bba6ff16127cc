using Alerts.Contracts;
using Alerts.Mailings;

namespace Alerts.Tests.Unit.Delivery;

/// <summary>The messages of a mailing, as its maker would send them.</summary>
internal static class Messages
{
    public static readonly DateTimeOffset Then = new(2026, 11, 23, 20, 0, 0, TimeSpan.Zero);

    public static MailingPrepared Prepared(string cause, string priority = MailingPriority.Normal, params string[] lists) => new()
    {
        MailingId = MailingId.Of(cause),
        Cause = cause,
        Kind = MailingKind.Post,
        Priority = priority,
        Lists = lists.Length == 0 ? ["news"] : lists,
        Subject = "Grüße aus dem Büro",
        Html = $"<html><body><p>Dear {Hole.Name},</p><p>Café — 日本. {new string('x', 300)}</p><p><a href=\"{Hole.UnsubscribeUrl}\">Leave</a> <a href=\"{Hole.PreferencesUrl}\">Choose</a></p></body></html>",
        Text = $"Dear {Hole.Name},\n\n. a dot alone\n.\n{new string('y', 300)}\n\nLeave: {Hole.UnsubscribeUrl}\nChoose: {Hole.PreferencesUrl}\n",
        PreparedAt = Then,
        ReleasedAt = Then,
    };

    public static RecipientsAdded Batch(string cause, int number, params Guid[] readers) => new()
    {
        MailingId = MailingId.Of(cause),
        Batch = number,
        Recipients = [.. readers.Select(r => new Recipient { SubscriberId = r, Name = "Ada" })],
    };

    public static MailingSealed Sealed(string cause, params RecipientsAdded[] batches) => new()
    {
        MailingId = MailingId.Of(cause),
        Batches = batches.Length,
        Recipients = batches.Sum(b => b.Recipients.Count),
        Candidates = batches.Sum(b => b.Recipients.Count) + 3,
        Excluded = new Dictionary<string, long> { [Exclusion.Paused] = 3 },
    };

    public static MailingCancelled Cancelled(string cause) => new() { MailingId = MailingId.Of(cause), By = "editor", Why = "A mistake", CancelledAt = Then };

    public static Guid[] Readers(int count) => [.. Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7())];

    /// <summary>A whole mailing to so many readers.</summary>
    public static object[] Mailing(string cause, int readers, string priority = MailingPriority.Normal, int batchSize = 500)
    {
        var batches = Readers(readers).Chunk(batchSize).Select((part, index) => Batch(cause, index + 1, part)).ToArray();
        return [Prepared(cause, priority), .. batches, Sealed(cause, batches)];
    }
}
