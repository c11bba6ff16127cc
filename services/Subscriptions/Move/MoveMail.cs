using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Links;
using Alerts.Subscriptions.Subscribers;
using Microsoft.Extensions.Options;

namespace Alerts.Subscriptions.Move;

/// <summary>The two mails that ask whether a reader is to be written to elsewhere: one to the address she has, one to the address she wants.</summary>
public sealed class MoveMail(SubscriptionsDb db, MailTemplates templates, LinkTokens tokens, IOptions<AlertsOptions> options)
{
    /// <summary>Queues both mails for the move of this reader. Saved by the caller, with the wish.</summary>
    public async Task QueueAsync(Subscriber subscriber, long revision, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        var move = subscriber.Move ?? throw new ArgumentException("She doesn't move.", nameof(subscriber));

        foreach (var old in new[] { true, false })
        {
            var link = options.Value.Link(MoveLink.Path(tokens, subscriber.Id, old, move.AskedAt));

            // The mail to the old address doesn't name the new one: whoever reads along there needn't learn it.
            var body = await templates.RenderAsync(typeof(MoveMail).Assembly, old ? "move-old" : "move-new", new { Link = link }, cancellationToken);
            var cause = $"move/{subscriber.Id}/{move.AskedAt.UtcTicks}/{(old ? "old" : "new")}";
            var mailing = OutgoingMailing.Prepare(
                db,
                new MailingPrepared
                {
                    MailingId = MailingId.Of(cause),
                    Cause = cause,
                    Kind = MailingKind.Confirmation,
                    Priority = MailingPriority.Normal,
                    Lists = [],
                    Subject = old ? "May we write to you elsewhere?" : "Please confirm your new address",
                    Html = body.Html,
                    Text = body.Text,
                    PreparedAt = now,
                    ReleasedAt = now,
                    ExpiresAt = now + AddressMove.Lapse,
                },
                revision,
                fansOut: false);
            mailing.AddBatch(
                db, [new Recipient { SubscriberId = subscriber.Id, Name = subscriber.Name, Address = old ? null : move.Address }], new Dictionary<string, long>(), now);
            await mailing.SealAsync(db, now, cancellationToken);
        }
    }
}
