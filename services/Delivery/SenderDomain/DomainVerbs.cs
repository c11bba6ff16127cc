using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Delivery.SenderDomain;

/// <summary>What the command line does with the sender's domain.</summary>
public static class DomainVerbs
{
    /// <summary>Asks DNS, keeps and prints what it says. False if something that receivers require isn't right, or DNS couldn't be asked for it.</summary>
    public static async Task<bool> CheckAsync(IServiceProvider services, TextWriter output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(output);

        var inspection = services.GetRequiredService<Inspection>();
        if (inspection.NotNeeded is { } why)
        {
            await output.WriteLineAsync($"No check is needed. {why}");
            return true;
        }

        var found = await inspection.RunAsync(cancellationToken);
        await DomainCheck.KeepAsync(services.GetRequiredService<DeliveryDb>(), inspection.Domain, found, services.GetRequiredService<TimeProvider>().GetUtcNow(), cancellationToken);
        await output.WriteLineAsync($"The sender's domain is {inspection.Domain}.");
        foreach (var finding in found)
        {
            await output.WriteLineAsync($"{finding.Verdict.ToWords().ToUpperInvariant(),-9}  {finding.Name}: {finding.Words}{(finding.Required ? "" : " (Advice: receivers don't insist.)")}");
            if (finding.Put is { } record)
            {
                await output.WriteLineAsync($"           Put into DNS: {record.Name} {record.Type} {record.Value}");
            }
        }

        return !found.Any(f => f.IsBad || (f.Required && f.Verdict == Verdict.NotAsked));
    }

    /// <summary>As users read it.</summary>
    internal static string ToWords(this Verdict verdict) => verdict switch
    {
        Verdict.Right => "right",
        Verdict.Missing => "missing",
        Verdict.Wrong => "wrong",
        Verdict.NotAsked => "not asked",
        _ => "unknown",
    };
}
