using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Notices.Posts;

/// <summary>What Notices has heard of a post, in whatever order: one row a post, so that it is mailed at once only once.</summary>
public sealed class NoticedPost
{
    public required Guid PostId { get; init; }

    /// <summary>The highest version heard of.</summary>
    public int Version { get; private set; }

    /// <summary>Taken back. It stays so.</summary>
    public bool Withdrawn { get; private set; }

    /// <summary>When its publication was dealt with (UTC). Null: only a correction or a withdrawal came so far.</summary>
    public DateTimeOffset? SettledAt { get; private set; }

    /// <summary>The mailing to its immediate readers. Null when there is none: not published yet, withdrawn before, or part of a backlog.</summary>
    public Guid? MailingId { get; private set; }

    /// <summary>A correction that overtook the publication, kept until that comes.</summary>
    public PostCorrected? Correction { get; private set; }

    /// <summary>Raised by each change: of two messages handled at the same moment one is tried again and sees the other.</summary>
    public int Changes { get; private set; }

    /// <summary>Keeps a correction of a post whose publication hasn't come; a later one is of no use.</summary>
    public void Corrected(PostCorrected correction)
    {
        ArgumentNullException.ThrowIfNull(correction);

        if (SettledAt is null && correction.Version > Version)
        {
            Version = correction.Version;
            Correction = correction;
            Changes++;
        }
    }

    public void Withdraw(int version)
    {
        Withdrawn = true;
        Version = Math.Max(Version, version);
        Correction = null;
        Changes++;
    }

    /// <summary>The publication was dealt with, by a mailing or without.</summary>
    public void Settle(int version, Guid? mailingId, DateTimeOffset now)
    {
        Version = Math.Max(Version, version);
        MailingId = mailingId;
        SettledAt = now;
        Correction = null;
        Changes++;
    }

    internal sealed class Mapping : IEntityTypeConfiguration<NoticedPost>
    {
        public void Configure(EntityTypeBuilder<NoticedPost> builder)
        {
            builder.ToTable("Posts");
            builder.HasKey(p => p.PostId);
            builder.Property(p => p.Changes).IsConcurrencyToken();
            builder.Property(p => p.Correction!).IsJson();
        }
    }
}
