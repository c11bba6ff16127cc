using Alerts.Digests.Readers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Cuts;

/// <summary>What a cut changes in a reader's row: the cursors of the frequencies it serves, and when she is due next.</summary>
public readonly record struct ReaderMove(bool Daily, bool Weekly, DateTimeOffset? DailyDueAt, DateTimeOffset? WeeklyDueAt)
{
    public void Make(Reader reader, long upToSeq)
    {
        ArgumentNullException.ThrowIfNull(reader);

        reader.DailyCursor = Daily ? upToSeq : reader.DailyCursor;
        reader.WeeklyCursor = Weekly ? upToSeq : reader.WeeklyCursor;
        reader.SetDue(DailyDueAt, WeeklyDueAt);
    }

    /// <summary>Makes the same move for many readers at once.</summary>
    internal Task<int> SaveAsync(IQueryable<Reader> readers, long upToSeq, CancellationToken cancellationToken)
    {
        var move = this;
        return readers.ExecuteUpdateAsync(
            set =>
            {
                if (move.Daily)
                {
                    set.SetProperty(r => r.DailyCursor, upToSeq);
                }

                if (move.Weekly)
                {
                    set.SetProperty(r => r.WeeklyCursor, upToSeq);
                }

                set.SetProperty(r => r.DailyDueAt, move.DailyDueAt).SetProperty(r => r.WeeklyDueAt, move.WeeklyDueAt)
                    .SetProperty(r => r.DueAt, Reader.Earlier(move.DailyDueAt, move.WeeklyDueAt));
            },
            cancellationToken);
    }
}

/// <summary>A reader's turn in a cut.</summary>
public sealed record ReaderTurn(Reader Reader, ReaderMove Move, Span Daily, Span Weekly)
{
    public bool Behind => Daily.After < Daily.UpTo || Weekly.After < Weekly.UpTo;

    public long After => Math.Min(Daily == Span.Empty ? long.MaxValue : Daily.After, Weekly == Span.Empty ? long.MaxValue : Weekly.After);

    /// <summary>
    /// A digest that is due serves its own frequency, and also the other one if she has no digest of it (any more): what she was owed when she changed comes with the
    /// next digest she has. A cut whatever the hour leaves the hours as they are.
    /// </summary>
    /// <param name="next">When a digest of this zone, hour and weekday (null: daily) comes next: <see cref="Due.Next"/>, which many readers share.</param>
    public static ReaderTurn Of(Reader reader, Cut cut, Func<string, int, DayOfWeek?, DateTimeOffset> next)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(cut);
        ArgumentNullException.ThrowIfNull(next);

        var servesDaily = cut.Serves.HasFlag(Served.Daily);
        var servesWeekly = cut.Serves.HasFlag(Served.Weekly);
        if (cut.Cause == CutCause.Now)
        {
            return Of(reader, cut, new ReaderMove(servesDaily, servesWeekly, reader.DailyDueAt, reader.WeeklyDueAt));
        }

        var daily = servesDaily && reader.DailyDueAt <= cut.StartedAt;
        var weekly = servesWeekly && reader.WeeklyDueAt <= cut.StartedAt;
        return Of(reader, cut, new ReaderMove(
            daily || reader.DailyDueAt is null,
            weekly || reader.WeeklyDueAt is null,
            !daily ? reader.DailyDueAt : reader.Daily ? next(reader.Zone, reader.Hour, null) : null,
            weekly ? next(reader.Zone, reader.Hour, reader.Weekday) : reader.WeeklyDueAt));
    }

    private static ReaderTurn Of(Reader reader, Cut cut, ReaderMove move) => new(
        reader,
        move,
        move.Daily ? new Span(reader.DailyCursor, cut.UpToSeq) : Span.Empty,
        move.Weekly ? new Span(reader.WeeklyCursor, cut.UpToSeq) : Span.Empty);
}
