using System.Reflection;
using System.Text.Json;

namespace Alerts.Mailings.Templates;

/// <summary>What a template is tried with: the file <c>{name}.sample.json</c> beside it, which has what a real mail of the kind would have.</summary>
internal static class SampleData
{
    /// <summary>Empty when there is none.</summary>
    public static IReadOnlyDictionary<string, object?> Of(Assembly owner, string name)
    {
        var resource = owner.GetManifestResourceNames().SingleOrDefault(r => r.EndsWith($".{name}.sample.json", StringComparison.Ordinal));
        if (resource is null)
        {
            return new Dictionary<string, object?>();
        }

        using var stream = owner.GetManifestResourceStream(resource)!;
        using var json = JsonDocument.Parse(stream);
        return (IReadOnlyDictionary<string, object?>)Plain(json.RootElement)!;
    }

    private static object? Plain(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().ToDictionary(p => p.Name, p => Plain(p.Value)),
        JsonValueKind.Array => json.EnumerateArray().Select(Plain).ToList(),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => json.GetDecimal(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };
}
