using System.Globalization;
using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Links;
using Alerts.ServiceDefaults.Web;
using Alerts.Subscriptions.Subscribers;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace Alerts.Subscriptions.Move;

/// <summary>The two mails that ask whether a reader is to be written to elsewhere: one to the address she has, one to the address she wants.</summary>
public sealed class MoveMail(SubscriptionsDb db, MailTemplates templates, LinkTokens tokens, IOptions<AlertsOptions> options, IStringLocalizer<Reader> text)
{
    /// <summary>Queues both mails for the move of this reader. Saved by the caller, with the wish.</summary>
    public async Task QueueAsync(Subscriber subscriber, long revision, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        var move = subscriber.Move ?? throw new ArgumentException("She doesn't move.", nameof(subscriber));

        // Of these mails alone: it ends with this method.
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(Languages.Of(subscriber.Language));
        foreach (var old in new[] { true, false })
        {
            var link = options.Value.Link(MoveLink.Path(tokens, subscriber.Id, old, move.AskedAt));

            // The mail to the old address doesn't name the new one: whoever reads along there needn't learn it.
            var body = await templates.RenderAsync(typeof(MoveMail).Assembly, "move", Words(old, link), cancellationToken);
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
                    Subject = old ? text["May we write to you elsewhere?"] : text["Please confirm your new address"],
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

    private object Words(bool old, string link) => new
    {
        Link = link,
        Lang = Languages.Current,
        Dir = Languages.Direction(Languages.Current),
        WordsDir = Languages.Direction(Languages.Current),
        Title = (old ? text["May we write to you elsewhere?"] : text["Please confirm your new address"]).Value,
        Preheader = (old
            ? text["Somebody, probably you, wants our mails at another address."]
            : text["One click here, and one in the mail at your old address."]).Value,
        Why = (old
            ? text["You get this mail because somebody with the link to your preferences asked to change your address. Without your yes nothing changes."]
            : text["You get this mail because a reader of ours, probably you, gave this address as her new one. Without your confirmation nothing more is sent to it."]).Value,
        Asked = (old
            ? text["Somebody, probably you, asked us to send your mails to another address from now on. We have written there too: the change needs a yes from both."]
            : text["A reader of ours, probably you, wants to get her mails here from now on. We have written to the old address too: the change needs a yes from both."]).Value,
        Yes = (old ? text["Yes, write to me there"] : text["Yes, this is my address"]).Value,
        Otherwise = (old
            ? text["If it wasn't you, do nothing: your mails go on coming here. The link holds for two days."]
            : text["If it wasn't you, do nothing: you hear no more from us. The link holds for two days."]).Value,
    };
}
