using Alerts.Contracts;
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

    /// <summary>Whether what is published on it stands in the public archive and feeds, where the list is public.</summary>
    public bool InArchive { get; set; } = true;

    /// <summary>The name its mails come from, at most 100 characters; null: that of <c>Mail:From</c>. A mail for several lists with different names has the latter, too.</summary>
    public string? SenderName { get; set; }

    /// <summary>Whether a second member of the staff must look at urgent posts before they go out.</summary>
    public bool FourEyes { get; set; }

    /// <summary>How often readers get it who don't choose.</summary>
    public Frequency DefaultFrequency { get; set; } = Frequency.Daily;

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Changes what is given; its problems were looked at.</summary>
    public void Change(NewList to)
    {
        ArgumentNullException.ThrowIfNull(to);

        Name = to.Name?.Trim() ?? Name;
        Description = to.Description?.Trim() ?? Description;
        Visibility = Words.TryRead<ListVisibility>(to.Visibility, out var visibility) ? visibility : Visibility;
        InArchive = to.InArchive ?? InArchive;
        FourEyes = to.FourEyes ?? FourEyes;
        SenderName = to.SenderName is null ? SenderName : to.SenderName.Trim() is { Length: > 0 } name ? name : null;
        DefaultFrequency = Words.TryRead<Frequency>(to.DefaultFrequency, out var frequency) ? frequency : DefaultFrequency;
    }

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

        var made = new MailingList { Slug = slug, Name = "", Description = "", Visibility = ListVisibility.Public, CreatedAt = now };
        made.Change(list);
        var added = db.Lists.Add(made);
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
            builder.Property(l => l.SenderName).HasMaxLength(MaxName);
            builder.Property(l => l.InArchive).HasDefaultValue(true).HasSentinel(true);
            builder.Property(l => l.DefaultFrequency).HasConversion<string>().HasMaxLength(20).HasDefaultValue(Frequency.Daily).HasSentinel(Frequency.Daily);
            builder.Property(l => l.Visibility).HasConversion<string>().HasMaxLength(20);
        }
    }
}
