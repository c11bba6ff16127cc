using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>Who of the staff did what. Rows are added, never changed.</summary>
public sealed class AuditEntry
{
    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>A staff member's address, the name of an API key, or <c>command line</c>.</summary>
    public required string Who { get; init; }

    /// <summary>What was done, such as <c>signed in</c> or <c>made a key</c>.</summary>
    public required string What { get; init; }

    /// <summary>What it was done to. Null where there is nothing to name.</summary>
    public string? Target { get; init; }

    public string? Detail { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AuditEntry>
    {
        public void Configure(EntityTypeBuilder<AuditEntry> builder)
        {
            builder.ToTable("Audit");
            builder.HasIndex(e => e.At);
            builder.Property(e => e.Who).HasMaxLength(254);
            builder.Property(e => e.What).HasMaxLength(100);
            builder.Property(e => e.Target).HasMaxLength(254);
            builder.Property(e => e.Detail).HasMaxLength(1_000);
        }
    }
}

/// <summary>Writes the audit log. It is a record beside the act, not a part of its transaction: services have databases of their own.</summary>
public sealed class Audit(StaffDb db, TimeProvider clock)
{
    public const string CommandLine = "command line";

    public Task RecordAsync(ClaimsPrincipal who, string what, string? target, string? detail, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(who);

        return RecordAsync(who.Identity?.Name ?? "anonymous", what, target, detail, cancellationToken);
    }

    public Task RecordAsync(string who, string what, string? target, string? detail, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        db.Audit.Add(new AuditEntry { Id = Guid.CreateVersion7(now), At = now, Who = who, What = what, Target = target, Detail = detail });
        return db.SaveChangesAsync(cancellationToken);
    }
}
