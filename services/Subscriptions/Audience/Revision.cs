using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Subscriptions.Audience;

/// <summary>The one row that counts changes to the audience. See <see cref="AudienceChange"/>.</summary>
public sealed class Revision
{
    internal const int OnlyId = 1;

    public required int Id { get; init; }

    /// <summary>The latest revision; 0 before the first change.</summary>
    public required long Value { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Revision>
    {
        public void Configure(EntityTypeBuilder<Revision> builder)
        {
            builder.ToTable("Revision");
            builder.Property(r => r.Id).ValueGeneratedNever();
            builder.HasData(new Revision { Id = OnlyId, Value = 0 });
        }
    }
}
