using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Alerts.ServiceDefaults.Clock;

public static class ClockExtensions
{
    /// <summary>
    /// Registers the clock: the system's, or one that began at <c>Clock:Start</c> (ISO 8601, UTC unless it says otherwise) when the process started and runs on from there.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>Clock:Start</c> is set in Production, or isn't an instant.</exception>
    public static void AddClock(this IHostApplicationBuilder builder)
    {
        var start = builder.Configuration["Clock:Start"];
        if (string.IsNullOrEmpty(start))
        {
            builder.Services.AddSingleton(TimeProvider.System);
            return;
        }

        if (builder.Environment.IsProduction())
        {
            throw new InvalidOperationException("Clock:Start is for tests and refused in Production: remove it, or set ASPNETCORE_ENVIRONMENT=Development.");
        }

        if (!DateTimeOffset.TryParse(start, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var instant))
        {
            throw new InvalidOperationException($"Clock:Start is '{start}', which isn't an instant: write it like 2026-11-23T20:00:00Z.");
        }

        builder.Services.AddSingleton<TimeProvider>(new ShiftedClock(instant - TimeProvider.System.GetUtcNow()));
    }

    private sealed class ShiftedClock(TimeSpan shift) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + shift;
    }
}
