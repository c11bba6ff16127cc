using System.Security.Cryptography;
using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>
/// A POST that came with an <c>Idempotency-Key</c>, and its answer once there is one. Kept for <see cref="Life"/>; sent again within it, the answer is the same and nothing
/// is done twice (draft-ietf-httpapi-idempotency-key-header).
/// </summary>
public sealed class IdempotentRequest
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    /// <summary>An unanswered request this old was cut off with its process; the next one with its key goes ahead.</summary>
    public static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(2);

    /// <summary>The longest key, in characters.</summary>
    public const int MaxKey = 200;

    public required string Who { get; init; }

    public required string Key { get; init; }

    /// <summary>SHA-256 of method, path, query and body: another request under the same key is a mistake of the sender's.</summary>
    public required byte[] Fingerprint { get; init; }

    public required DateTimeOffset StartedAt { get; set; }

    /// <summary>Null while the first request is being handled.</summary>
    public int? Status { get; set; }

    public string? ContentType { get; set; }

    public string? Location { get; set; }

    public byte[]? Body { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<IdempotentRequest>
    {
        public void Configure(EntityTypeBuilder<IdempotentRequest> builder)
        {
            // Of two requests that come together, one gets the row.
            builder.HasKey(r => new { r.Who, r.Key });
            builder.HasIndex(r => r.StartedAt);
            builder.Property(r => r.Who).HasMaxLength(100);
            builder.Property(r => r.Key).HasMaxLength(MaxKey);
            builder.Property(r => r.Fingerprint).HasMaxLength(SHA256.HashSizeInBytes);
            builder.Property(r => r.ContentType).HasMaxLength(200);
            builder.Property(r => r.Location).HasMaxLength(2_000);
        }
    }
}

/// <summary>Forgets answers after a day, links that are no longer good after a month, and sessions that are over.</summary>
internal sealed class PurgeStaff(StaffDb db, TimeProvider clock) : IJob
{
    private static readonly TimeSpan OldInvitation = TimeSpan.FromDays(30);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var answered = now - IdempotentRequest.Life;
        var expired = now - OldInvitation;
        await db.IdempotentRequests.Where(r => r.StartedAt < answered).ExecuteDeleteAsync(cancellationToken);
        var (idle, old) = (now - StaffSession.Idle, now - StaffSession.Life);
        await db.Invitations.Where(i => i.ExpiresAt < expired).ExecuteDeleteAsync(cancellationToken);
        await db.Sessions.Where(s => s.LastSeenAt < idle || s.CreatedAt < old).ExecuteDeleteAsync(cancellationToken);
    }
}
