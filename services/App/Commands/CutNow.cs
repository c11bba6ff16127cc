using System.Globalization;
using Alerts.Contracts;
using Alerts.Digests;
using Alerts.Digests.Cuts;
using Alerts.Publishing;
using Microsoft.EntityFrameworkCore;

namespace Alerts.App.Commands;

/// <summary>
/// Asks Digests to cut everything owed. What is still on its way from Publishing will be in it: the request names those messages, and is carried out once Digests has them.
/// </summary>
internal static class CutNow
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public static async Task<int> RunAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var digests = services.GetRequiredService<DigestsDb>();
        var clock = services.GetRequiredService<TimeProvider>();
        var underWay = await services.GetRequiredService<PublishingDb>().Outbox
            .Where(m => (m.Waiting & Services.Digests) != Services.None && m.ParkedBecause == null)
            .OrderBy(m => m.Id)
            .Select(m => m.MessageId)
            .Take(100_000)
            .ToListAsync(cancellationToken);
        var request = await CutRequests.AskAsync(digests, underWay, clock.GetUtcNow(), cancellationToken);

        var began = clock.GetTimestamp();
        while (clock.GetElapsedTime(began) < Patience)
        {
            if (await CutRequests.FindAsync(digests, request, cancellationToken) is { DoneAt: not null } done)
            {
                Console.WriteLine(done.Readers == 0
                    ? "Nothing is owed to anybody: no digest was cut."
                    : string.Create(CultureInfo.InvariantCulture, $"Cut {done.Editions} {(done.Editions == 1 ? "digest" : "different digests")} for {done.Readers} {(done.Readers == 1 ? "reader" : "readers")}."));
                return CommandLine.Done;
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }

        Console.WriteLine("The cut is asked for and will be made by the running Digests, or by the next one to start (alerts serve).");
        return CommandLine.Done;
    }
}
