using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing.Editor;

/// <summary>Removes what was typed and neither saved nor touched for <see cref="KeptDays"/> days.</summary>
internal sealed class PurgeWorkingCopies(PublishingDb db, TimeProvider clock) : IJob
{
    public const int KeptDays = 60;

    public Task RunAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow().AddDays(-KeptDays);
        return db.WorkingCopies.Where(c => c.SavedAt < before).ExecuteDeleteAsync(cancellationToken);
    }
}
