using Alerts.Contracts;

namespace Alerts.Subscriptions.Subscribers;

/// <summary>A list and how often, as the API writes it.</summary>
public sealed record SubscriptionView
{
    /// <summary>The list's slug.</summary>
    public string? List { get; init; }

    /// <summary>immediate, daily or weekly.</summary>
    public string? Frequency { get; init; }

    internal static SubscriptionView Of(string list, Frequency frequency) => new() { List = list, Frequency = frequency.Word() };

    /// <summary>Reads what is asked for; says by field what is wrong.</summary>
    /// <param name="known">The lists there are.</param>
    internal static List<Wanted> Read(IReadOnlyList<SubscriptionView> asked, IReadOnlySet<string> known, Dictionary<string, string[]> problems)
    {
        var wanted = new List<Wanted>();
        for (var i = 0; i < asked.Count; i++)
        {
            if (asked[i].List is not { } list || !known.Contains(list))
            {
                problems[$"subscriptions[{i}].list"] = [$"There is no list '{asked[i].List}'. See GET /api/lists for those there are."];
            }
            else if (!Words.TryRead<Frequency>(asked[i].Frequency, out var frequency))
            {
                problems[$"subscriptions[{i}].frequency"] = ["The frequency is immediate, daily or weekly."];
            }
            else if (wanted.Any(w => w.List == list))
            {
                problems[$"subscriptions[{i}].list"] = [$"The list '{list}' is there twice; name it once."];
            }
            else
            {
                wanted.Add(new Wanted(list, frequency));
            }
        }

        return wanted;
    }
}

/// <summary>The body of <c>POST /api/subscribers</c>.</summary>
public sealed record NewSubscriber : SubscriberDetails
{
    public string? Address { get; init; }

    /// <summary>At least one.</summary>
    public IReadOnlyList<SubscriptionView> Subscriptions { get; init; } = [];

    /// <summary>True: she has said yes elsewhere, and gets mail at once. False: a mail asks her.</summary>
    public bool Confirmed { get; init; }
}

/// <summary>The body of <c>PATCH /api/subscribers/{id}</c>: what is absent stays.</summary>
public sealed record SubscriberPatch : SubscriberDetails
{
    /// <summary>No mail until then. An instant that has passed ends a pause.</summary>
    public DateTimeOffset? PausedUntil { get; init; }

    /// <summary>All she is to hold; whatever isn't named is left. Before she confirms: all that waits for her.</summary>
    public IReadOnlyList<SubscriptionView>? Subscriptions { get; init; }
}

/// <summary>A reader as the API shows her to admins.</summary>
public sealed record SubscriberView
{
    public required Guid Id { get; init; }

    /// <summary>Null once erased.</summary>
    public string? Address { get; init; }

    public string? Name { get; init; }
    public required string Zone { get; init; }
    public required int Hour { get; init; }
    public required string Weekday { get; init; }
    public required IReadOnlyList<string> Regions { get; init; }
    public required bool EventNotices { get; init; }
    public required bool UrgentPosts { get; init; }
    public required string Language { get; init; }

    /// <summary>unconfirmed, confirmed or erased.</summary>
    public required string State { get; init; }

    public DateTimeOffset? PausedUntil { get; init; }
    public DateTimeOffset? SuppressedAt { get; init; }
    public string? SuppressedBecause { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>What she holds.</summary>
    public required IReadOnlyList<SubscriptionView> Subscriptions { get; init; }

    /// <summary>What waits for her to confirm.</summary>
    public required IReadOnlyList<SubscriptionView> Pending { get; init; }

    internal static SubscriberView Of(Subscriber subscriber) => new()
    {
        Id = subscriber.Id,
        Address = subscriber.Address,
        Name = subscriber.Name,
        Zone = subscriber.Zone,
        Hour = subscriber.Hour,
        Weekday = subscriber.Weekday.Word(),
        Regions = subscriber.Regions,
        EventNotices = subscriber.EventNotices,
        UrgentPosts = subscriber.UrgentPosts,
        Language = subscriber.Language,
        State = subscriber.State.Word(),
        PausedUntil = subscriber.PausedUntil,
        SuppressedAt = subscriber.SuppressedAt,
        SuppressedBecause = subscriber.SuppressedBecause,
        CreatedAt = subscriber.CreatedAt,
        ConfirmedAt = subscriber.ConfirmedAt,
        Subscriptions = [.. subscriber.Holds.OrderBy(s => s.List, StringComparer.Ordinal).Select(s => SubscriptionView.Of(s.List, s.Frequency))],
        Pending = [.. subscriber.Pending.Select(p => SubscriptionView.Of(p.List, p.Frequency))],
    };
}

/// <summary>A page of readers, and the path of the next one.</summary>
public sealed record SubscribersView(IReadOnlyList<SubscriberView> Items, string? Next);
