using Alerts.Contracts;
using Alerts.Digests.Cuts;
using Alerts.Digests.Editions;
using Alerts.Digests.Posts;
using Alerts.Mailings;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Backlogs;

/// <summary>Prepares the one digest of a backlog, for the readers who had its lists immediately; the fan-out finds them.</summary>
public sealed class BacklogDigest(EditionMail mail)
{
    /// <summary>Only within <see cref="Filing.BeginFilingAsync"/>, with what was filed saved: of two last posts at once, the second sees the first.</summary>
    public async Task PrepareIfCompleteAsync(DigestsDb db, Backlog backlog, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(backlog);

        var filed = db.Posts.Where(p => p.BacklogId == backlog.Id && p.Seq != null);
        if (backlog.CompleteAt is not null || await filed.CountAsync(cancellationToken) < backlog.Posts)
        {
            return;
        }

        backlog.CompleteAt = now;
        var posts = await filed.Where(p => !p.Withdrawn).ToListAsync(cancellationToken);
        if (posts.Count == 0)
        {
            return;
        }

        var cause = $"backlog/{backlog.Id}";
        var known = await mail.KnownAsync(posts.SelectMany(p => p.Lists), cancellationToken);
        var prepared = await mail.ComposeAsync(EditionContent.Of(posts), new EditionOrigin(cause, backlog.Id, MailingPriority.Normal, backlog.Title), known, now, cancellationToken);
        OutgoingMailing.Prepare(db, prepared, backlog.Revision, fansOut: true, Frequency.Immediate);
        db.Editions.Add(new Edition { Id = prepared.MailingId, CutId = backlog.Id, Subject = prepared.Subject, Title = backlog.Title, Posts = [.. posts.Select(p => p.PostId)], Introductions = [], CutAt = now });
        db.Cuts.Add(Cut.OfBacklog(backlog.Id, posts.Max(p => p.Seq!.Value), now));
    }
}
