using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Staff;
using Alerts.Subscriptions.Audience;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.Encryption;
using Alerts.Subscriptions.Move;
using Alerts.Subscriptions.Unsubscribe;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Subscriptions.Subscribers;

public enum SubscriberState
{
    /// <summary>Somebody gave the address; its owner hasn't said yes.</summary>
    Unconfirmed,
    Confirmed,

    /// <summary>Nothing of her is left but the id and what she once held.</summary>
    Erased,
}

/// <summary>A list that somebody asked for at an address whose owner hasn't confirmed it yet.</summary>
public sealed record Wanted(string List, Frequency Frequency);

/// <summary>
/// A reader, with the rules for what she holds. Everything that joins, changes or leaves goes through here, inside an <see cref="AudienceChange"/> that found her (so
/// that what she holds is loaded).
/// </summary>
public sealed class Subscriber
{
    /// <summary>So many mails may ask at an address that doesn't answer, before it is left alone for a day: nobody can be bombed with them.</summary>
    private const int MostAsks = 3;

    /// <summary>The same form sent twice makes one mail.</summary>
    private static readonly TimeSpan BetweenConfirmations = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LeftAlone = TimeSpan.FromDays(1);

    public required Guid Id { get; init; }

    /// <summary>As she gave it. Null once erased.</summary>
    [Personal]
    public string? Address { get; private set; }

    /// <summary>
    /// What she is found by: see <see cref="EmailAddress.Normalized"/>. Unique. Null once erased. Where addresses are encrypted, its keyed hash comes back from the database.
    /// </summary>
    [Personal]
    public string? NormalizedAddress { get; private set; }

    /// <summary><see cref="EmailAddress.Normalized"/>, whatever stands in the database. Null once erased.</summary>
    public string? ComparedAddress => NormalizedAddress is { } found && AddressKeys.IsPlain(found) ? found : EmailAddress.TryRead(Address, out var address, out _) ? address.Normalized : null;

    [Personal]
    public string? Name { get; private set; }

    /// <summary>IANA zone id.</summary>
    public string Zone { get; private set; } = "UTC";

    /// <summary>0 to 23, in her zone.</summary>
    public int Hour { get; private set; }

    public DayOfWeek Weekday { get; private set; }

    /// <summary>Slugs of regions; empty: anywhere.</summary>
    public List<string> Regions { get; private set; } = [];

    /// <summary>Whether she gets notices about events.</summary>
    public bool EventNotices { get; private set; } = true;

    /// <summary>Whether urgent posts reach her at once, however often she has the others.</summary>
    public bool UrgentPosts { get; private set; } = true;

    /// <summary>Language tag (RFC 5646).</summary>
    public string Language { get; private set; } = "en";

    public SubscriberState State { get; private set; }

    /// <summary>What waits for a click in the confirmation mail; what she holds already may be here too, with another frequency.</summary>
    public List<Wanted> Pending { get; private set; } = [];

    /// <summary>When the last confirmation mail was made, and how many there were.</summary>
    public DateTimeOffset? AskedAt { get; private set; }

    public int TimesAsked { get; private set; }

    /// <summary>How many of them since she last answered or was left alone.</summary>
    public int AskedLately { get; private set; }

    /// <summary>The address she wants to be written to instead, while it isn't confirmed.</summary>
    [Personal]
    public AddressMove? Move { get; private set; }

    /// <summary>No mail before this instant.</summary>
    public DateTimeOffset? PausedUntil { get; private set; }

    /// <summary>No mail at all: the address bounced, or she complained.</summary>
    public DateTimeOffset? SuppressedAt { get; private set; }

