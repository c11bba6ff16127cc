using System.Reflection;
using System.Text.Json;
using Alerts.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.ServiceDefaults.Outbox;

/// <summary>
/// A message saved in the same transaction as the change it reports. The row stays until every service that must take the message has taken it.
/// </summary>
public sealed class OutboxMessage
{
    /// <summary>A message untaken for this long is published again; each further time the wait doubles, up to <see cref="LongestWait"/>.</summary>
    public static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    public const short UrgentRank = 0;

    public long Id { get; private set; }

    public required Guid MessageId { get; init; }

    /// <summary>The contract's name, without the namespace.</summary>
    public required string Type { get; init; }

    public required string Body { get; init; }

    /// <summary>Who still has to take it.</summary>
    public required Services Waiting { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When to publish it (again).</summary>
    public required DateTimeOffset DueAt { get; set; }

    /// <summary>Of batches of recipients, those of a lower rank go first: 0 urgent, 1 normal, 2 bulk. All other messages go before them.</summary>
    public required short Rank { get; init; }

    /// <summary>How often it was handed to the bus.</summary>
    public int Attempts { get; set; }

    /// <summary>Why it can't be published at all; such a row waits for a person. Null for all others.</summary>
    public string? ParkedBecause { get; set; }

    internal static OutboxMessage Of<T>(T message, DateTimeOffset now, short rank) where T : class => new()
    {
        MessageId = Guid.CreateVersion7(now),
        Type = typeof(T).Name,
        Body = JsonSerializer.Serialize(message),
        Waiting = TakersOf(typeof(T)),
        CreatedAt = now,
        DueAt = now,
        Rank = rank,
    };

    /// <summary>The message itself.</summary>
    /// <exception cref="JsonException">The body isn't one of the contract.</exception>
    internal (object Message, Type Type) Read()
    {
        var type = typeof(Taken).Assembly.GetType($"{typeof(Taken).Namespace}.{Type}") ?? throw new JsonException($"There is no contract {Type}.");
        return (JsonSerializer.Deserialize(Body, type) ?? throw new JsonException("The body is null."), type);
    }

    internal static TimeSpan Wait(int attempts)
    {
        var wait = FirstWait * Math.Pow(2, Math.Min(attempts - 1, 10));
        return wait < LongestWait ? wait : LongestWait;
    }

    private static Services TakersOf(Type contract) =>
        contract.GetCustomAttribute<TakenByAttribute>()?.Services ?? throw new InvalidOperationException($"{contract.Name} doesn't say who must take it ([TakenBy]).");

    internal sealed class Mapping : IEntityTypeConfiguration<OutboxMessage>
    {
        public void Configure(EntityTypeBuilder<OutboxMessage> builder)
        {
            builder.ToTable("Outbox");
            builder.Property(m => m.Type).HasMaxLength(100);
            builder.HasIndex(m => m.MessageId).IsUnique();
            builder.HasIndex(m => m.DueAt);
        }
    }
}

/// <summary>A message this service has taken, recorded together with what it did about it.</summary>
public sealed class TakenMessage
{
    public required Guid MessageId { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<TakenMessage>
    {
        public void Configure(EntityTypeBuilder<TakenMessage> builder)
        {
            builder.ToTable("Taken");

            // What makes a message that comes twice harmless.
            builder.HasKey(m => m.MessageId);
            builder.HasIndex(m => m.TakenAt);
        }
    }
}
