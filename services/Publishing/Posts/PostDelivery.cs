using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Publishing.Posts;

/// <summary>How a mailing about one post ended.</summary>
public sealed class PostDelivery
{
    public required Guid MailingId { get; init; }

    public required Guid PostId { get; init; }

    public required long Recipients { get; init; }

    /// <summary>Mails that a server took.</summary>
    public required long Accepted { get; init; }

    /// <summary>When the first mail was handed over. Null when none was, or it isn't known.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    /// <summary>When the last mail was handed over. Null when none was.</summary>
    public DateTimeOffset? LastAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<PostDelivery>
    {
        public void Configure(EntityTypeBuilder<PostDelivery> builder)
        {
            builder.ToTable("PostDeliveries");

            // What makes the news of a mailing's end that comes twice harmless.
            builder.HasKey(d => d.MailingId);
            builder.HasIndex(d => d.PostId);
        }
    }
}
