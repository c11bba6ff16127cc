using System.Globalization;
using Alerts.Tests.Integration;

namespace Alerts.Tests.Chaos;

/// <summary>The faults: at moments and of kinds drawn from one seed, one after the other, each over before the next begins.</summary>
internal sealed class Storm(House house, FlakyLine line, int seed, Action<string> say)
{
    private readonly Random random = new(seed);
    private readonly long start = TimeProvider.System.GetTimestamp();

    /// <summary>How many mails may have come twice: the connections that were open when a server or Delivery was killed, or the line stalled or was cut.</summary>
    public int MayRepeat { get; private set; }

    public int Faults { get; private set; }

    public async Task RageAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        (string Name, Func<CancellationToken, Task> Act)[] faults =
        [
            ("delivery killed", cancel => KillAsync("delivery", cancel)),
            ("delivery2 killed", cancel => KillAsync("delivery2", cancel)),
            ("notices killed", cancel => KillAsync("notices", cancel)),
            ("publishing killed", cancel => KillAsync("publishing", cancel)),
            ("RabbitMQ killed", KillRabbitMqAsync),
            ("PostgreSQL killed", KillPostgresAsync),
            ("SMTP server killed", KillSinkAsync),
            ("line cut", CutAsync),
            ("line refuses", RefuseAsync),
            ("line stalls", StallAsync),
        ];

        // All kinds in a drawn order, then all of them again in another.
        while (true)
        {
            random.Shuffle(faults);
            foreach (var (name, act) in faults)
            {
                await Task.Delay(TimeSpan.FromSeconds(0.5 + (3 * random.NextDouble())), cancellationToken);
                if (TimeProvider.System.GetElapsedTime(start) > length)
                {
                    return;
                }

                var open = line.Open;
                Faults++;
                Say($"{name}, {open} connections open");
                await act(cancellationToken);
            }
        }
    }

    private void Say(string what) =>
        say(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(start).TotalSeconds,6:0.0} s  {what}"));

    private async Task KillAsync(string service, CancellationToken cancellationToken)
    {
        await InDoubtAsync(service.StartsWith("delivery", StringComparison.Ordinal), house.Process(service).KillAsync);
        await PauseAsync(cancellationToken);
        await house.Process(service).StartAsync(cancellationToken);
    }

    private async Task KillRabbitMqAsync(CancellationToken cancellationToken)
    {
        await house.RabbitMq!.KillAsync();
        await PauseAsync(cancellationToken);
        await house.RabbitMq.StartAgainAsync(cancellationToken);
    }

    private async Task KillPostgresAsync(CancellationToken cancellationToken)
    {
        await house.Postgres!.KillAsync();
        await PauseAsync(cancellationToken);
        await house.Postgres.StartAgainAsync(cancellationToken);
    }

    private async Task KillSinkAsync(CancellationToken cancellationToken)
    {
        await InDoubtAsync(true, house.Sink!.KillAsync);
        await PauseAsync(cancellationToken);
        await house.Sink.StartAgainAsync();
    }

    private Task CutAsync(CancellationToken cancellationToken) => InDoubtAsync(true, () =>
    {
        line.Cut();
        return Task.CompletedTask;
    });

    private async Task RefuseAsync(CancellationToken cancellationToken)
    {
        line.Refuse(true);
        await CutAsync(cancellationToken);
        await PauseAsync(cancellationToken);
        line.Refuse(false);
    }

    private async Task StallAsync(CancellationToken cancellationToken)
    {
        await InDoubtAsync(true, () =>
        {
            line.Stall();
            return Task.CompletedTask;
        });

        // Longer than Delivery waits for an answer, or shorter.
        await Task.Delay(TimeSpan.FromSeconds(2 + (8 * random.NextDouble())), cancellationToken);
        line.GoOn();
    }

    /// <summary>Counts the connections open at a fault, and those opened while it was made.</summary>
    private async Task InDoubtAsync(bool counts, Func<Task> act)
    {
        var (open, opened) = (line.Open, line.Opened);
        await act();
        MayRepeat += counts ? open + line.Opened - opened : 0;
    }

    private Task PauseAsync(CancellationToken cancellationToken) => Task.Delay(TimeSpan.FromSeconds(2 * random.NextDouble()), cancellationToken);
}
