using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using Alerts.Contracts;

namespace Alerts.Tests.Unit.Contracts;

/// <summary>
/// The JSON of each contract is pinned by a file in <c>Approved/</c>. Additive changes only: when a test here fails because a field was added on purpose (optional,
/// see docs/developers.md), copy the new file over the approved one. Anything else is a new message.
/// </summary>
public sealed class ContractTests
{
    /// <summary>Names on the bus are camelCase, as MassTransit writes them.</summary>
    private static readonly JsonSerializerOptions Wire = new(JsonSerializerOptions.Web) { WriteIndented = true, NumberHandling = JsonNumberHandling.Strict };

    public static TheoryData<string> Contracts() =>
        [.. typeof(Taken).Assembly.GetExportedTypes().Where(t => t == typeof(Taken) || t.GetCustomAttribute<TakenByAttribute>() is not null).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Contracts))]
    public void The_JSON_of_a_contract_is_as_approved(string contract)
    {
        var type = typeof(Taken).Assembly.GetType($"Alerts.Contracts.{contract}")!;
        var approved = Path.Combine(AppContext.BaseDirectory, "Contracts", "Approved", contract + ".json");

        var actual = Schema(type);

        if (!File.Exists(approved) || File.ReadAllText(approved).TrimEnd() != actual)
        {
            var received = Path.Combine(AppContext.BaseDirectory, contract + ".json");
            File.WriteAllText(received, actual + "\n");
            Assert.Fail($"The JSON of {contract} isn't as approved. If the change is additive: cp {received} tests/Unit/Contracts/Approved/");
        }
    }

    [Fact]
    public void No_approved_contract_has_gone() =>
        Assert.All(
            Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Contracts", "Approved")),
            file => Assert.NotNull(typeof(Taken).Assembly.GetType($"Alerts.Contracts.{Path.GetFileNameWithoutExtension(file)}")));

    [Fact]
    public void Every_message_says_who_must_take_it() =>
        Assert.All(
            typeof(Taken).Assembly.GetExportedTypes().Where(t => t.GetCustomAttribute<TakenByAttribute>() is not null),
            type => Assert.NotEqual(Services.None, type.GetCustomAttribute<TakenByAttribute>()!.Services));

    private static string Schema(Type type)
    {
        var schema = (JsonObject)Wire.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true });
        if (type.GetCustomAttribute<TakenByAttribute>() is { } takers)
        {
            schema["takenBy"] = takers.Services.ToString();
        }

        return schema.ToJsonString(Wire);
    }
}
