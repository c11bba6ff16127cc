using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Alerts.ServiceDefaults.Health;

/// <summary>Whether this process lives (<c>/health/live</c>) and whether it can do its work (<c>/health/ready</c>).</summary>
public static class HealthExtensions
{
    /// <summary>Registers what readiness asks: the databases and, by MassTransit itself, the bus. Others add checks of their own to the same builder.</summary>
    public static IHealthChecksBuilder AddHealth(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.Services.AddHealthChecks().AddCheck<DatabasesCheck>("databases", timeout: TimeSpan.FromSeconds(5));
    }

    /// <summary>Both answer anyone with one word; staff also see each part, as JSON.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        if (!context.User.IsInRole(Policies.Editor) && !context.User.IsInRole(Policies.Admin))
        {
            return context.Response.WriteAsync(report.Status.ToString(), context.RequestAborted);
        }

        return context.Response.WriteAsJsonAsync(
            new
            {
                status = report.Status.ToString(),
                parts = report.Entries.Select(e => new { name = e.Key, status = e.Value.Status.ToString(), e.Value.Description, milliseconds = Math.Round(e.Value.Duration.TotalMilliseconds, 1) }),
            },
            context.RequestAborted);
    }
}

/// <summary>Every database of this process answers.</summary>
internal sealed class DatabasesCheck(IServiceScopeFactory scopes, IEnumerable<IMigration> migrations) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var scope = scopes.CreateAsyncScope();
        foreach (var migration in migrations)
        {
            if (!await migration.Database(scope.ServiceProvider).CanConnectAsync(cancellationToken))
            {
                return HealthCheckResult.Unhealthy($"{migration.Name} doesn't answer");
            }
        }

        return HealthCheckResult.Healthy();
    }
}
