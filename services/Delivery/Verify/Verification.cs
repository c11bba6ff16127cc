using System.Runtime.CompilerServices;
using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Told;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using MailingPage = Alerts.Mailings.MailingPage;

namespace Alerts.Delivery.Verify;

/// <summary>
/// Recounts the books of mailings: what their makers recorded page by page, the totals they were sealed with, the ledger's batches and rows, the journals that nobody
/// holds, and the audience as of the revision at which it was asked. It only reads, may run while mails leave, and holds one page of anything at a time.
/// </summary>
/// <remarks>
/// Nothing here is read in one transaction, since the databases are several. So the order matters: the maker and its outbox first, the ledger next, the maker's pages
/// last. What was sealed and has left the outbox by then must be in the ledger, and what is in the ledger must be among the pages.
/// </remarks>
/// <param name="makers">The databases of the services that make mailings.</param>
/// <param name="journals">The folder of Delivery's journals.</param>
public sealed class Verification(DeliveryDb db, IReadOnlyList<MailingsDbContext> makers, IAudience audience, string journals, TimeProvider clock)
{
    private const int Page = 100;

    private Dictionary<Guid, JournalRecount>? journaled;

    /// <summary>All mailings, the newest first; then those that only their makers know.</summary>
    public async IAsyncEnumerable<Recount> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (heard, after) = (DateTimeOffset.MaxValue, Guid.Empty);
        while (true)
        {
            var page = await db.Mailings
                .Where(m => m.HeardAt < heard || (m.HeardAt == heard && m.Id < after))
                .OrderByDescending(m => m.HeardAt).ThenByDescending(m => m.Id)
                .Take(Page).Select(m => new { m.Id, m.HeardAt }).ToListAsync(cancellationToken);
            foreach (var mailing in page)
            {
                yield return await RecountAsync(mailing.Id, cancellationToken);
            }

            if (page.Count < Page)
            {
                break;
            }

            (heard, after) = (page[^1].HeardAt, page[^1].Id);
        }

