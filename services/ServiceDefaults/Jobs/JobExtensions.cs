using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Hangfire;
using Hangfire.Common;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alerts.ServiceDefaults.Jobs;

/// <summary>
/// A sweep over rows that are due. It may run twice, at once in two processes, or late: the rows know what is to be done.
/// </summary>
public interface IJob
{
    Task RunAsync(CancellationToken cancellationToken);
}

/// <summary>A recurring trigger of a job.</summary>
internal sealed record JobTrigger(string Name, string Cron, string Queue, Type Job);

public static partial class JobExtensions
{
    internal const string HangfireSchema = "hangfire";

    /// <summary>Runs <typeparamref name="TJob"/> by the clock. The name says what it does, such as <c>publish-due-posts</c>; registering it again changes the trigger.</summary>
    /// <param name="cron">Five fields, or six with seconds first. UTC.</param>
    public static void AddJob<TJob>(this IHostApplicationBuilder builder, Services service, string name, string cron) where TJob : class, IJob
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.Services.AddScoped<TJob>();
        builder.Services.AddSingleton(new JobTrigger(name, cron, AlertsDbContext.Schema(service), typeof(TJob)));
    }

    /// <summary>The same, for a job that somebody waits for: <see cref="JobSignal{TJob}"/> runs it at once.</summary>
    public static void AddWokenJob<TJob>(this IHostApplicationBuilder builder, Services service, string name, string cron) where TJob : class, IJob
    {
        builder.AddJob<TJob>(service, name, cron);
        builder.Services.AddSingleton<JobSignal<TJob>>();
        builder.Services.AddHostedService<RunWhenWoken<TJob>>();
    }

    /// <summary>Registers Hangfire: in PostgreSQL where there is one, else in memory (the jobs' rows are the truth, so nothing is lost with it).</summary>
    public static void AddJobs(this IHostApplicationBuilder builder, Services services)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var queues = Enum.GetValues<Services>().Where(s => s is not (Services.None or Services.All) && services.HasFlag(s)).Select(AlertsDbContext.Schema).ToArray();
        builder.Services.AddHangfire(hangfire =>
        {
            hangfire.UseSimpleAssemblyNameTypeSerializer().UseRecommendedSerializerSettings();
            if (builder.Configuration.PostgresConnection() is { } postgres)
            {
                hangfire.UsePostgreSqlStorage(storage => storage.UseNpgsqlConnection(postgres), new PostgreSqlStorageOptions
                {
                    SchemaName = HangfireSchema,
                    PrepareSchemaIfNecessary = false, // The migrations do it.
                    QueuePollInterval = TimeSpan.FromSeconds(2),

                    // Held for milliseconds, as a row that a killed process leaves behind: without an end to it, a trigger would rest for ten minutes.
                    DistributedLockTimeout = TimeSpan.FromSeconds(10),
                });
            }
            else
            {
                hangfire.UseInMemoryStorage(new InMemoryStorageOptions { MaxExpirationTime = TimeSpan.FromHours(1) });
            }
        });
        builder.Services.AddHangfireServer(server =>
        {
            server.Queues = queues;
            server.WorkerCount = 4;
            server.SchedulePollingInterval = TimeSpan.FromSeconds(2);
        });
        builder.Services.AddHostedService<JobRegistration>();
    }

    /// <summary>Registers the triggers, beside everything else that starts: a database that is away, or a lock left behind, is waited for.</summary>
    internal sealed partial class JobRegistration(IRecurringJobManager jobs, IEnumerable<JobTrigger> triggers, TimeProvider clock, ILogger<JobRegistration> logger) : BackgroundService
    {
        private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            foreach (var trigger in triggers)
            {
                for (var first = true; !await Task.Run(() => TryRegister(trigger, first), stoppingToken); first = false)
                {
                    await Task.Delay(AfterFailure, clock, stoppingToken);
                }
            }
        }

        private bool TryRegister(JobTrigger trigger, bool first)
        {
            try
            {
                var run = new Job(trigger.Job, trigger.Job.GetMethod(nameof(IJob.RunAsync))!, [CancellationToken.None], trigger.Queue);
                jobs.AddOrUpdate(trigger.Name, run, trigger.Cron, new RecurringJobOptions { MisfireHandling = MisfireHandlingMode.Relaxed });
                return true;
            }
            catch (Exception exception)
            {
                if (first)
                {
                    LogWaiting(trigger.Name, exception);
                }

                return false;
            }
        }

        [LoggerMessage(LogLevel.Warning, "The job {Job} can't be registered just now; trying again every second")]
        private partial void LogWaiting(string job, Exception exception);
    }
}
