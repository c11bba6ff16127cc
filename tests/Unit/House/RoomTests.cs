using Alerts.Contracts;
using Alerts.Delivery;
using Alerts.Digests;
using Alerts.Mailings;
using Alerts.Notices;
using Alerts.Publishing;
using Alerts.ServiceDefaults;
using Alerts.Subscriptions;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Alerts.Tests.Unit.House;

/// <summary>The lines between the rooms: references run one way, and no service knows another.</summary>
public sealed class RoomTests
{
    private static readonly string[] Rooms = ["Publishing", "Subscriptions", "Digests", "Notices", "Delivery"];

    private static readonly Architecture House = new ArchLoader()
        .LoadAssemblies(
            typeof(IAudience).Assembly,
            typeof(AlertsOptions).Assembly,
            typeof(OutgoingMailing).Assembly,
            typeof(PublishingService).Assembly,
            typeof(SubscriptionsService).Assembly,
            typeof(DigestsService).Assembly,
            typeof(NoticesService).Assembly,
            typeof(DeliveryService).Assembly)
        .Build();

    public static TheoryData<string, string> PairsOfServices()
    {
        var pairs = new TheoryData<string, string>();
        foreach (var one in Rooms)
        {
            foreach (var other in Rooms.Where(r => r != one))
            {
                pairs.Add(one, other);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(PairsOfServices))]
    public void No_service_knows_another(string one, string other) =>
        Types().That().ResideInNamespaceMatching($@"^Alerts\.{one}(\..*)?$")
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($@"^Alerts\.{other}(\..*)?$"))
            .WithoutRequiringPositiveResults()
            .Check(House);

    [Fact]
    public void Contracts_depend_on_nothing() =>
        Types().That().ResideInNamespaceMatching(@"^Alerts\.Contracts$")
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(@"^Alerts\.(?!Contracts$).*"))
            .Check(House);

    [Theory]
    [InlineData("ServiceDefaults")]
    [InlineData("Mailings")]
    public void What_is_shared_knows_no_service(string shared) =>
        Types().That().ResideInNamespaceMatching($@"^Alerts\.{shared}(\..*)?$")
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($@"^Alerts\.({string.Join('|', Rooms)})(\..*)?$"))
            .Check(House);

    [Fact]
    public void Contracts_reference_no_package() =>
        Assert.All(typeof(IAudience).Assembly.GetReferencedAssemblies(), reference => Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal));
}