        foreach (var maker in makers)
        {
            await foreach (var id in UnheardAsync(maker, cancellationToken))
            {
                yield return await RecountAsync(id, cancellationToken);
            }
        }
    }

    /// <summary>One mailing; null when neither Delivery nor a maker knows it.</summary>
    public async Task<Recount?> OneAsync(Guid id, CancellationToken cancellationToken)
    {
        var known = await db.Mailings.AnyAsync(m => m.Id == id, cancellationToken);
        foreach (var maker in makers)
        {
            known = known || await maker.Mailings.AnyAsync(m => m.Id == id, cancellationToken);
        }

        return known ? await RecountAsync(id, cancellationToken) : null;
    }

    private async Task<Recount> RecountAsync(Guid id, CancellationToken cancellationToken)
    {
        journaled ??= await JournalRecount.ReadAsync(db, journals, clock.GetUtcNow(), cancellationToken);
        var findings = new Findings();
        var made = await FindMakerAsync(id, cancellationToken);
        var mailing = await db.Mailings.AsNoTracking().FirstOrDefaultAsync(m => m.Id == id, cancellationToken);
        var complete = mailing?.CompletedAt is not null;
        var old = mailing?.CompletedAt < clock.GetUtcNow() - ForgetDeliveries.Kept;

        var (books, rows) = await CompareBatchesAsync(id, made, complete, old, findings, cancellationToken);
        if (mailing is not null)
        {
            await CheckTotalsAsync(mailing, books, findings, cancellationToken);
            await CheckToldAsync(mailing, findings, cancellationToken);
            findings.AddIf(
                made is null && !mailing.Cause.StartsWith("resend/", StringComparison.Ordinal) && !mailing.Cause.StartsWith("told/", StringComparison.Ordinal) && (mailing.PreparedAt is not null || books.Batches > 0),
                $"No service has made it: neither its content nor its readers are in any maker's records.");
        }

        if (made is not null)
        {
            await CheckMakerAsync(made, mailing, books, findings, cancellationToken);
            if (complete && made.Mailing is { FansOut: true, IsNotice: false, SealedAt: not null } && !old)
            {
                await CheckAudienceAsync(made, rows, findings, cancellationToken);
            }
        }

        var journal = journaled.GetValueOrDefault(id);
        findings.AddIf(journal?.Denied > 0, $"A relay accepted {journal?.Denied} mails, a journal says, which the ledger calls unsent.");
        findings.AddIf(complete && journal?.Unfolded > 0, $"It is completed, and {journal?.Unfolded} replies in a journal never reached the ledger.");
        var stage = !complete ? RecountStage.UnderWay : old && rows == 0 && books.Recipients > 0 ? RecountStage.Forgotten : RecountStage.Complete;
        return new Recount(id, mailing?.Subject ?? "", stage, books, journal?.Unfolded ?? 0, findings.All);
    }

    /// <summary>Walks the ledger's batches and the maker's pages together. Returns the books, and how many rows there are.</summary>
    private async Task<(Books Books, long Rows)> CompareBatchesAsync(Guid id, Made? made, bool complete, bool old, Findings findings, CancellationToken cancellationToken)
    {
        var (books, rows, lost) = (Books.Empty, 0L, made is { Mailing.SealedAt: not null, Underway: false } || complete);
        await using var batches = BatchRecount.OfAsync(db, id).GetAsyncEnumerator(cancellationToken);
        var batch = await batches.MoveNextAsync() ? batches.Current : null;

        // Asked for only now that the ledger has answered: each of its batches is among these pages.
        await foreach (var page in (made?.BatchesAsync() ?? AsyncEnumerable.Empty<MailingPage>()).WithCancellation(cancellationToken))
        {
            for (; batch is not null && batch.Batch.Number < page.Number; batch = await batches.MoveNextAsync() ? batches.Current : null)
            {
                Take(batch);
                findings.Add($"Batch {batch.Batch.Number} is in the ledger, and no page of {made!.Service} made it.");
            }

            if (batch?.Batch.Number == page.Number)
            {
                Take(batch);
                findings.AddIf(
                    batch.Batch.Recipients + batch.Batch.Twice != page.Recipients, $"Batch {page.Number}: {made!.Service} selected {page.Recipients} readers, the ledger has {batch.Batch.Recipients + batch.Batch.Twice}.");
                batch = await batches.MoveNextAsync() ? batches.Current : null;
            }
            else
            {
                findings.AddIf(lost, $"Batch {page.Number} of {page.Recipients} readers, selected by {made!.Service}, is neither in the ledger nor on its way.");
            }
        }

        for (; batch is not null; batch = await batches.MoveNextAsync() ? batches.Current : null)
        {
            Take(batch);
            findings.AddIf(made is not null && batch.Batch.Number <= ToldPage.FirstNumber, $"Batch {batch.Batch.Number} is in the ledger, and no page of {made?.Service} made it.");
        }

        return (books, rows);

        void Take(BatchRecount one)
        {
            one.Check(findings, rowsForgotten: old && one.Rows == 0);
            books = one.AddTo(books);
            rows += one.Rows;
        }
    }

    private async Task CheckTotalsAsync(Mailing mailing, Books books, Findings findings, CancellationToken cancellationToken)
    {
        var stray = await db.Rows.LongCountAsync(
            r => r.MailingId == mailing.Id && !db.Batches.Any(b => b.MailingId == r.MailingId && b.Number == r.Batch), cancellationToken);
        findings.AddIf(stray > 0, $"{stray} rows belong to no batch.");
        if (mailing.SealedAt is null)
        {
            return;
        }

        var excluded = mailing.Excluded.Values.Sum();
        findings.AddIf(
            mailing.Candidates != mailing.SealedRecipients + excluded,
            $"{mailing.Candidates} candidates aren't {mailing.SealedRecipients} recipients and {excluded} excluded.");
        var (batches, recipients) = (mailing.SealedBatches + mailing.ToldBatches, mailing.SealedRecipients - books.Twice + mailing.ToldRecipients);
        findings.AddIf(
            mailing.CompletedAt is not null && (books.Batches != batches || books.Recipients != recipients),
            $"It was sealed with {recipients} recipients in {batches} batches; the ledger has {books.Recipients} in {books.Batches}.");
        findings.AddIf(
            mailing.ToThoseTold is null && (books.Batches > batches || books.Recipients > recipients),
            $"The ledger has more ({books.Recipients} recipients in {books.Batches} batches) than it was sealed with ({recipients} in {batches}).");
        findings.AddIf(mailing is { CompletedAt: not null, ToThoseTold: not null, ToldSealedAt: null }, $"It is completed, and not all who were told are among its recipients.");
        findings.AddIf(mailing.CompletedAt is not null && books.Open > 0, $"It is completed, and {books.Open} deliveries are still open.");
    }

    /// <summary>The maker's own books, and what became of them on the way.</summary>
    private static async Task CheckMakerAsync(Made made, Mailing? mailing, Books books, Findings findings, CancellationToken cancellationToken)
    {
        var record = made.Mailing;
        if (record.SealedAt is null)
        {
            // Asked once more: it may have been closed, and its totals taken, since we looked.
            var open = await made.Db.Mailings.AnyAsync(m => m.Id == record.Id && m.SealedAt == null, cancellationToken);
            findings.AddIf(open && mailing?.SealedAt is not null, $"Its totals are in the ledger, and {made.Service} hasn't closed it.");
            return;
        }

        var (pages, batches, recipients, excluded) = (0, 0, 0L, 0L);
        await foreach (var page in made.PagesAsync().WithCancellation(cancellationToken))
        {
            pages++;
            batches += page.Recipients > 0 ? 1 : 0;
            recipients += page.Recipients;
            excluded += page.Excluded.Values.Sum();
        }

        findings.AddIf(
            (record.Pages, record.Batches, record.Recipients, record.Candidates) != (pages, batches, recipients, recipients + excluded),
            $"{made.Service} counted {record.Candidates} candidates and {record.Recipients} recipients in {record.Pages} pages; its {pages} pages have {recipients + excluded} and {recipients}.");
        if (mailing?.SealedAt is null)
        {
            findings.AddIf(!made.Underway, $"{made.Service} has closed it, and its totals are neither in the ledger nor on their way.");
            findings.AddIf(!made.Underway && mailing?.PreparedAt is null, $"{made.Service} has made it, and its content is neither in the ledger nor on its way.");
            return;
        }

        findings.AddIf(
            (mailing.SealedBatches, mailing.SealedRecipients, mailing.Candidates) != (record.Batches, record.Recipients, record.Candidates),
            $"{made.Service} closed it with {record.Candidates} candidates and {record.Recipients} recipients in {record.Batches} batches; the ledger was told {mailing.Candidates} and {mailing.SealedRecipients} in {mailing.SealedBatches}.");
    }

    /// <summary>Who should have been selected, asked again as of the same revision: as many as the maker counted, and all recipients among them.</summary>
    private async Task CheckAudienceAsync(Made made, long rows, Findings findings, CancellationToken cancellationToken)
    {
        var record = made.Mailing;
        var (candidates, selected, after) = (0L, 0L, Guid.Empty);
        while (true)
        {
            var page = await audience.PageAsync(record.Lists, record.Frequency, record.Revision, after, OutgoingMailing.PageSize, cancellationToken);
            candidates += page.Count;
            if (rows > 0 && page.Count > 0)
            {
                var ids = page.Select(c => c.SubscriberId).ToList();
                selected += await db.Rows.CountAsync(r => r.MailingId == record.Id && EF.Parameter(ids).Contains(r.SubscriberId), cancellationToken);
            }

            if (page.Count < OutgoingMailing.PageSize)
            {
                break;
            }

            after = page[^1].SubscriberId;
        }

        // A mailing that was called off is sealed with whoever was selected by then.
        findings.AddIf(
            record.CancelledAt is null ? candidates != record.Candidates : candidates < record.Candidates,
            $"The audience had {candidates} readers for it at revision {record.Revision}; {made.Service} counted {record.Candidates} candidates.");
        findings.AddIf(selected != rows, $"{rows - selected} of its {rows} recipients held none of its lists at revision {record.Revision}.");
    }

    private async Task<Made?> FindMakerAsync(Guid id, CancellationToken cancellationToken)
    {
        foreach (var maker in makers)
        {
            if (await maker.Mailings.AsNoTracking().FirstOrDefaultAsync(m => m.Id == id, cancellationToken) is { } mailing)
            {
                var underway = await maker.Outbox.AnyAsync(m => (m.Waiting & Services.Delivery) != Services.None && m.ParkedBecause == null, cancellationToken);
                return new Made(maker, mailing, underway);
            }
        }

        return null;
    }

    /// <summary>The batches that a mailing to those who were told made of the ledger itself are as it recorded them.</summary>
    private async Task CheckToldAsync(Mailing mailing, Findings findings, CancellationToken cancellationToken)
    {
        var pages = db.ToldPages.Where(p => p.MailingId == mailing.Id);
        var lost = await pages.CountAsync(
            p => p.Recipients > 0 && !db.Batches.Any(b => b.MailingId == p.MailingId && b.Number == p.Number && b.Recipients == p.Recipients), cancellationToken);
        findings.AddIf(lost > 0, $"{lost} batches of readers who were told aren't in the ledger as they were selected.");
        var stray = await db.Batches.CountAsync(
            b => b.MailingId == mailing.Id && b.Number > ToldPage.FirstNumber && !db.ToldPages.Any(p => p.MailingId == b.MailingId && p.Number == b.Number), cancellationToken);
        findings.AddIf(stray > 0, $"{stray} batches of readers who were told are in the ledger, and nothing says who told them.");
        var counted = await pages.GroupBy(_ => 1).Select(g => new { Pages = g.Count(), Candidates = g.Sum(p => (long)p.Candidates), Recipients = g.Sum(p => (long)p.Recipients) }).FirstOrDefaultAsync(cancellationToken);
        findings.AddIf(
            mailing.ToldSealedAt is not null && (mailing.ToldPages, mailing.ToldCandidates, mailing.ToldRecipients) != (counted?.Pages ?? 0, counted?.Candidates ?? 0, counted?.Recipients ?? 0),
            $"It counted {mailing.ToldRecipients} of {mailing.ToldCandidates} readers who were told, and its records have {counted?.Recipients ?? 0} of {counted?.Candidates ?? 0}.");
    }

    /// <summary>Mailings of a maker of which Delivery has heard nothing.</summary>
    private async IAsyncEnumerable<Guid> UnheardAsync(MailingsDbContext maker, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var after = Guid.Empty; ;)
        {
            var page = await maker.Mailings.Where(m => m.Id > after).OrderBy(m => m.Id).Take(Page).Select(m => m.Id).ToListAsync(cancellationToken);
            var heard = await db.Mailings.Where(m => EF.Parameter(page).Contains(m.Id)).Select(m => m.Id).ToListAsync(cancellationToken);
            foreach (var id in page.Except(heard))
            {
                yield return id;
            }

            if (page.Count < Page)
            {
                yield break;
            }

            after = page[^1];
        }
    }

    /// <summary>A mailing in its maker's records.</summary>
    /// <param name="Underway">The maker's outbox holds something for Delivery, of this mailing or another.</param>
    private sealed record Made(MailingsDbContext Db, OutgoingMailing Mailing, bool Underway)
    {
        public string Service => AlertsDbContext.Schema(Db.Service);

        public IAsyncEnumerable<MailingPage> PagesAsync() => Db.MailingPages.AsNoTracking().Where(p => p.MailingId == Mailing.Id).OrderBy(p => p.Number).AsAsyncEnumerable();

        /// <summary>The pages that became batches.</summary>
        public IAsyncEnumerable<MailingPage> BatchesAsync() =>
            Db.MailingPages.AsNoTracking().Where(p => p.MailingId == Mailing.Id && p.Recipients > 0).OrderBy(p => p.Number).AsAsyncEnumerable();
    }
}
