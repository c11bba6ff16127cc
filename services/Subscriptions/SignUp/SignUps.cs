using Alerts.Subscriptions.Audience;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.Subscribers;
using Microsoft.Extensions.Options;

namespace Alerts.Subscriptions.SignUp;

/// <summary>A wish for lists, brought by the page or the API: noted, and a mail asks the owner of the address.</summary>
public sealed class SignUps(SubscriptionsDb db, ConfirmationMail mail, IOptions<ReadingDefaults> defaults, TimeProvider clock)
{
    /// <summary>
    /// Notes the wish and queues the confirmation mail, whether or not the address is known: the answer must tell nobody. What a reader holds stays as it is until she
    /// confirms.
    /// </summary>
    public async Task WishAsync(EmailAddress address, SubscriberDetails details, IReadOnlyCollection<Wanted> wanted, CancellationToken cancellationToken)
    {
        await using var change = await AudienceChange.BeginAsync(db, clock, ConsentSource.SignUp, cancellationToken);
        var subscriber = await change.FindAsync(address, cancellationToken);
        if (subscriber is null)
        {
            subscriber = Subscriber.New(address, details, defaults.Value, change.At);
            db.Subscribers.Add(subscriber);
        }

        if (subscriber.Want(wanted, change))
        {
            await mail.QueueAsync(subscriber, change.Revision, change.At, cancellationToken);
        }

        await change.CommitAsync(cancellationToken);
    }

    /// <summary>Adds a reader, in somebody else's name. Confirmed: she holds the lists at once. When the address is known nothing changes, and the id is that of its reader.</summary>
    public async Task<(Subscriber? Added, Guid Id)> AddAsync(
        EmailAddress address, SubscriberDetails details, IReadOnlyCollection<Wanted> wanted, bool confirmed, ConsentSource source, CancellationToken cancellationToken)
    {
        await using var change = await AudienceChange.BeginAsync(db, clock, source, cancellationToken);
        if (await change.FindAsync(address, cancellationToken) is { } known)
        {
            return (null, known.Id);
        }

        var subscriber = Subscriber.New(address, details, defaults.Value, change.At);
        db.Subscribers.Add(subscriber);
        if (confirmed)
        {
            subscriber.ConfirmOnly(wanted, change);
        }
        else
        {
            subscriber.Want(wanted, change);
            await mail.QueueAsync(subscriber, change.Revision, change.At, cancellationToken);
        }

        await change.CommitAsync(cancellationToken);
        return (subscriber, subscriber.Id);
    }
}
