using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Delivery.SenderDomain;

/// <summary>How a thing that receivers look up stands.</summary>
public enum Verdict
{
    Right,
    Missing,
    Wrong,

    /// <summary>DNS didn't answer.</summary>
    NotAsked,

    /// <summary>It can't be known from here; the words say why.</summary>
    Unknown,
}

/// <summary>One thing that receivers look up.</summary>
/// <param name="Name">Such as SPF.</param>
/// <param name="Required">Large receivers refuse mail without it.</param>
/// <param name="Words">What was found, and what it means.</param>
/// <param name="Put">What to put into DNS, and where. Null when nothing is to be done, or it isn't done in DNS of ours.</param>
public sealed record Finding(string Name, Verdict Verdict, bool Required, string Words, DnsRecord? Put)
{
    /// <summary>Mail will be refused over this.</summary>
    public bool IsBad => Required && Verdict is Verdict.Missing or Verdict.Wrong;
}

/// <summary>A record as it is typed into a zone.</summary>
public sealed record DnsRecord(string Name, string Type, string Value);

/// <summary>The last check of a sender's domain. Any process makes it, all see it.</summary>
public sealed class DomainCheck
{
    public required string Domain { get; init; }

    public DateTimeOffset CheckedAt { get; private set; }

    public IReadOnlyList<Finding> Findings { get; private set; } = [];

    /// <summary>The last one; null for a domain that never was checked.</summary>
    public static Task<DomainCheck?> LastAsync(DeliveryDb db, string domain, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);

        return db.DomainChecks.AsNoTracking().FirstOrDefaultAsync(c => c.Domain == domain, cancellationToken);
    }

    /// <summary>What whoever looks at mailings should know about the sender's domain; null when all is well, or nobody looks.</summary>
    internal static async Task<string?> WarningAsync(DeliveryDb db, Inspection inspection, CancellationToken cancellationToken)
    {
        if (inspection.NotNeeded is not null)
        {
            return null;
        }

        return await LastAsync(db, inspection.Domain, cancellationToken) switch
        {
            null => $"The sender's domain, {inspection.Domain}, was never checked: receivers may refuse its mail.",
            { } check when check.Findings.Where(f => f.IsBad).Select(f => f.Name).ToList() is { Count: > 0 } bad => $"Receivers may refuse mail from {inspection.Domain}: {string.Join(", ", bad)}.",
            _ => null,
        };
    }

    /// <summary>Keeps what was found, instead of what was found before.</summary>
    public static async Task<DomainCheck> KeepAsync(DeliveryDb db, string domain, IReadOnlyList<Finding> findings, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);

        var check = await db.DomainChecks.FirstOrDefaultAsync(c => c.Domain == domain, cancellationToken);
        if (check is null)
        {
            db.DomainChecks.Add(check = new DomainCheck { Domain = domain });
        }

        (check.CheckedAt, check.Findings) = (now, findings);
        await db.SaveChangesAsync(cancellationToken);
        return check;
    }

    internal sealed class Mapping : IEntityTypeConfiguration<DomainCheck>
    {
        public void Configure(EntityTypeBuilder<DomainCheck> builder)
        {
            builder.ToTable("DomainChecks");
            builder.HasKey(c => c.Domain);
            builder.Property(c => c.Domain).HasMaxLength(253);
            builder.Property(c => c.Findings).IsJson();
        }
    }
}
