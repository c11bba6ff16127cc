using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Alerts.Tests.Servers;

namespace Alerts.Tests.Integration;

/// <summary>Importing, looking for and exporting people as a program does it.</summary>
public sealed class ImportApiTests
{
    private const int Readers = 150_000;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_file_is_taken_stopped_resumed_and_found_again_in_the_export()
    {
        await using var alerts = new AlertsProcess();
        await alerts.StartAsync(Cancelled);
        await alerts.RunAsync("lists", "add", "city");
        var key = (await alerts.RunAsync("keys", "add", "test", "--role", "admin")).Output.Split((char[]?)null).Single(word => word.StartsWith("alerts_", StringComparison.Ordinal));
        alerts.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

        // Refused at the edge, by field, and nothing is kept.
        Assert.Equal(("list", HttpStatusCode.BadRequest), await RefusedAsync(alerts, "?confirmed=true", "email\nada@example.org"));
        Assert.Equal(("list", HttpStatusCode.BadRequest), await RefusedAsync(alerts, "?list=nowhere", "email\nada@example.org"));
        Assert.Equal(("frequency", HttpStatusCode.BadRequest), await RefusedAsync(alerts, "?list=city&frequency=hourly", "email\nada@example.org"));
        Assert.Equal(("column", HttpStatusCode.BadRequest), await RefusedAsync(alerts, "?list=city&column=email", "email\nada@example.org"));
        Assert.Equal(("file", HttpStatusCode.BadRequest), await RefusedAsync(alerts, "?list=city", "name\nAda"));
        Assert.Equal(("file", HttpStatusCode.BadRequest), await RefusedAsync(alerts, "?list=city", "PK\u0003\u0004 packed"));
        Assert.Empty((await GetAsync(alerts, "/api/imports"))["items"]!.AsArray());

        // More than a form of other servers may have: 34 MB.
        using var file = new StringContent(File(), Encoding.UTF8, "text/csv");
        using var taken = await alerts.Http.PostAsync(new Uri("/api/subscribers/import?list=city&confirmed=true&column=email=Anschrift&source=the%20old%20system", UriKind.Relative), file, Cancelled);
        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        var import = taken.Headers.Location!.ToString();

        await StateAsync(alerts, import, now => now["rows"]!.GetValue<long>() > 0);
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(alerts, import + "/cancel"));
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync(alerts, import + "/cancel"));
        var stopped = await GetAsync(alerts, import);
        Assert.Equal("cancelled", stopped["state"]!.GetValue<string>());
        Assert.InRange(stopped["rows"]!.GetValue<long>(), 1, Readers);
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(alerts, import + "/resume"));

        // And killed, and started again.
        await StateAsync(alerts, import, now => now["rows"]!.GetValue<long>() > stopped["rows"]!.GetValue<long>());
        await alerts.KillAsync();
        await alerts.StartAsync(Cancelled);
        var done = await StateAsync(alerts, import, now => now["state"]!.GetValue<string>() == "done");
        Assert.Equal((Readers + 2L, (long)Readers, 0L, 2L), (Long(done, "rows"), Long(done, "added"), Long(done, "already"), Long(done, "rejected")));
        Assert.Equal([2L, Readers + 3L], done["rejects"]!.AsArray().Select(r => r!["line"]!.GetValue<long>()));

        var found = await GetAsync(alerts, "/api/subscribers?address=r4711%40example.org");
        var reader = Assert.Single(found["items"]!.AsArray())!;
        var consent = await GetAsync(alerts, $"/api/subscribers/{reader["id"]}/consent");
        Assert.Equal("the old system", consent[0]!["by"]!.GetValue<string>());

        await using var export = await alerts.Http.GetStreamAsync(new Uri("/api/subscribers/export?list=city", UriKind.Relative), Cancelled);
        using var lines = new StreamReader(export);
        var count = 0;
        while (await lines.ReadLineAsync(Cancelled) is not null)
        {
            count++;
        }

        Assert.Equal(Readers + 1, count);
    }

    private static string File()
    {
        var notes = new string('n', 190);
        var file = new StringBuilder("Anschrift,Name,Notes\nnowhere,,\n");
        for (var n = 0; n < Readers; n++)
        {
            file.Append('r').Append(n).Append("@example.org,A reader,").Append(notes).Append('\n');
        }

        return file.Append("nobody@,,\n").ToString();
    }

    private static long Long(JsonNode import, string field) => import[field]!.GetValue<long>();

    private static async Task<JsonNode> StateAsync(AlertsProcess alerts, string import, Func<JsonNode, bool> when) =>
        (await Eventually.Get<JsonNode>(async () => await GetAsync(alerts, import), when, TimeSpan.FromMinutes(4), Cancelled))!;

    private static async Task<JsonNode> GetAsync(AlertsProcess alerts, string path) => (await alerts.Http.GetFromJsonAsync<JsonNode>(new Uri(path, UriKind.Relative), Cancelled))!;

    private static async Task<HttpStatusCode> PostAsync(AlertsProcess alerts, string path)
    {
        using var answer = await alerts.Http.PostAsync(new Uri(path, UriKind.Relative), null, Cancelled);
        return answer.StatusCode;
    }

    private static async Task<(string Field, HttpStatusCode Status)> RefusedAsync(AlertsProcess alerts, string query, string csv)
    {
        using var file = new StringContent(csv);
        file.Headers.ContentType = null;
        using var answer = await alerts.Http.PostAsync(new Uri("/api/subscribers/import" + query, UriKind.Relative), file, Cancelled);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!;
        return (problem["errors"]!.AsObject().Single().Key, answer.StatusCode);
    }
}
