using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Told;
using Alerts.Mailings;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Mailings;

/// <summary>
/// Sends what ended badly again: a new mailing, caused by the old one, to exactly those recipients whose mail ended in a given state; closed books stay closed. Who has
/// been sent it again before and has it (or waits for it) isn't among them.
/// </summary>
public static class Resend
{
    /// <summary>The states whose recipients may be sent it again.</summary>
    public static IReadOnlyList<string> States { get; } = [.. Enum.GetValues<DeliveryState>().Where(s => s.MayBeSentAgain()).Select(s => s.Word())];

    /// <summary>Makes the new mailing.</summary>
    /// <param name="state">One of <see cref="States"/>.</param>
    public static async Task<ResendResult> MakeAsync(DeliveryDb db, Guid mailingId, string state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);

        if (!Enum.TryParse<DeliveryState>(state, ignoreCase: true, out var ended) || !ended.MayBeSentAgain())
        {
            return ResendResult.No($"The state is one of {string.Join(", ", States)}.");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!await db.Mailings.AnyAsync(m => m.Id == mailingId, cancellationToken))
        {
            return ResendResult.No("There is no such mailing.");
        }

        var old = await Mailing.LockAsync(db, mailingId, now, exclusive: true, cancellationToken);
        var content = await db.Contents.AsNoTracking().FirstOrDefaultAsync(c => c.MailingId == mailingId, cancellationToken);
        if (content is null)
        {
            return ResendResult.No("Its content isn't there (any more).");
        }

        if (old.ExpiresAt <= now)
        {
            return ResendResult.No($"It lost its point at {old.ExpiresAt:u}, and is not sent after that.");
        }

        if (await Tellings.OutdatedAsync(db, mailingId, cancellationToken))
        {
            return ResendResult.No("The event has been changed or cancelled since, and its readers were told.");
        }

        var resends = await db.Mailings.CountAsync(m => m.Cause.StartsWith($"resend/{mailingId}/"), cancellationToken);
        var cause = $"resend/{mailingId}/{resends + 1}";
        var id = MailingId.Of(cause);
        await CopyRowsAsync(db, mailingId, ended, id, now, cancellationToken);
        var batches = await db.Rows.Where(r => r.MailingId == id).GroupBy(r => r.Batch).Select(g => new { Number = g.Key, Recipients = g.Count() }).ToListAsync(cancellationToken);
        if (batches.Count == 0)
        {
            return ResendResult.No($"Nobody's mail ended as {ended.Word()}, or all of them have been sent it again.");
        }

        var mailing = new Mailing { Id = id, HeardAt = now };
        var prepared = Prepared(old, content, id, cause, now);
        mailing.Prepare(prepared);
        mailing.Seal(Totals(id, batches.Count, batches.Sum(b => b.Recipients)), now);
        db.Mailings.Add(mailing);
        db.Contents.Add(MailingContent.Of(prepared));
        await Tellings.CopyAsync(db, mailingId, id, cancellationToken);
        db.Batches.AddRange(batches.Select(b => LedgerBatch.Of(id, b.Number, b.Recipients, mailing.Lane, now)));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ResendResult(id, mailing.SealedRecipients, null);
    }

    private static Task<int> CopyRowsAsync(DeliveryDb db, Guid from, DeliveryState state, Guid to, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = $"resend/{from}/%";
        var (queued, bounced, suppressed, expired, cancelled) =
            ((short)DeliveryState.Queued, (short)DeliveryState.Bounced, (short)DeliveryState.Suppressed, (short)DeliveryState.Expired, (short)DeliveryState.Cancelled);
        var copy = db.Database.IsNpgsql()
            ? (FormattableString)$"""
               INSERT INTO delivery."Deliveries" ("MailingId", "SubscriberId", "Batch", "State", "Attempts", "Uncertain", "Name", "Address", "Attends", "UpdatedAt")
               SELECT {to}, d."SubscriberId", d."Batch", {queued}, 0, FALSE, d."Name", d."Address", d."Attends", {now.UtcDateTime} FROM delivery."Deliveries" d
               WHERE d."MailingId" = {from} AND d."State" = {(short)state} AND NOT EXISTS (
                   SELECT 1 FROM delivery."Mailings" m JOIN delivery."Deliveries" again ON again."MailingId" = m."Id" AND again."SubscriberId" = d."SubscriberId"
                   WHERE m."Cause" LIKE {before} AND again."State" NOT IN ({bounced}, {suppressed}, {expired}, {cancelled}))
               """
            : $"""
               INSERT INTO "Deliveries" ("MailingId", "SubscriberId", "Batch", "State", "Attempts", "Uncertain", "Name", "Address", "Attends", "UpdatedAt")
               SELECT {to}, d."SubscriberId", d."Batch", {queued}, 0, FALSE, d."Name", d."Address", d."Attends", {now.UtcDateTime} FROM "Deliveries" d
               WHERE d."MailingId" = {from} AND d."State" = {(short)state} AND NOT EXISTS (
                   SELECT 1 FROM "Mailings" m JOIN "Deliveries" again ON again."MailingId" = m."Id" AND again."SubscriberId" = d."SubscriberId"
                   WHERE m."Cause" LIKE {before} AND again."State" NOT IN ({bounced}, {suppressed}, {expired}, {cancelled}))
               """;
        return db.Database.ExecuteSqlAsync(copy, cancellationToken);
    }

    internal static MailingPrepared Prepared(Mailing old, MailingContent content, Guid id, string cause, DateTimeOffset now) => new()
    {
        MailingId = id,
        Cause = cause,
        Kind = old.Kind,
        Priority = (old.Lane ?? Lane.Normal).Word(),
        Lists = old.Lists,
        Subject = old.Subject,
        SenderName = old.SenderName,
        Html = content.Html,
        Text = content.Text,
        Calendar = content.Calendar,
        AttendeeCalendar = content.AttendeeCalendar,
        PreparedAt = now,
        GroupId = old.GroupId,
        ExpiresAt = old.ExpiresAt,
    };

    private static MailingSealed Totals(Guid id, int batches, long recipients) =>
        new() { MailingId = id, Batches = batches, Recipients = recipients, Candidates = recipients, Excluded = new Dictionary<string, long>() };
}

/// <summary>The mailing that was made, or why none was.</summary>
public sealed record ResendResult(Guid? MailingId, long Recipients, string? Problem)
{
    internal static ResendResult No(string problem) => new(null, 0, problem);
}
