using Alerts.Publishing.Feeds;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Publishing.Sources;

/// <summary>A feed on the web that is read again and again.</summary>
public sealed class Source
{
    /// <summary>Asking more often annoys publishers and is refused by many.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromMinutes(5);

    public static readonly TimeSpan LongestInterval = TimeSpan.FromDays(7);

    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(15);

    /// <summary>A feed that fails is asked ever more seldom, but at least this often (or at its own interval, if that is longer).</summary>
    public static readonly TimeSpan LongestBackOff = TimeSpan.FromDays(1);

    /// <summary>In characters.</summary>
    public const int MaxUrl = 2_000;

    public required Guid Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>http or https.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Slugs of the lists its posts go to.</summary>
    public List<string> Lists { get; private set; } = [];

    /// <summary>True: its entries are published at once; false: they become drafts.</summary>
    public bool Publish { get; private set; }

    public TimeSpan Interval { get; private set; }

    public string? ETag { get; private set; }

    /// <summary>As the server wrote it.</summary>
    public string? LastModified { get; private set; }

    /// <summary>When it was last read without a failure.</summary>
    public DateTimeOffset? LastReadAt { get; private set; }

    /// <summary>One line. Null when the last reading went well.</summary>
    public string? LastError { get; private set; }

    /// <summary>Failures since the last reading that went well.</summary>
    public int Failures { get; private set; }

    public DateTimeOffset NextReadAt { get; private set; }

    /// <summary>The <see cref="ImportedFeed"/> it follows. Null until the first reading that found an entry.</summary>
    public Guid? FeedId { get; private set; }

    /// <summary>Rises with each change of any kind.</summary>
    public int Change { get; private set; }

    /// <summary>Sets what to read, for whom and how often. It is read at the next opportunity.</summary>
    public void Set(string url, IEnumerable<string> lists, bool publish, TimeSpan interval, DateTimeOffset now)
    {
        if (Url != url)
        {
            (Url, FeedId, ETag, LastModified) = (url, null, null, null);
        }

        (Lists, Publish, Interval, NextReadAt, Failures, LastError) = ([.. lists], publish, interval, now, 0, null);
        Change++;
    }

    /// <summary>Takes the reading that is due, so that nobody else begins it. If this process dies, the next reading comes an interval later.</summary>
    public void Begin(DateTimeOffset now)
    {
        NextReadAt = now + Interval;
        Change++;
    }

    internal void Succeeded(Guid? feedId, FeedValidators validators, DateTimeOffset now)
    {
        (FeedId, ETag, LastModified) = (feedId ?? FeedId, validators.ETag, validators.LastModified);
        (LastReadAt, LastError, Failures, NextReadAt) = (now, null, 0, now + Interval);
        Change++;
    }

    /// <param name="why">One line.</param>
    internal void Failed(string why, DateTimeOffset now)
    {
        LastError = PlainText.Cut(why, 1_000);
        Failures++;
        var longest = Interval > LongestBackOff ? Interval : LongestBackOff;
        var pause = Interval * Math.Pow(2, Math.Min(Failures, 12));
        NextReadAt = now + (pause < longest ? pause : longest);
        Change++;
    }

    internal sealed class Mapping : IEntityTypeConfiguration<Source>
    {
        public void Configure(EntityTypeBuilder<Source> builder)
        {
            builder.ToTable("Sources");
            builder.Property(s => s.Id).ValueGeneratedNever();
            builder.Property(s => s.Url).HasMaxLength(MaxUrl);
            builder.Property(s => s.ETag).HasMaxLength(500);
            builder.Property(s => s.LastModified).HasMaxLength(500);
            builder.Property(s => s.LastError).HasMaxLength(1_000);

            // Two processes begin the same reading: one of them finds it begun.
            builder.Property(s => s.Change).IsConcurrencyToken();
            builder.HasIndex(s => s.NextReadAt);
        }
    }
}
