using Alerts.Contracts;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults.Bus;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Staff;
using Alerts.ServiceDefaults.Web;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Alerts.Mailings;

/// <summary>Stops fanning out a mailing that was called off; its books are closed with the readers selected so far.</summary>
public sealed class MailingCancelledConsumer<TDb>(TDb db) : IConsumer<MailingCancelled> where TDb : MailingsDbContext
{
    public async Task Consume(ConsumeContext<MailingCancelled> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        if (await db.Mailings.FindAsync([context.Message.MailingId], context.CancellationToken) is { } mailing)
        {
            mailing.Cancelled(context.Message.CancelledAt);
            await db.SaveChangesAsync(context.CancellationToken);
        }
    }

    internal sealed class Definition() : TakingDefinition<MailingCancelledConsumer<TDb>, MailingCancelled, TDb>($"alerts.{DatabaseExtensions.SchemaOf<TDb>()}.mailing-cancelled");
}

/// <summary>Notes that every delivery of a mailing has ended.</summary>
public sealed class MailingCompletedConsumer<TDb>(TDb db, TimeProvider clock) : IConsumer<MailingCompleted> where TDb : MailingsDbContext
{
    public async Task Consume(ConsumeContext<MailingCompleted> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        if (await db.Mailings.FindAsync([context.Message.MailingId], context.CancellationToken) is { } mailing)
        {
            mailing.Completed(clock.GetUtcNow());
            await db.SaveChangesAsync(context.CancellationToken);
        }
    }

    internal sealed class Definition() : TakingDefinition<MailingCompletedConsumer<TDb>, MailingCompleted, TDb>($"alerts.{DatabaseExtensions.SchemaOf<TDb>()}.mailing-completed");
}

public static class MailingsExtensions
{
    /// <summary>The pages that come with every service that makes mailings.</summary>
    public static IReadOnlyList<NavigationLink> Links { get; } = [new("Templates", "/admin/templates", 86, Policies.Admin), new("Colours", "/admin/themes", 87, Policies.Admin)];

    /// <summary>Registers the relay of the service's outbox, its fan-out and the templates of mails: what a running service that makes mailings needs.</summary>
    public static void AddMailings<TDb>(this IHostApplicationBuilder builder) where TDb : MailingsDbContext
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.Services.AddMailTemplates();
        builder.AddOutboxRelay<TDb>();
        builder.Services.AddHostedService<FanOut<TDb>>();
    }

    /// <summary>Registers the consumers of a service that makes mailings, its outbox included.</summary>
    public static void AddMailings<TDb>(this IBusRegistrationConfigurator bus) where TDb : MailingsDbContext
    {
        bus.AddOutbox<TDb>();
        bus.AddConsumer<MailingCancelledConsumer<TDb>, MailingCancelledConsumer<TDb>.Definition>();
        bus.AddConsumer<MailingCompletedConsumer<TDb>, MailingCompletedConsumer<TDb>.Definition>();
    }
}
