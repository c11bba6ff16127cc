using Alerts.Publishing.Outward;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Publishing.Webhooks;

/// <summary>An address of a program outside that is called when something was published: the facts it wants, of the lists it may know of, signed with its secret.</summary>
public sealed class Webhook
{
    /// <summary>There may be this many; whoever needs more binds a queue to <c>alerts.events</c>.</summary>
    public const int Most = 20;

    /// <summary>In characters.</summary>
    public const int MaxUrl = 2_000;

    public const int MaxLists = 100;

    /// <summary>Calls that may wait for one webhook. One that has more is stopped.</summary>
    public const int MostWaiting = 10_000;

    /// <summary>It is stopped after this many failures in a row, once the first of them is <see cref="LongestFailing"/> ago.</summary>
    public const int MostFailures = 10;

    public static readonly TimeSpan LongestFailing = TimeSpan.FromDays(3);

    /// <summary>In characters.</summary>
    private const int MaxReason = 500;

    public required Guid Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>https; http to this machine only, where <see cref="WebhookOptions.AllowPrivateAddresses"/>.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Of <see cref="OutwardTypes.All"/>, at least one.</summary>
    public List<string> Facts { get; private set; } = [];

    /// <summary>Slugs. Empty: all public lists, those that come to be included.</summary>
    public List<string> Lists { get; private set; } = [];

    /// <summary>What calls are signed with, protected by <see cref="WebhookSecrets"/>.</summary>
    public byte[] Secret { get; private set; } = [];

    /// <summary>When that secret was made. The audit log has this of a new one, and never the secret.</summary>
    public DateTimeOffset SecretMadeAt { get; private set; }

    /// <summary>While it is off nothing new is kept for it, and what waits goes on waiting.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Why it was put off by us, for people. Null when it is on, or was put off by a person.</summary>
    public string? StoppedBecause { get; private set; }

    /// <summary>Failed calls since the last that went well.</summary>
    public int Failures { get; private set; }

    /// <summary>When the first of <see cref="Failures"/> failed.</summary>
    public DateTimeOffset? FailingSince { get; private set; }

    /// <summary>It is left alone until then, so that a taker with trouble isn't asked about all that waits. Null when the last call went well.</summary>
    public DateTimeOffset? RestsUntil { get; private set; }

    /// <param name="secret">Protected.</param>
    public void SignWith(byte[] secret, DateTimeOffset now) => (Secret, SecretMadeAt) = (secret, now);

    public void Set(string url, IEnumerable<string> facts, IEnumerable<string> lists, bool isOn)
    {
        List<string> wantedFacts = [.. facts];
        List<string> wantedLists = [.. lists];
        Url = url;
        Facts = Facts.SequenceEqual(wantedFacts) ? Facts : wantedFacts;
        Lists = Lists.SequenceEqual(wantedLists) ? Lists : wantedLists;
        if (isOn && !IsOn)
        {
            (Failures, FailingSince, RestsUntil) = (0, null, null);
        }

        IsOn = isOn;
        StoppedBecause = isOn ? null : StoppedBecause;
    }

    /// <summary>How long it is left alone after another failure: five seconds, then twice as long each time, up to some five minutes.</summary>
    internal TimeSpan Rest => TimeSpan.FromSeconds(5) * Math.Pow(2, Math.Min(Failures, 6));

    internal void Stop(string because) => (IsOn, StoppedBecause) = (false, because);

    /// <summary>The call that a fact is to it. Null when it doesn't want it, or may not know of it.</summary>
    /// <param name="publicLists">Slugs of those of the fact's lists that everybody may know of.</param>
    internal WebhookCall? CallAbout(OutwardFact fact, IReadOnlySet<string> publicLists, DateTimeOffset now)
    {
        List<string> lists = [.. fact.Data.Lists.Where(list => Lists.Count == 0 ? publicLists.Contains(list) : Lists.Contains(list))];
        return IsOn && Facts.Contains(fact.Type) && lists.Count > 0 ? Call(fact with { Data = fact.Data with { Lists = lists } }, now) : null;
    }

    internal WebhookCall Call(OutwardFact fact, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        WebhookId = Id,
        FactId = fact.Id,
        Type = fact.Type,
        Body = fact.ToJson(),
        CreatedAt = now,
        DueAt = now,
    };

    internal sealed class Mapping : IEntityTypeConfiguration<Webhook>
    {
        public void Configure(EntityTypeBuilder<Webhook> builder)
        {
            builder.ToTable("Webhooks");
            builder.Property(h => h.Id).ValueGeneratedNever();
            builder.Property(h => h.Url).HasMaxLength(MaxUrl);
            builder.Property(h => h.Secret).HasMaxLength(1_000);
            builder.Ignore(h => h.Rest);
            builder.Property(h => h.StoppedBecause).HasMaxLength(MaxReason);
        }
    }
}
