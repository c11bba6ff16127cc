using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Delivery.Sending;

/// <summary>The one switch that stops all sending, in every process, within a second. Mails under way are finished; all others wait.</summary>
public sealed class SendingSwitch
{
    private const int TheOne = 1;

    public int Id { get; private init; } = TheOne;

    /// <summary>Null while mails are sent.</summary>
    public DateTimeOffset? StoppedAt { get; private set; }

    /// <summary>Who turned it last.</summary>
    public string? By { get; private set; }

    /// <summary>When sending was stopped; null when it isn't.</summary>
    public static Task<DateTimeOffset?> StoppedSinceAsync(DeliveryDb db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);

        return db.SendingSwitches.Where(s => s.Id == TheOne).Select(s => s.StoppedAt).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Stops all sending. Stopping twice is the same as once.</summary>
    public static Task StopAsync(DeliveryDb db, string by, DateTimeOffset now, CancellationToken cancellationToken) => TurnAsync(db, now, by, cancellationToken);

    /// <summary>Starts it again.</summary>
    public static Task StartAsync(DeliveryDb db, string by, CancellationToken cancellationToken) => TurnAsync(db, null, by, cancellationToken);

    private static async Task TurnAsync(DeliveryDb db, DateTimeOffset? stoppedAt, string by, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);

        var one = await db.SendingSwitches.FirstOrDefaultAsync(s => s.Id == TheOne, cancellationToken);
        if (one is null)
        {
            db.SendingSwitches.Add(one = new SendingSwitch());
        }

        one.StoppedAt = stoppedAt is null ? null : one.StoppedAt ?? stoppedAt;
        one.By = by;
        await db.SaveChangesAsync(cancellationToken);
    }

    internal sealed class Mapping : IEntityTypeConfiguration<SendingSwitch>
    {
        public void Configure(EntityTypeBuilder<SendingSwitch> builder)
        {
            builder.ToTable("SendingSwitch");
            builder.Property(s => s.Id).ValueGeneratedNever();
            builder.Property(s => s.By).HasMaxLength(200);
        }
    }
}
