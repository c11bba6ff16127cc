using Alerts.Contracts;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Publishing.Posts;

/// <summary>Where a post stands. It never goes back, but for a scheduled one that becomes a draft again.</summary>
public enum PostState
{
    Draft,

    /// <summary>Waits for <see cref="Post.PublishAt"/>.</summary>
    Scheduled,

    /// <summary>Released to its readers.</summary>
    Published,

    /// <summary>Taken back, or refused before it was released.</summary>
    Withdrawn,
}

/// <summary>Who asked for a post to be published that somebody else must look at first, and when it is to be out.</summary>
/// <param name="PublishAt">Null: at once when it is approved.</param>
/// <param name="Zone">In which that was chosen.</param>
public sealed record PublishingAsked(string By, DateTimeOffset At, DateTimeOffset? PublishAt, string? Zone);

/// <summary>What an editor writes, or a feed brings: one piece of news for the readers of its lists.</summary>
public sealed class Post
{
    /// <summary>In characters.</summary>
    public const int MaxTitle = 500;

    /// <summary>In characters, both as written and as cleaned.</summary>
    public const int MaxBody = 1_000_000;

    /// <summary>In characters.</summary>
    public const int MaxSummary = 1_000;

    /// <summary>In characters.</summary>
    public const int MaxLink = 2_000;

    public const int MaxLists = 100;

    public const int MaxTags = 50;

    /// <summary>In characters.</summary>
    public const int MaxTag = 100;

    public required Guid Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its text was last changed.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    public string Title { get; private set; } = "";

    /// <summary>What the editor wrote. Null where HTML was given.</summary>
    public string? Markdown { get; private set; }

    /// <summary>The body, cleaned; links in it are absolute.</summary>
    public string Html { get; private set; } = "";

    /// <summary>The body as plain text, made from <see cref="Html"/>.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Given by the editor, or the first sentences of the body.</summary>
    public string Summary { get; private set; } = "";

    /// <summary>Where the post stands elsewhere on the web. Null: on our own page.</summary>
    public string? Link { get; private set; }

    /// <summary>Slugs, at least one.</summary>
    public List<string> Lists { get; private set; } = [];

    public List<string> Tags { get; private set; } = [];

    /// <summary>At once to all readers of its lists, whatever their frequency.</summary>
    public bool Urgent { get; private set; }

    public PostState State { get; private set; }

    /// <summary>Set while it is scheduled.</summary>
    public DateTimeOffset? PublishAt { get; private set; }

    /// <summary>The IANA zone in which its editor chose <see cref="PublishAt"/>. Null: none was named.</summary>
    public string? Zone { get; private set; }

    /// <summary>Set while it waits for a second pair of eyes.</summary>
    public PublishingAsked? Asked { get; private set; }

    /// <summary>Who of the staff approved what it says now. Null: nobody did, or had to.</summary>
    public string? ApprovedBy { get; private set; }

    /// <summary>Set for ever once it was released.</summary>
    public DateTimeOffset? ReleasedAt { get; private set; }

    /// <summary>Its readers are those of this revision of the audience. Set with <see cref="ReleasedAt"/>.</summary>
    public long? AudienceRevision { get; private set; }

    /// <summary>1 as first written, rising with each change of the text.</summary>
    public int Version { get; private set; }

    /// <summary>Rises with each change of any kind; of two changes at once, one finds that it has moved on.</summary>
    public int Change { get; private set; }

    /// <summary>When its author dated it, if it came from a feed with dates.</summary>
    public DateTimeOffset? DatedAt { get; init; }

    /// <summary>Where it stands among posts released at the same instant; higher is newer.</summary>
    public int Ordinal { get; init; }

    /// <summary>The first reading of a feed that brought it. Null for all others.</summary>
    public Guid? BacklogId { get; init; }

    /// <summary>The <see cref="Sources.ImportedFeed"/> it came from. Null: written here.</summary>
    public Guid? FeedId { get; init; }

    /// <summary>What makes it the same entry when its feed is read again.</summary>
    public string? EntryKey { get; init; }

    /// <summary>Of the entry as last read: another one is an edit.</summary>
    public string? Fingerprint { get; private set; }

    /// <summary>Who asked for it under which <c>Idempotency-Key</c>: the same request again is the same post.</summary>
    public string? RequestKey { get; init; }

    /// <summary>Sets the text.</summary>
    /// <returns>False when it says that already; then nothing has changed.</returns>
    internal bool Write(PostContent content, DateTimeOffset now)
    {
        if (content == new PostContent(Title, Markdown, Html, Text, Summary, Link))
        {
            return false;
        }

        (Title, Markdown, Html, Text, Summary, Link) = content;
        UpdatedAt = now;
        Version++;
        Change++;
        Unapprove();
        return true;
    }

    /// <summary>Sets what may change without anybody hearing of it.</summary>
    public void Tag(IEnumerable<string> tags)
    {
        List<string> wanted = [.. tags];
        if (!Tags.SequenceEqual(wanted))
        {
            Tags = wanted;
            Change++;
        }
    }

