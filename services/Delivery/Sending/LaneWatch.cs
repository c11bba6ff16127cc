using Alerts.Delivery.Ledger;
using Alerts.ServiceDefaults.Staff;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Alerts.Delivery.Sending;

/// <summary>
/// Watches how long each lane's oldest mail has waited, for the metrics, and tells the admins by mail, once, when a lane stands still, and once more when it moves.
/// Mail waits that is due and unclaimed, or claimed here; what people hold back (the switch, a pause) doesn't.
/// </summary>
internal sealed partial class LaneWatch(
    Guid owner,
    SendQueue queue,
    Holdings holdings,
    Brake brake,
    Relays relays,
    StandstillMail mail,
    StandstillLimits limits,
    DeliveryMetrics metrics,
    IServiceScopeFactory scopes,
    TimeProvider clock,
    ILogger logger)
{
    private static readonly TimeSpan TellAgainAfter = TimeSpan.FromMinutes(1);

    /// <summary>A standstill whose owner hasn't looked for so long is anybody's.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Lane, LaneState> lanes = Enum.GetValues<Lane>().ToDictionary(l => l, _ => new LaneState());
    private IReadOnlyList<StaffRecipient> admins = [];

    /// <summary>Five seconds, or less where a limit is so short that this would be late.</summary>
    private TimeSpan Every => TimeSpan.FromSeconds(Math.Clamp(Enum.GetValues<Lane>().Min(limits.Of).TotalSeconds / 5, 0.1, 5));

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stopping);
            }
            catch (Exception exception)
            {
                if (stopping.IsCancellationRequested)
                {
                    return;
                }

                LogFailed(exception);
            }

            await Task.Delay(Every, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeliveryDb>();
        var now = clock.GetUtcNow();
        var due = new Dictionary<Lane, DateTimeOffset>();
        string? trouble = null;
        try
        {
            due = await OldestDueAsync(db, now, cancellationToken);
            admins = await StandstillMail.AdminsAsync(scope.ServiceProvider.GetRequiredService<StaffDb>(), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            trouble = $"The database can't be reached: {exception.GetBaseException().Message.TrimEnd('.')}.";
        }

        foreach (var (lane, state) in lanes)
        {
            var held = holdings.All.Where(b => b.Mailing.Lane == lane && !b.Mailing.Halted).ToList();
            if (trouble is null)
            {
                metrics.OldestWaiting(lane, due.TryGetValue(lane, out var since) ? now - since : TimeSpan.Zero);
            }

            if (brake.IsOn)
            {
                // What was standing still before stays so; all else begins anew when sending does.
                state.RestsSince = state.Standing is null ? null : state.RestsSince;
                continue;
            }

            if (held.Count == 0 && !due.ContainsKey(lane))
            {
                state.RestsSince = null;
            }
            else
            {
                var moved = holdings.MovedAt(lane);
                state.RestsSince ??= now;
                state.RestsSince = moved > state.RestsSince ? moved : state.RestsSince;
            }

            var rested = state.RestsSince is { } from && now - from >= limits.Of(lane);
            if (rested && state.Standing is null)
            {
                state.Standing = Standstill.Of(lane, owner, state.RestsSince!.Value, Cause(lane, held, trouble), now);
                LogStands(lane, state.Standing.Since, state.Standing.Cause);
            }
            else if (!rested && state.Standing is not null)
            {
                (state.Moving, state.Standing, state.TellAt) = (state.Standing, null, default);
                LogMoves(lane);
            }

            if (trouble is null)
            {
                await RecordAsync(db, lane, state, now, cancellationToken);
            }
            else if (state.Standing?.Owner == Guid.Empty)
            {
                // With no database each process tells for itself.
                state.Standing.Owner = owner;
            }

            await TellAsync(state, now, cancellationToken);
        }
    }

    /// <summary>Brings the row in line with what we found, and finds out whose it is to tell.</summary>
    private async Task RecordAsync(DeliveryDb db, Lane lane, LaneState state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var row = await db.Standstills.FirstOrDefaultAsync(s => s.Lane == lane, cancellationToken);
        var anybodys = row is null || row.Owner == owner || row.SeenAt < now - Stale;
        if (state.Standing is { } standing)
        {
            standing.Owner = anybodys ? owner : row!.Owner;
            if (row is null)
            {
                db.Standstills.Add(standing);
            }
            else if (anybodys)
            {
                standing.ToldAt ??= row.ToldAt;
                (row.Owner, row.SeenAt, row.ToldAt) = (owner, now, standing.ToldAt);
            }
        }
        else if (row is not null && (row.Owner == owner || (anybodys && (state.RestsSince is null || holdings.MovedAt(lane) > row.SeenAt))))
        {
            row.Owner = owner;
            state.Moving ??= row;
            db.Standstills.Remove(row);
        }

        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException exception)
        {
            // Another process may have been first: the next look shows, and until then nobody here tells.
            state.Standing?.Owner = Guid.Empty;
            LogFailed(exception);
        }

        db.ChangeTracker.Clear();
    }

    /// <summary>Says what hasn't been said yet, each minute until a relay takes it.</summary>
    private async Task TellAsync(LaneState state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (now < state.TellAt)
        {
            return;
        }

        if (state.Moving is { } moving)
        {
            state.Moving = moving.Owner != owner || await mail.MovesAsync(moving, admins, now, cancellationToken) ? null : moving;
            state.TellAt = state.Moving is null ? default : now + TellAgainAfter;
        }

        if (state is { Standing: { ToldAt: null } standing, Moving: null } && standing.Owner == owner)
        {
            standing.ToldAt = await mail.StandsAsync(standing, admins, cancellationToken) ? now : null;
            state.TellAt = standing.ToldAt is null ? now + TellAgainAfter : default;
        }
    }

    private async Task<Dictionary<Lane, DateTimeOffset>> OldestDueAsync(DeliveryDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var due = new Dictionary<Lane, DateTimeOffset>();
        foreach (var lane in lanes.Keys)
        {
            var oldest = await db.Batches
                .Where(b => b.Lane == lane && b.DueAt <= now && db.Mailings.Any(m => m.Id == b.MailingId && m.PreparedAt != null && m.PausedAt == null && m.CancelledAt == null))
                .OrderBy(b => b.DueAt).Select(b => b.DueAt).FirstOrDefaultAsync(cancellationToken);
            if (oldest is { } since)
            {
                due[lane] = since;
            }
        }

        return due;
    }

    private string Cause(Lane lane, List<HeldBatch> held, string? trouble)
    {
        var up = relays.All.Where(r => r.DownBecause is null).ToList();
        var capped = queue.DomainsWaitedFor();
        return trouble
            ?? (held.Select(b => b.Trouble).FirstOrDefault(t => t is not null) is { } asking ? $"It can't be asked who still wants the mail: {asking.TrimEnd('.')}."
            : up.Count == 0 ? $"No relay can be used: {string.Join("; ", relays.All.Select(r => $"{r.Name}: {r.DownBecause?.TrimEnd('.')}"))}."
            : up.TrueForAll(r => r.Rate is { } rate && queue.IsAtRate(rate, lane)) ? $"Everything is at its rate: {string.Join(", ", up.Select(r => r.Name))}."
            : capped.Count > 0 ? $"Mail waits for domains at their caps: {string.Join(", ", capped.Take(5))}."
            : "No cause is known; the log of the delivery processes may tell.");
    }

    /// <summary>What we know of a lane.</summary>
    private sealed class LaneState
    {
        /// <summary>Since when mail has waited and none has moved; null when none waits.</summary>
        public DateTimeOffset? RestsSince { get; set; }

        public Standstill? Standing { get; set; }

        /// <summary>What has ended and is still to be told.</summary>
        public Standstill? Moving { get; set; }

        public DateTimeOffset TellAt { get; set; }
    }

    [LoggerMessage(LogLevel.Warning, "Could not watch over the lanes; trying again")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Error, "Mail of the {Lane} lane stands still since {Since:u}: {Cause}")]
    private partial void LogStands(Lane lane, DateTimeOffset since, string cause);

    [LoggerMessage(LogLevel.Warning, "Mail of the {Lane} lane moves again")]
    private partial void LogMoves(Lane lane);
}
