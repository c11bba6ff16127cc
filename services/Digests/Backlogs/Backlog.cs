using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Digests.Backlogs;

/// <summary>A feed's posts that were released together and go to immediate readers as one digest, once all of them are filed.</summary>
public sealed class Backlog
{
    public required Guid Id { get; init; }

    /// <summary>How many posts it has.</summary>
    public required int Posts { get; init; }

    /// <summary>The feed's title.</summary>
    public required string Title { get; init; }

    public required List<string> Lists { get; init; }

    public required long Revision { get; init; }

    /// <summary>When all its posts were there (UTC). Null: some are still on their way.</summary>
    public DateTimeOffset? CompleteAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Backlog>
    {
        public void Configure(EntityTypeBuilder<Backlog> builder)
        {
            builder.ToTable("Backlogs");
            builder.Property(b => b.Lists).IsJson();
        }
    }
}