    /// <summary>Sets who is to get it, and how fast: only before it is published, because then its readers have been chosen.</summary>
    public void Address(IEnumerable<string> lists, bool urgent)
    {
        if (ReleasedAt is not null)
        {
            throw new InvalidOperationException("The readers of a published post have been chosen.");
        }

        List<string> wanted = [.. lists];
        if (!Lists.SequenceEqual(wanted) || Urgent != urgent)
        {
            (Lists, Urgent) = (wanted, urgent);
            Change++;
            Unapprove();
        }
    }

    /// <summary>Somebody wants it published, and somebody else is to look at it first. It waits as a draft.</summary>
    public void Ask(PublishingAsked asked)
    {
        Schedule(null);
        Asked = asked;
        Change++;
    }

    /// <summary>It may be published as it is.</summary>
    public void Approve(string who)
    {
        (Asked, ApprovedBy) = (null, who);
        Change++;
    }

    /// <summary>What was changed has been seen by nobody.</summary>
    private void Unapprove() => (Asked, ApprovedBy) = (null, null);

    /// <summary>Sets when it is published by itself; null makes it a draft. Does nothing to a post that was published or withdrawn.</summary>
    /// <param name="zone">The zone in which it was chosen.</param>
    public void Schedule(DateTimeOffset? at, string? zone = null)
    {
        if (State is PostState.Draft or PostState.Scheduled)
        {
            State = at is null ? PostState.Draft : PostState.Scheduled;
            (PublishAt, Zone) = (at, at is null ? null : zone);
            Asked = null;
            Change++;
        }
    }

    /// <summary>Releases it to its readers.</summary>
    /// <param name="revision">The audience's, read just before.</param>
    /// <returns>True once in its life: then it is to be announced.</returns>
    public bool Publish(DateTimeOffset now, long revision)
    {
        if (State is PostState.Published or PostState.Withdrawn)
        {
            return false;
        }

        (State, PublishAt, Zone, Asked, ReleasedAt, AudienceRevision) = (PostState.Published, null, null, null, now, revision);
        Change++;
        return true;
    }

    /// <summary>Takes it back.</summary>
    /// <returns>True if it had been published: then the withdrawal is to be announced.</returns>
    public bool Withdraw()
    {
        if (State is PostState.Withdrawn)
        {
            return false;
        }

        (State, PublishAt, Zone, Asked) = (PostState.Withdrawn, null, null, null);
        Change++;
        return ReleasedAt is not null;
    }

    /// <summary>Remembers the entry as it was read.</summary>
    internal void ReadAs(string fingerprint) => Fingerprint = fingerprint;

    /// <summary>Where readers find it.</summary>
    public string LinkOn(AlertsOptions site)
    {
        ArgumentNullException.ThrowIfNull(site);

        return Link ?? site.Link($"/posts/{Id}");
    }

    internal PostPublished ToPublished(AlertsOptions site) => new()
    {
        PostId = Id,
        Version = Version,
        Title = Title,
        Summary = Summary,
        Html = Html,
        Text = Text,
        Link = LinkOn(site),
        Lists = Lists,
        Tags = Tags,
        Urgent = Urgent,
        ReleasedAt = ReleasedAt!.Value,
        AudienceRevision = AudienceRevision!.Value,
        DatedAt = DatedAt,
        BacklogId = BacklogId,
        Ordinal = Ordinal,
    };

    /// <param name="mail">Whether those who got it at once are to get a mail about the correction.</param>
    internal PostCorrected ToCorrected(AlertsOptions site, bool mail) => new()
    {
        Mail = mail,
        PostId = Id,
        Version = Version,
        Title = Title,
        Summary = Summary,
        Html = Html,
        Text = Text,
        Link = LinkOn(site),
        CorrectedAt = UpdatedAt,
    };

    internal PostWithdrawn ToWithdrawn(DateTimeOffset now) => new() { PostId = Id, Version = Version, WithdrawnAt = now };

    internal sealed class Mapping : IEntityTypeConfiguration<Post>
    {
        public void Configure(EntityTypeBuilder<Post> builder)
        {
            builder.ToTable("Posts");
            builder.Property(p => p.Id).ValueGeneratedNever();
            builder.Property(p => p.Title).HasMaxLength(MaxTitle);
            builder.Property(p => p.Summary).HasMaxLength(MaxSummary);
            builder.Property(p => p.Link).HasMaxLength(MaxLink);
            builder.Property(p => p.State).HasConversion<string>().HasMaxLength(10);
            builder.Property(p => p.EntryKey).HasMaxLength(Feeds.FeedParser.MaxKey);
            builder.Property(p => p.Fingerprint).HasMaxLength(64);
            builder.Property(p => p.RequestKey).HasMaxLength(400);
            builder.Property(p => p.Zone).HasMaxLength(50);
            builder.Property(p => p.Asked).IsJson();
            builder.Property(p => p.ApprovedBy).HasMaxLength(254);

            // Two processes publish what is due, or an editor saves while a feed is read: one of them finds that the post has moved on.
            builder.Property(p => p.Change).IsConcurrencyToken();

            // What makes reading a feed twice, even at once, harmless: an entry is one post.
            builder.HasIndex(p => new { p.FeedId, p.EntryKey }).IsUnique();
            builder.HasIndex(p => p.RequestKey).IsUnique();
            builder.HasIndex(p => new { p.State, p.PublishAt });
            builder.HasIndex(p => new { p.State, p.ReleasedAt });
        }
    }
}
