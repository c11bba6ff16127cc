using System.Globalization;
using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults.Web;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Alerts.Subscriptions.SignUp;

/// <summary>
/// The mail that asks whether the reader herself wants what was asked for at her address (double opt-in). Transactional: no lists, and it lapses after a week.
/// </summary>
public sealed class ConfirmationMail(SubscriptionsDb db, MailTemplates templates, IStringLocalizer<Reader> text)
{
    /// <summary>Nobody remembers a sign-up for longer.</summary>
    public static readonly TimeSpan Lapse = TimeSpan.FromDays(7);

    /// <summary>Queues the mail for what waits at this reader. Saved by the caller, with the sign-up.</summary>
    public Task QueueAsync(Subscriber subscriber, long revision, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscriber);

        var recipient = new Recipient { SubscriberId = subscriber.Id, Name = subscriber.Name };
        return QueueAsync($"confirm/{subscriber.Id}/{subscriber.TimesAsked}", MailingPriority.Normal, null, subscriber.Language, subscriber.Pending, [recipient], revision, now, cancellationToken);
    }

    /// <summary>Queues one mailing for many readers who all wait for the same (an import).</summary>
    internal async Task QueueAsync(
        string cause, string priority, Guid? group, string language, IReadOnlyCollection<Wanted> wanted, IReadOnlyCollection<Recipient> recipients, long revision, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        // Of this mail alone: it ends with this method.
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(Languages.Of(language));
        var slugs = wanted.Select(w => w.List).ToList();
        var names = await db.Lists.Where(l => slugs.Contains(l.Slug)).ToDictionaryAsync(l => l.Slug, l => l.Name, cancellationToken);
        var lists = wanted
            .OrderBy(w => w.List, StringComparer.Ordinal)
            .Select(w => new { Name = names.GetValueOrDefault(w.List, w.List), Frequency = text[w.Frequency.Label()].Value });
        var body = await templates.RenderAsync(typeof(ConfirmationMail).Assembly, "confirmation", new
        {
            Lists = lists,
            Lang = Languages.Current,
            Dir = Languages.Direction(Languages.Current),
            WordsDir = Languages.Direction(Languages.Current),
            Title = text["Please confirm your subscription"].Value,
            Preheader = text["One click, and it begins. If this was not you, do nothing."].Value,
            Why = text["You get this mail because somebody, probably you, gave this address. Without your confirmation nothing more is sent to it."].Value,
            Asked = text["Somebody, probably you, asked for these at this address:"].Value,
            Confirm = text["Confirm"].Value,
            ConfirmHere = text["Confirm here:"].Value,
            Otherwise = text["If it wasn't you, do nothing: you hear no more from us."].Value,
        }, cancellationToken);
        var mailing = OutgoingMailing.Prepare(
            db,
            new MailingPrepared
            {
                MailingId = MailingId.Of(cause),
                Cause = cause,
                Kind = MailingKind.Confirmation,
                Priority = priority,
                Lists = [],
                Subject = text["Please confirm your subscription"],
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
