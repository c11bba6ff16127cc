using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Alerts.Subscriptions;

/// <summary>The bounds of a page in the API.</summary>
internal static class Paging
{
    public const int Default = 50;
    public const int Most = 200;

    public static ValidationProblem? Problem(int limit) => limit is >= 1 and <= Most
        ? null
        : TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["limit"] = [$"The limit is from 1 to {Most}."] });
}
