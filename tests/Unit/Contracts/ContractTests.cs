using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Alerts.Contracts;

namespace Alerts.Tests.Unit.Contracts;

/// <summary>
/// The JSON of each contract is pinned by a file in <c>Approved/</c>. Additive changes only: when a test here fails because a field was added on purpose (optional,
/// see docs/developers.md), replace the approved file by what the message prints. Anything else is a new message.
/// </summary>
public sealed class ContractTests
{
    private static readonly JsonSerializerOptions Wire = new(JsonSerializerOptions.Default) { WriteIndented = true };

    public static TheoryData<string> Contracts() =>
        [.. typeof(Taken).Assembly.GetExportedTypes().Where(t => t == typeof(Taken) || t.GetCustomAttribute<TakenByAttribute>() is not null).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Contracts))]
    public void The_JSON_of_a_contract_is_as_approved(string contract)
    {
        var type = typeof(Taken).Assembly.GetType($"Alerts.Contracts.{contract}")!;
        var approved = Path.Combine(AppContext.BaseDirectory, "Contracts", "Approved", contract + ".json");

        var actual = Schema(type);

        Assert.True(File.Exists(approved), $"There is no tests/Unit/Contracts/Approved/{contract}.json. It should read:\n{actual}");
        Assert.Equal(File.ReadAllText(approved).TrimEnd(), actual);
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
