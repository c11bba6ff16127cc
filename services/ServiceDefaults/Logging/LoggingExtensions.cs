using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;
using Serilog;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Templates;
using Serilog.Templates.Themes;

namespace Alerts.ServiceDefaults.Logging;

public static class LoggingExtensions
{
    private const string Line = "{@t:HH:mm:ss} {@l:u3} {#if SourceContext is not null}{Substring(SourceContext, LastIndexOf(SourceContext, '.') + 1)}: {#end}{@m}\n{@x}";

    /// <summary>What frameworks say is of interest only when it is a warning.</summary>
    private static readonly string[] Chatty = ["Microsoft", "System", "MassTransit.ReceiveTransport", "Hangfire", "Polly", "OpenTelemetry"];

    /// <summary>
    /// What these have to say is an exception too, which whoever handles it logs; or, of the bus, a line for every queue and attempt, where <see cref="Bus.BusWatch"/> says it once;
    /// or that our keys lie unencrypted in the database that holds what they protect.
    /// </summary>
    private static readonly string[] SaidElsewhere =
        ["Microsoft.EntityFrameworkCore", "Microsoft.Extensions.Diagnostics.HealthChecks", "MassTransit", "Microsoft.AspNetCore.DataProtection"];

    /// <summary>
    /// Logs to the console: lines for a person on a terminal and outside Production, else JSON, a line an event (CLEF). The section <c>Serilog</c> of the configuration
    /// changes levels. No mail address is ever written whole.
    /// </summary>
    /// <param name="toErrors">For verbs, whose output is their answer: logs, warnings only, go to the error stream.</param>
    public static void AddLogging(this IHostApplicationBuilder builder, bool toErrors)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var readable = !builder.Environment.IsProduction() || !Console.IsOutputRedirected;
        ITextFormatter formatter = readable ? new ExpressionTemplate(Line, theme: Console.IsOutputRedirected ? null : TemplateTheme.Code) : new RenderedCompactJsonFormatter();
        builder.Services.AddSerilog(logger =>
        {
            logger.MinimumLevel.Is(toErrors ? LogEventLevel.Error : LogEventLevel.Information).Enrich.FromLogContext();
            foreach (var source in Chatty)
            {
                logger.MinimumLevel.Override(source, toErrors ? LogEventLevel.Fatal : LogEventLevel.Warning);
            }

            foreach (var source in SaidElsewhere)
            {
                logger.MinimumLevel.Override(source, LogEventLevel.Fatal);
            }

            // Told in one line by whoever started us.
            logger.Filter.ByExcluding(e => e.Exception?.InnerException is AddressInUseException);
            logger.ReadFrom.Configuration(builder.Configuration);
            logger.WriteTo.Console(new MaskedAddresses(formatter), standardErrorFromLevel: toErrors ? LogEventLevel.Verbose : null);
        });
    }
}
