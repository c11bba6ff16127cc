using System.Globalization;
using Alerts.Delivery.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.Configuration;

namespace Alerts.Delivery.Sending;

/// <summary>A lane that stands still: mail waits in it, and none has moved for longer than its lane may rest. The row goes when it moves.</summary>
public sealed class Standstill
{
    private const int MaxCause = 500;

    public required Lane Lane { get; init; }

    /// <summary>The process that found it, and tells the admins when it moves. Another takes over when it is gone.</summary>
    public required Guid Owner { get; set; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>Why, as far as that process knows; a sentence.</summary>
    public required string Cause { get; init; }

    /// <summary>When its owner last found it so.</summary>
    public required DateTimeOffset SeenAt { get; set; }

    /// <summary>When the admins were told. Null: no relay has taken that mail yet.</summary>
    public DateTimeOffset? ToldAt { get; set; }

    internal static Standstill Of(Lane lane, Guid owner, DateTimeOffset since, string cause, DateTimeOffset now) =>
        new() { Lane = lane, Owner = owner, Since = since, Cause = Mailings.Words.Truncate(cause, MaxCause), SeenAt = now };

    internal sealed class Mapping : IEntityTypeConfiguration<Standstill>
    {
        public void Configure(EntityTypeBuilder<Standstill> builder)
        {
            builder.ToTable("Standstills");

            // One a lane: of several processes that find it, one tells.
            builder.HasKey(s => s.Lane);
            builder.Property(s => s.Lane).ValueGeneratedNever();
            builder.Property(s => s.Cause).HasMaxLength(MaxCause);
        }
    }
}

/// <summary>How long a lane may rest while mail waits in it.</summary>
internal sealed record StandstillLimits(TimeSpan Urgent, TimeSpan Normal, TimeSpan Bulk)
{
    public TimeSpan Of(Lane lane) => lane switch { Lane.Urgent => Urgent, Lane.Normal => Normal, _ => Bulk };

    /// <summary>Those of <c>Smtp:Standstill:Urgent</c>, <c>:Normal</c> and <c>:Bulk</c>, in minutes.</summary>
    /// <exception cref="InvalidOperationException">One isn't a number of minutes up to a day.</exception>
    public static StandstillLimits Read(IConfiguration configuration)
    {
        return new StandstillLimits(Minutes("Urgent", 1), Minutes("Normal", 5), Minutes("Bulk", 30));

        TimeSpan Minutes(string lane, double otherwise)
        {
            var key = $"Smtp:Standstill:{lane}";
            return configuration[key] is not { Length: > 0 } text ? TimeSpan.FromMinutes(otherwise)
                : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and <= 1_440 ? TimeSpan.FromMinutes(minutes)
                : throw new InvalidOperationException($"{key} is '{text}': give a number of minutes up to 1440.");
        }
    }
}
