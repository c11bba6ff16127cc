using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>Who of the staff did what. Rows are added, never changed.</summary>
public sealed class AuditEntry
{
    public const int MaxWhat = 100;
    public const int MaxTarget = 254;
    public const int MaxDetail = 1_000;
    public const int MaxChanges = 8_000;

    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>A staff member's address, the name of an API key, or <c>command line</c>.</summary>
    public required string Who { get; init; }

    /// <summary>What was done, such as <c>signed in</c> or <c>made a key</c>.</summary>
    public required string What { get; init; }

    /// <summary>What it was done to. Null where there is nothing to name.</summary>
    public string? Target { get; init; }

    public string? Detail { get; init; }

    /// <summary>What was written, a line each: <c>Post.Title: before → after</c>. Null where nothing was. See <see cref="AuditTrail"/>.</summary>
    public string? Changes { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AuditEntry>
    {
        public void Configure(EntityTypeBuilder<AuditEntry> builder)
        {
            builder.ToTable("Audit");
            builder.HasIndex(e => e.At);
            builder.Property(e => e.Who).HasMaxLength(254);
            builder.Property(e => e.What).HasMaxLength(MaxWhat);
            builder.Property(e => e.Target).HasMaxLength(MaxTarget);
            builder.Property(e => e.Detail).HasMaxLength(MaxDetail);
            builder.Property(e => e.Changes).HasMaxLength(MaxChanges);
        }
    }
}

/// <summary>
/// Writes the audit log. It is a record beside the act, not a part of its transaction: services have databases of their own. What a request of the staff changes is recorded
/// even where nobody calls this (<see cref="AuditTrail"/>); calling it says it in better words.
/// </summary>
public sealed class Audit(StaffDb db, TimeProvider clock, IHttpContextAccessor? http = null)
{
    public const string CommandLine = "command line";

    public Task RecordAsync(ClaimsPrincipal who, string what, string? target, string? detail, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(who);

        return RecordAsync(who.Identity?.Name ?? "anonymous", what, target, detail, cancellationToken);
    }

    public Task RecordAsync(string who, string what, string? target, string? detail, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(who);
        ArgumentNullException.ThrowIfNull(what);

        var now = clock.GetUtcNow();
        db.Audit.Add(new AuditEntry
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            Who = who,
            What = Cut(what, AuditEntry.MaxWhat)!,
            Target = Cut(target, AuditEntry.MaxTarget),
            Detail = Cut(detail, AuditEntry.MaxDetail),
            Changes = http?.HttpContext is { } context ? AuditTrail.Take(context) : null,
        });
        return db.SaveChangesAsync(cancellationToken);
    }

    private static string? Cut(string? text, int length) => text?.Length > length ? text[..(length - 1)] + "…" : text;
}
