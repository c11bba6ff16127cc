using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Publishing.Events;

/// <summary>How the answers to an event stand, as last counted.</summary>
public sealed class EventAnswers
{
    public required Guid EventId { get; init; }

    public int Coming { get; private set; }

    public int Maybe { get; private set; }

    public int NotComing { get; private set; }

    /// <summary>A concurrency token: of two counts at once, the later one stands.</summary>
    public DateTimeOffset CountedAt { get; private set; }

    /// <summary>Takes a count over unless it is older than what is known.</summary>
    public void Count(EventAnswersCounted counted)
    {
        ArgumentNullException.ThrowIfNull(counted);

        if (counted.CountedAt > CountedAt)
        {
            (Coming, Maybe, NotComing, CountedAt) = (counted.Coming, counted.Maybe, counted.NotComing, counted.CountedAt);
        }
    }

    internal sealed class Mapping : IEntityTypeConfiguration<EventAnswers>
    {
        public void Configure(EntityTypeBuilder<EventAnswers> builder)
        {
            builder.ToTable("EventAnswers");
            builder.HasKey(a => a.EventId);
            builder.Property(a => a.CountedAt).IsConcurrencyToken();
        }
    }
}

/// <summary>Keeps the latest count, for editors and for saying "full".</summary>
public sealed class EventAnswersCountedConsumer(PublishingDb db) : IConsumer<EventAnswersCounted>
{
    public async Task Consume(ConsumeContext<EventAnswersCounted> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var counted = context.Message;
        if (await db.EventAnswers.FindAsync([counted.EventId], context.CancellationToken) is not { } answers)
        {
            answers = new EventAnswers { EventId = counted.EventId };
            db.EventAnswers.Add(answers);
        }

        answers.Count(counted);
        await db.SaveChangesAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<EventAnswersCountedConsumer, EventAnswersCounted, PublishingDb>("alerts.publishing.event-answers-counted");
}
