using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Alerts.ServiceDefaults.Telemetry;

/// <summary>Traces and metrics of everything this process does, across the bus.</summary>
public static class TelemetryExtensions
{
    /// <summary>What our own activity sources and meters are called: <c>Alerts.Delivery</c> and so on.</summary>
    private const string Ours = "Alerts.*";

    private const string OfTheBus = "MassTransit";

    /// <summary>Of one metric. Room for all of them is held from the start: 70 bytes each, for each of some seventy metrics.</summary>
    private const int MostSeries = 500;

    /// <summary>Collects traces and metrics; sends them by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set (the other <c>OTEL_…</c> variables hold too).</summary>
    /// <param name="services">What runs here, for the name of the instance.</param>
    public static void AddTelemetry(this IHostApplicationBuilder builder, string services)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("alerts", serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}").AddAttributes([new("alerts.services", services)]))
            .WithTracing(tracing => tracing
                .AddSource(Ours, OfTheBus)
                .AddAspNetCoreInstrumentation(requests => requests.Filter = context => !IsProbe(context.Request.Path))
                .AddHttpClientInstrumentation())
            .WithMetrics(metrics => metrics
                .AddMeter(Ours, OfTheBus, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.RateLimiting")
                .AddRuntimeInstrumentation()
                .AddView(_ => new MetricStreamConfiguration { CardinalityLimit = MostSeries })
                .AddPrometheusExporter());
        if (!string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
        }
    }

    /// <summary>Metrics as Prometheus text at <c>/metrics</c>, for anyone who reaches it: it holds numbers only.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous();

    private static bool IsProbe(Microsoft.AspNetCore.Http.PathString path) => path.StartsWithSegments("/health") || path.StartsWithSegments("/metrics");
}
