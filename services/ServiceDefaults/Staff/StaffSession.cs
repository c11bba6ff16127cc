using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>
/// One browser in which a member of staff is signed in. The cookie names it, and each request looks for it: a row deleted is a browser signed out, at once and in every process.
/// </summary>
public sealed class StaffSession
{
    /// <summary>Without a request for so long it is over.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(12);

    /// <summary>After so long it is over, however busy it was.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    /// <summary>How exact <see cref="LastSeenAt"/> is, so that not each request writes a row.</summary>
    public static readonly TimeSpan Grain = TimeSpan.FromMinutes(5);

    public const int MaxBrowser = 200;

    public required Guid Id { get; init; }

    public required Guid UserId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset LastSeenAt { get; set; }

    /// <summary>From where it was begun: an address of the network. Null where that isn't known.</summary>
    public string? From { get; init; }

    /// <summary>What the browser calls itself (RFC 9110 §10.1.5), cut to <see cref="MaxBrowser"/>.</summary>
    public string? Browser { get; init; }

    /// <summary>Begun, or confirmed since, with more than a password: a code, a recovery code, or a passkey.</summary>
    public required bool Strong { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<StaffSession>
    {
        public void Configure(EntityTypeBuilder<StaffSession> builder)
        {
            builder.ToTable("Sessions");
            builder.HasIndex(s => s.UserId);
            builder.HasOne<StaffUser>().WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);
            builder.Property(s => s.From).HasMaxLength(45);
            builder.Property(s => s.Browser).HasMaxLength(MaxBrowser);
        }
    }
}
