using Alerts.Publishing.Outward;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Publishing.Webhooks;

/// <summary>One fact owed to one webhook. The row exists before the call does, so a crash forgets nothing; it may repeat a call, with the same id.</summary>
public sealed class WebhookCall
{
    /// <summary>A call that is over or can't be made is known for so long.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>Of one webhook, calls that are over.</summary>
    public const int MostKept = 500;

    /// <summary>Whoever makes the call has it for so long; then another takes it up. Six times <see cref="WebhookClient.Timeout"/>.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>In characters.</summary>
    internal const int MaxAnswer = 300;

    /// <summary>
    /// What is waited after each attempt that failed; after the one that follows the last of these it is given up. The schedule of Standard Webhooks
    /// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Deliverability and reliability"), three days in all.
    /// </summary>
    internal static readonly IReadOnlyList<TimeSpan> Waits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14),
        TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    public required Guid Id { get; init; }

    public required Guid WebhookId { get; init; }

    /// <summary>The fact's, the same at each attempt: the header <c>webhook-id</c>.</summary>
    public required Guid FactId { get; init; }

    /// <summary>Of the fact.</summary>
    public required string Type { get; init; }

    /// <summary>What is sent, JSON. Null once it is over.</summary>
    public string? Body { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When to make it (again); while somebody makes it, when another may. Null once it is over.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>Attempts begun. It tells whose the call is: who finds another number has lost it.</summary>
    public int Attempts { get; set; }

    public DateTimeOffset? TriedAt { get; set; }

    /// <summary>Null: it wasn't taken, yet or for good.</summary>
    public DateTimeOffset? DeliveredAt { get; set; }

    /// <summary>What came of the last attempt, for people. Null before the first.</summary>
    public string? LastAnswer { get; set; }

    /// <summary>Somebody looks at what comes of it: it is made once.</summary>
    internal bool IsTest => Type == OutwardTypes.Test;

    /// <summary>Null when it has been tried often enough.</summary>
    internal DateTimeOffset? NextTry(DateTimeOffset now) => IsTest || Attempts > Waits.Count ? null : now + Waits[Attempts - 1];

    internal sealed class Mapping : IEntityTypeConfiguration<WebhookCall>
    {
        public void Configure(EntityTypeBuilder<WebhookCall> builder)
        {
            builder.ToTable("WebhookCalls");
            builder.Property(c => c.Id).ValueGeneratedNever();
            builder.Property(c => c.Type).HasMaxLength(50);
            builder.Property(c => c.LastAnswer).HasMaxLength(MaxAnswer);
            builder.HasOne<Webhook>().WithMany().HasForeignKey(c => c.WebhookId).OnDelete(DeleteBehavior.Cascade);

            // What makes a fact that comes twice harmless.
            builder.HasIndex(c => new { c.WebhookId, c.FactId }).IsUnique();
            builder.HasIndex(c => new { c.WebhookId, c.DueAt });
        }
    }
}
