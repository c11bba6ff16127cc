using Alerts.Delivery;
using Alerts.Digests;
using Alerts.Notices;
using Alerts.Publishing;
using Alerts.ServiceDefaults;
using Alerts.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Alerts.Tests.Unit.House;

/// <summary>A change of a model comes with its two migrations (infra/add-migration.sh).</summary>
public sealed class ModelTests
{
    public static TheoryData<string> Contexts() => [.. Factories().Select(f => f.Context.FullName!)];

    [Fact]
    public void Every_service_and_staff_have_two_contexts() => Assert.Equal(12, Factories().Count());

    [Theory]
    [MemberData(nameof(Contexts))]
    public void A_model_has_no_change_without_a_migration(string context)
    {
        var factory = Factories().Single(f => f.Context.FullName == context).Factory;
        var create = factory.GetMethod(nameof(IDesignTimeDbContextFactory<>.CreateDbContext), [typeof(string[])])!;
        using var db = (DbContext)create.Invoke(Activator.CreateInstance(factory, nonPublic: true), [Array.Empty<string>()])!;

        Assert.False(db.Database.HasPendingModelChanges(), $"{context} changed: run infra/add-migration.sh NAME");
    }

    private static IEnumerable<(Type Factory, Type Context)> Factories() =>
        from assembly in new[]
        {
            typeof(AlertsOptions).Assembly,
            typeof(PublishingService).Assembly,
            typeof(SubscriptionsService).Assembly,
            typeof(DigestsService).Assembly,
            typeof(NoticesService).Assembly,
            typeof(DeliveryService).Assembly,
        }
        from type in assembly.GetTypes()
        where !type.IsAbstract
        from contract in type.GetInterfaces()
        where contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IDesignTimeDbContextFactory<>)
        select (type, contract.GetGenericArguments()[0]);
}