    public string? SuppressedBecause { get; private set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ConfirmedAt { get; private set; }

    /// <summary>The revision at which what she holds, or when she reads, changed last; 0 when she never held anything.</summary>
    public long ChangedRev { get; private set; }

    /// <summary>What she holds, as far as it was loaded; rows that have ended may be among them.</summary>
    public List<Subscription> Subscriptions { get; } = [];

    public IEnumerable<Subscription> Holds => Subscriptions.Where(s => s.ToRev == Subscription.Held);

    /// <summary>A new reader who hasn't confirmed. Details that aren't given come from the defaults.</summary>
    /// <param name="id">A new one, where it matters which (an import's ascend).</param>
    public static Subscriber New(EmailAddress address, SubscriberDetails details, ReadingDefaults defaults, DateTimeOffset now, Guid? id = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(details);
        ArgumentNullException.ThrowIfNull(defaults);

        return new Subscriber
        {
            Id = id ?? Guid.CreateVersion7(now),
            Address = address.Value,
            NormalizedAddress = address.Normalized,
            Name = Blank(details.Name),
            Zone = details.Zone ?? defaults.DefaultZone,
            Hour = details.Hour ?? defaults.DefaultHour,
            Weekday = Words.TryRead<DayOfWeek>(details.Weekday, out var weekday) ? weekday : defaults.DefaultWeekday,
            Regions = [.. details.Regions ?? []],
            EventNotices = details.EventNotices ?? true,
            UrgentPosts = details.UrgentPosts ?? true,
            Language = details.Language ?? "en",
            CreatedAt = now,
        };
    }

    /// <summary>
    /// Notes lists that wait for her to confirm. False when no further mail is due: the same were asked for a moment ago, or she was asked often and hasn't answered. The
    /// link in an earlier mail confirms these too.
    /// </summary>
    public bool Want(IReadOnlyCollection<Wanted> wanted, AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(change);

        List<Wanted> pending = [.. Pending.Where(p => wanted.All(w => w.List != p.List)), .. wanted];
        var same = pending.ToHashSet().SetEquals(Pending);
        Pending = pending;
        AskedLately = change.At < AskedAt + LeftAlone ? AskedLately : 0;
        if (AskedLately >= MostAsks || (same && change.At < AskedAt + BetweenConfirmations))
        {
            return false;
        }

        AskedAt = change.At;
        TimesAsked++;
        AskedLately++;
        foreach (var each in wanted)
        {
            change.Note(Id, ConsentEvent.Asked, each.List, each.Frequency);
        }

        return true;
    }

    /// <summary>Her yes to what was asked for at her address: she holds it from now on. Once more changes nothing.</summary>
    public void Confirm(AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (State == SubscriberState.Erased)
        {
            return;
        }

        if (Pending.Count > 0 || State == SubscriberState.Unconfirmed)
        {
            change.Note(Id, ConsentEvent.Confirmed);
        }

        ConfirmOnly(Pending, change);
        (Pending, AskedLately) = ([], 0);
    }

    /// <summary>Her yes to these lists, given elsewhere and vouched for by an admin. What else waits goes on waiting.</summary>
    public void ConfirmOnly(IReadOnlyCollection<Wanted> wanted, AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(change);
        if (State == SubscriberState.Unconfirmed)
        {
            State = SubscriberState.Confirmed;
            ConfirmedAt = change.At;
        }

        foreach (var each in wanted)
        {
            Hold(each.List, each.Frequency, change);
        }
    }

    /// <summary>She holds the list with this frequency from now on, whether or not she held it before.</summary>
    /// <exception cref="InvalidOperationException">She hasn't confirmed, or is erased.</exception>
    public void Hold(string list, Frequency frequency, AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (State != SubscriberState.Confirmed)
        {
            throw new InvalidOperationException($"A reader who is {State} holds nothing.");
        }

        if (Holds.FirstOrDefault(s => s.List == list) is { } held)
        {
            if (held.Frequency == frequency)
            {
                return;
            }

            End(held, change);
            change.Note(Id, ConsentEvent.Changed, list, frequency);
        }
        else
        {
            change.Note(Id, ConsentEvent.Joined, list, frequency);
        }

        Begin(list, frequency, change);
    }

    /// <summary>She no longer holds the list, nor does a sign-up for it wait. Once more changes nothing.</summary>
    public void Leave(string list, AudienceChange change) => Leave(s => s.List == list, change, p => p.List == list);

    public void LeaveAll(AudienceChange change) => Leave(_ => true, change, _ => true);

    /// <summary>She no longer holds what an unsubscribe link speaks of.</summary>
    public void Leave(UnsubscribeScope scope, AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(scope);
        Leave(s => scope.Covers(s.List, s.Frequency), change, _ => false);
    }

    /// <summary>Takes back a leaving: she holds again what she ceased to hold at that revision, unless she has joined it anew.</summary>
    /// <param name="frequency">How often from now on; null: as before.</param>
    public void JoinAgain(UnsubscribeScope scope, long leftAt, Frequency? frequency, AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(scope);
        if (State != SubscriberState.Confirmed)
        {
            return;
        }

        foreach (var left in Subscriptions.Where(s => s.ToRev == leftAt && scope.Covers(s.List, s.Frequency) && Holds.All(h => h.List != s.List)).ToList())
        {
            Hold(left.List, frequency ?? left.Frequency, change);
        }
    }

    /// <summary>Makes what she holds (before she confirms: what waits) exactly this.</summary>
    public void HoldOnly(IReadOnlyCollection<Wanted> wanted, AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        if (State == SubscriberState.Unconfirmed)
        {
            Pending = [.. wanted];
            return;
        }

        foreach (var list in Holds.Select(s => s.List).Except(wanted.Select(w => w.List)).ToList())
        {
            Leave(list, change);
        }

        foreach (var each in wanted)
        {
            Hold(each.List, each.Frequency, change);
        }
    }

    /// <summary>Changes the details that are given. A new zone, hour or weekday moves her digests; what she allows, and where she is, holds for what is published from now on.</summary>
    public void Describe(SubscriberDetails details, AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(details);
        ArgumentNullException.ThrowIfNull(change);

        Name = details.Name is null ? Name : Blank(details.Name);
        Language = details.Language ?? Language;
        Allow(details, change);

        var before = (Zone, Hour, Weekday);
        Zone = details.Zone ?? Zone;
        Hour = details.Hour ?? Hour;
        Weekday = Words.TryRead<DayOfWeek>(details.Weekday, out var weekday) ? weekday : Weekday;
        if (before != (Zone, Hour, Weekday) && ChangedRev > 0)
        {
            ChangedRev = change.Revision;
        }
    }

    private void Allow(SubscriberDetails details, AudienceChange change)
    {
        var (events, urgent, regions) = (details.EventNotices ?? EventNotices, details.UrgentPosts ?? UrgentPosts, details.Regions ?? Regions);
        if (events == EventNotices && urgent == UrgentPosts && regions.SequenceEqual(Regions))
        {
            return;
        }

        if (events != EventNotices)
        {
            change.Note(Id, events ? ConsentEvent.AllowedEvents : ConsentEvent.RefusedEvents);
        }

        if (urgent != UrgentPosts)
        {
            change.Note(Id, urgent ? ConsentEvent.AllowedUrgent : ConsentEvent.RefusedUrgent);
        }

        (EventNotices, UrgentPosts, Regions) = (events, urgent, [.. regions]);
        foreach (var held in Holds.ToList())
        {
            End(held, change);
            Begin(held.List, held.Frequency, change);
        }
    }

    /// <summary>No mail until then: her digests wait. An instant that has passed ends the pause.</summary>
    public void Pause(DateTimeOffset? until, AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        until = until > change.At ? until : null;
        var was = PausedUntil > change.At ? PausedUntil : null;
        PausedUntil = until;
        if (until != was)
        {
            change.Note(Id, until is null ? ConsentEvent.Resumed : ConsentEvent.Paused);
            ChangedRev = ChangedRev > 0 ? change.Revision : 0;
        }
    }

    /// <summary>No more mail to this address. The first reason stays.</summary>
    public void Suppress(string because, AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (SuppressedAt is null)
        {
            (SuppressedAt, SuppressedBecause) = (change.At, because);
            change.Note(Id, ConsentEvent.Suppressed);
        }
    }

    /// <summary>Mail to this address again. Without a suppression it changes nothing.</summary>
    public void LiftSuppression(AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (SuppressedAt is not null)
        {
            (SuppressedAt, SuppressedBecause) = (null, null);
            change.Note(Id, ConsentEvent.Lifted);
        }
    }

    /// <summary>Notes that she wants to be written to elsewhere. Both addresses must say yes. False when she asked a moment ago, or often within a day.</summary>
    public bool AskToMove(EmailAddress to, AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(change);
        var lately = Move is { } asked && change.At < asked.AskedAt + LeftAlone ? asked.Times : 0;
        if (lately >= MostAsks || change.At < Move?.AskedAt + BetweenConfirmations)
        {
            return false;
        }

        Move = new AddressMove(to.Value, change.At, lately + 1, OldAgrees: false, NewAgrees: false);
        return true;
    }

    /// <summary>One of the two addresses says yes; when both have, she has moved, and what was wrong with the old address no longer matters.</summary>
    /// <returns>False when there is no such move (any more).</returns>
    public bool AgreeToMove(MoveLink link, AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(change);
        if (State == SubscriberState.Erased || Move is not { } move || move.AskedAt != link.AskedAt || change.At > move.AskedAt + AddressMove.Lapse)
        {
            return false;
        }

        Move = link.FromOld ? move with { OldAgrees = true } : move with { NewAgrees = true };
        if (Move is { OldAgrees: true, NewAgrees: true } && EmailAddress.TryRead(move.Address, out var address, out _))
        {
            (Address, NormalizedAddress, Move) = (address.Value, address.Normalized, null);
            (SuppressedAt, SuppressedBecause) = (null, null);
            change.Note(Id, ConsentEvent.Moved);
        }

        return true;
    }

    /// <summary>She stays where she is.</summary>
    public void ForgetMove() => Move = null;

    /// <summary>Forgets who she is. What she once held stays, without her, for the books. See <see cref="ErasedAddress"/> for what else is kept.</summary>
    public void Erase(AudienceChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        Leave(_ => true, change, _ => true, silently: true);
        change.Note(Id, ConsentEvent.Erased);
        change.NoteErased(Id);
        State = SubscriberState.Erased;
        (Address, NormalizedAddress, Name, Move) = (null, null, null, null);
        (Regions, EventNotices, UrgentPosts) = ([], true, true);
        Language = "en";
        (Zone, Hour, Weekday) = ("UTC", 0, DayOfWeek.Sunday);
        ChangedRev = ChangedRev > 0 ? change.Revision : 0;
        PausedUntil = null;
        SuppressedBecause = null;
    }

    private void Leave(Func<Subscription, bool> which, AudienceChange change, Func<Wanted, bool> pending, bool silently = false)
    {
        ArgumentNullException.ThrowIfNull(change);
        List<Subscription> held = [.. Holds.Where(which)];
        List<Wanted> waiting = [.. Pending.Where(pending)];
        foreach (var each in held)
        {
            End(each, change);
        }

        if (waiting.Count > 0)
        {
            Pending = [.. Pending.Except(waiting)];
        }

        foreach (var list in silently ? [] : held.Select(s => s.List).Union(waiting.Select(w => w.List)))
        {
            change.Note(Id, ConsentEvent.Left, list);
        }
    }

    private void Begin(string list, Frequency frequency, AudienceChange change)
    {
        Subscriptions.Add(new Subscription
        {
            SubscriberId = Id,
            List = list,
            Frequency = frequency,
            Urgent = UrgentPosts,
            Events = EventNotices,
            Regions = string.Join('\n', Regions),
            FromRev = change.Revision,
        });
        ChangedRev = change.Revision;
    }

    private void End(Subscription held, AudienceChange change)
    {
        if (held.FromRev == change.Revision)
        {
            // Begun in this same change: nobody has seen it.
            Subscriptions.Remove(held);
        }
        else
        {
            held.ToRev = change.Revision;
        }

        ChangedRev = change.Revision;
    }

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    internal sealed class Mapping : IEntityTypeConfiguration<Subscriber>
    {
        public void Configure(EntityTypeBuilder<Subscriber> builder)
        {
            builder.ToTable("Subscribers");
            builder.Property(s => s.Address).HasMaxLength(AddressKeys.MaxSealed);
            builder.Property(s => s.NormalizedAddress).HasMaxLength(EmailAddress.MaxLength);
            builder.Property(s => s.Name).HasMaxLength(SubscriberDetails.MaxName);
            builder.Property(s => s.Zone).HasMaxLength(50);
            builder.Property(s => s.Language).HasMaxLength(SubscriberDetails.MaxLanguage);
            builder.Property(s => s.State).HasConversion<string>().HasMaxLength(20);
            builder.Property(s => s.SuppressedBecause).HasMaxLength(500);
            builder.Property(s => s.Regions).IsJson();
            builder.Property(s => s.EventNotices).HasDefaultValue(true).HasSentinel(true);
            builder.Property(s => s.UrgentPosts).HasDefaultValue(true).HasSentinel(true);
            builder.Property(s => s.Pending).IsJson();
            builder.Property(s => s.Move).IsJson();
            builder.Ignore(s => s.Holds);
            builder.HasMany(s => s.Subscriptions).WithOne().HasForeignKey(s => s.SubscriberId).OnDelete(DeleteBehavior.Cascade);

            // One reader an address, whatever runs at the same time.
            builder.HasIndex(s => s.NormalizedAddress).IsUnique();
            builder.HasIndex(s => new { s.ChangedRev, s.Id });

            // What admins search by, in the order they see it.
            builder.HasIndex(s => s.Id, "IX_Subscribers_Unusual").HasFilter($"\"{nameof(State)}\" <> '{nameof(SubscriberState.Confirmed)}'");
            builder.HasIndex(s => s.Id, "IX_Subscribers_Suppressed").HasFilter($"\"{nameof(SuppressedAt)}\" IS NOT NULL");
            builder.HasIndex(s => s.Id, "IX_Subscribers_Paused").HasFilter($"\"{nameof(PausedUntil)}\" IS NOT NULL");
            builder.HasIndex(s => s.Id, "IX_Subscribers_Regions").HasFilter($"\"{nameof(Regions)}\" <> '[]'");
        }
    }
}
