using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>What the admins ask of all staff. One row at most; without it nothing is asked.</summary>
public sealed class StaffRules
{
    internal const int Only = 1;

    public int Id { get; init; } = Only;

    /// <summary>Whoever signed in by password alone gets no further than to the page where she sets up a second factor.</summary>
    public required bool SecondFactor { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<StaffRules>
    {
        public void Configure(EntityTypeBuilder<StaffRules> builder)
        {
            builder.ToTable("Rules");
            builder.Property(r => r.Id).ValueGeneratedNever();
        }
    }
}
