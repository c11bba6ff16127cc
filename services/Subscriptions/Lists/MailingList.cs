using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Subscriptions.Lists;

/// <summary>Who finds a list.</summary>
public enum ListVisibility
{
    /// <summary>Stands on the sign-up page.</summary>
    Public,

    /// <summary>For who knows its link: <c>/subscribe?list={slug}</c>.</summary>
    Unlisted,

    /// <summary>Only admins put readers on it. They can leave it like any other.</summary>
    Private,
}

/// <summary>A list that readers hold.</summary>
public sealed class MailingList
{
    public const int MaxSlug = 50;
    public const int MaxName = 100;
    public const int MaxDescription = 1_000;

    /// <summary>What identifies it everywhere, on the bus and in links: 1 to 50 of a–z, 0–9 and hyphens. It never changes.</summary>
    public required string Slug { get; init; }

    /// <summary>At most 100 characters.</summary>
    public required string Name { get; set; }

    /// <summary>Plain text, at most 1,000 characters.</summary>
    public required string Description { get; set; }

    public required ListVisibility Visibility { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Adds a list whose problems were looked at. False when there is one of this slug.</summary>
    public static async Task<bool> AddAsync(SubscriptionsDb db, NewList list, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(list);

        var slug = list.Slug!;
        if (await db.Lists.AnyAsync(l => l.Slug == slug, cancellationToken))
        {
            return false;
        }

        var added = db.Lists.Add(new MailingList
        {
            Slug = slug,
            Name = list.Name!.Trim(),
            Description = list.Description?.Trim() ?? "",
            Visibility = Words.TryRead<ListVisibility>(list.Visibility, out var visibility) ? visibility : ListVisibility.Public,
            CreatedAt = now,
        });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException)
        {
            // Two added it together; the key let one through. Anything else is no matter of ours.
            added.State = EntityState.Detached;
            if (await db.Lists.AnyAsync(l => l.Slug == slug, cancellationToken))
            {
                return false;
            }

            throw;
        }
    }

    internal sealed class Mapping : IEntityTypeConfiguration<MailingList>
    {
        public void Configure(EntityTypeBuilder<MailingList> builder)
        {
            builder.ToTable("Lists");
            builder.HasKey(l => l.Slug);
            builder.Property(l => l.Slug).HasMaxLength(MaxSlug);
            builder.Property(l => l.Name).HasMaxLength(MaxName);
            builder.Property(l => l.Description).HasMaxLength(MaxDescription);
            builder.Property(l => l.Visibility).HasConversion<string>().HasMaxLength(20);
        }
    }
}
