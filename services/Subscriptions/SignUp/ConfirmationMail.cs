using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Mailings.Layout;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.SignUp;

/// <summary>
/// The mail that asks whether the reader herself wants what was asked for at her address (double opt-in). Transactional: no lists, and it lapses after a week.
/// </summary>
public sealed class ConfirmationMail(SubscriptionsDb db, MailTemplates templates)
{
    /// <summary>Nobody remembers a sign-up for longer.</summary>
    public static readonly TimeSpan Lapse = TimeSpan.FromDays(7);

    /// <summary>Queues the mail for what waits at this reader. Saved by the caller, with the sign-up.</summary>
    public Task QueueAsync(Subscriber subscriber, long revision, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscriber);

        var recipient = new Recipient { SubscriberId = subscriber.Id, Name = subscriber.Name };
        return QueueAsync($"confirm/{subscriber.Id}/{subscriber.TimesAsked}", MailingPriority.Normal, null, subscriber.Pending, [recipient], revision, now, cancellationToken);
    }

    /// <summary>Queues one mailing for many readers who all wait for the same (an import).</summary>
    internal async Task QueueAsync(
        string cause, string priority, Guid? group, IReadOnlyCollection<Wanted> wanted, IReadOnlyCollection<Recipient> recipients, long revision, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var slugs = wanted.Select(w => w.List).ToList();
        var names = await db.Lists.Where(l => slugs.Contains(l.Slug)).ToDictionaryAsync(l => l.Slug, l => l.Name, cancellationToken);
        var lists = wanted
            .OrderBy(w => w.List, StringComparer.Ordinal)
            .Select(w => new { Name = names.GetValueOrDefault(w.List, w.List), Frequency = w.Frequency.Label() });
        var body = await templates.RenderAsync(typeof(ConfirmationMail).Assembly, "confirmation", new { Lists = lists }, cancellationToken);
        var mailing = OutgoingMailing.Prepare(
            db,
            new MailingPrepared
            {
                MailingId = MailingId.Of(cause),
                Cause = cause,
                Kind = MailingKind.Confirmation,
                Priority = priority,
                Lists = [],
                Subject = "Please confirm your subscription",
                Html = body.Html,
                Text = body.Text,
                PreparedAt = now,
                ReleasedAt = now,
                GroupId = group,
                ExpiresAt = now + Lapse,
            },
            revision,
            fansOut: false);
        foreach (var batch in recipients.Chunk(OutgoingMailing.PageSize))
        {
            mailing.AddBatch(db, batch, new Dictionary<string, long>(), now);
        }

        await mailing.SealAsync(db, now, cancellationToken);
    }
}
