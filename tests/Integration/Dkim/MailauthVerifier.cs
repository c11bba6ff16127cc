using System.Diagnostics;
using System.Text.Json;

namespace Alerts.Tests.Integration.Dkim;

/// <summary>A DKIM verifier that isn't ours and shares nothing with us: npm's mailauth, run by node.</summary>
internal static class MailauthVerifier
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>What it says of the signatures of each mail, in their order.</summary>
    /// <param name="records">The TXT records published, by name.</param>
    public static async Task<IReadOnlyList<Signature[]>> VerifyAsync(IReadOnlyDictionary<string, string> records, params IEnumerable<byte[]> mails)
    {
        // From artifacts/bin/Integration/debug: node looks for packages beside the script.
        var folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "tests", "Integration", "Dkim"));
        var node = new ProcessStartInfo("node", [Path.Combine(folder, "verify.mjs")])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(node) ?? throw new InvalidOperationException("node isn't there; infra/test.sh installs it.");
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var answers = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.StandardInput.WriteAsync(JsonSerializer.Serialize(new { records, mails = mails.Select(Convert.ToBase64String) }));
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: what it said is below.
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"The verifier failed. Was npm ci run in tests/Integration? {await errors}");
        return [.. (await answers).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<Signature[]>(line, Json)!)];
    }
}

/// <param name="Result"><c>pass</c>, or how it failed.</param>
/// <param name="Signed">The names of the fields it covers.</param>
internal sealed record Signature(string Algorithm, string Result, string Comment, string Signed);
