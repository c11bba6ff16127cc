using System.Data.Common;
using System.Globalization;
using System.Reflection;
using System.Text;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Logging;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>
/// What a request of the staff writes to a service's database is noted as it is saved, before and after, and goes into the audit log with it, whichever page or call it was.
/// </summary>
/// <remarks>
/// Bounded: the first <see cref="MostLines"/> changes, each value's first <see cref="MostCharacters"/> characters. Left out: what is <see cref="PersonalAttribute"/>, bytes, and
/// the bookkeeping of ServiceDefaults (outbox, taken messages). Mail addresses are masked. Writes that go past the change tracker leave no before and after, but an entry all the same.
/// </remarks>
internal sealed class AuditTrail(IHttpContextAccessor http) : SaveChangesInterceptor, IDbCommandInterceptor
{
    private const int MostLines = 30;
    private const int MostCharacters = 200;

    private static readonly object Key = new();

    private sealed class Notes
    {
        public List<string> Lines { get; } = [];

        public int Left { get; set; }

        /// <summary>Past the change tracker: a statement that changed rows.</summary>
        public bool Wrote { get; set; }

        public bool Recorded { get; set; }
    }

    public int NonQueryExecuted(DbCommand command, CommandExecutedEventData eventData, int result)
    {
        NoteStatement(result);
        return result;
    }

    public ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        NoteStatement(result);
        return ValueTask.FromResult(result);
    }

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Note(eventData.Context);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Note(eventData.Context);
        return ValueTask.FromResult(result);
    }

    /// <summary>Around what answers: an act of the staff that nobody recorded is recorded here. A program of another site that rides on the cookie of a browser is sent away.</summary>
    public static async Task WatchAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsAct(context))
        {
            await next(context);
            return;
        }

        if (IsForeign(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        var notes = new Notes();
        context.Items[Key] = notes;
        await next(context);

        // A form that was sent back with its mistakes changed nothing, and is nothing to record.
        var isCall = context.Request.Path.StartsWithSegments("/api");
        if (!notes.Recorded && context.Response.StatusCode < StatusCodes.Status400BadRequest && (isCall || notes.Wrote || notes.Lines.Count > 0))
        {
            // The client may be gone; the act is done.
            await context.RequestServices.GetRequiredService<Audit>().RecordAsync(context.User, Name(context), Target(context), null, CancellationToken.None);
        }
    }

    /// <summary>What was noted so far in this request; it is recorded with that.</summary>
    public static string? Take(HttpContext context)
    {
        if (context.Items[Key] is not Notes notes)
        {
            return null;
        }

        notes.Recorded = true;
        if (notes.Lines.Count == 0)
        {
            return null;
        }

        var text = string.Join('\n', notes.Lines) + (notes.Left > 0 ? $"\nand {notes.Left} more" : "");
        notes.Lines.Clear();
        notes.Left = 0;
        return text.Length > AuditEntry.MaxChanges ? text[..(AuditEntry.MaxChanges - 1)] + "…" : text;
    }

    private static bool IsAct(HttpContext context) =>
        context.User.Identity?.IsAuthenticated == true
        && context.GetEndpoint()?.Metadata.GetMetadata<UnrecordedAttribute>() is null
        && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !HttpMethods.IsOptions(context.Request.Method);

    /// <summary>A call with the cookie, not a key, that a page of another site made (Fetch Metadata). The cookie's SameSite keeps most away; this keeps away our own subdomains too.</summary>
    private static bool IsForeign(HttpRequest request) =>
        request.Path.StartsWithSegments("/api") && !ApiKeyAuthentication.IsUsed(request.Headers.Authorization) && request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none");

    /// <summary>What the call says of itself, else its method and pattern; of a page also the form that was sent.</summary>
    private static string Name(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        var pattern = (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? context.Request.Path.ToString();
        return endpoint?.Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary is { Length: > 0 } summary ? summary
            : context.Request.HasFormContentType && context.Request.Form["_handler"].ToString() is { Length: > 0 } form ? $"{pattern}: {form}"
            : $"{context.Request.Method} {pattern}";
    }

    private static string? Target(HttpContext context) =>
        context.Request.RouteValues.Where(v => v.Key is not "page" && v.Value is string or Guid or int or long).Select(v => Convert.ToString(v.Value, CultureInfo.InvariantCulture)).ToList() is { Count: > 0 } values
            ? string.Join(' ', values)
            : null;

    private void NoteStatement(int rows)
    {
        if (rows > 0 && http.HttpContext?.Items[Key] is Notes notes)
        {
            notes.Wrote = true;
        }
    }

    private void Note(DbContext? db)
    {
        if (http.HttpContext?.Items[Key] is not Notes notes || db is null)
        {
            return;
        }

        foreach (var entry in db.ChangeTracker.Entries().Where(e => e.State is EntityState.Added or EntityState.Modified or EntityState.Deleted))
        {
            var type = entry.Metadata.ClrType;
            if (type.Assembly == typeof(AlertsDbContext).Assembly || entry.Metadata.IsOwned())
            {
                continue;
            }

            foreach (var line in Lines(entry, type))
            {
                if (notes.Lines.Count < MostLines)
                {
                    notes.Lines.Add(line);
                }
                else
                {
                    notes.Left++;
                }
            }
        }
    }

    private static IEnumerable<string> Lines(EntityEntry entry, Type type)
    {
        if (type.GetCustomAttribute<PersonalAttribute>() is not null)
        {
            yield return $"{type.Name}: {entry.State.ToString().ToLowerInvariant()}";
            yield break;
        }

        foreach (var property in entry.Properties)
        {
            var (before, after) = entry.State switch
            {
                EntityState.Added => (null, property.CurrentValue),
                EntityState.Deleted => (property.OriginalValue, null),
                _ => (property.OriginalValue, property.CurrentValue),
            };
            if (property.Metadata.ClrType == typeof(byte[]) || Same(property, before, after, entry.State))
            {
                continue;
            }

            var personal = property.Metadata.PropertyInfo?.GetCustomAttribute<PersonalAttribute>() is not null;
            yield return $"{type.Name}.{property.Metadata.Name}: " + (personal ? "changed" : $"{Shown(property, before)} → {Shown(property, after)}");
        }
    }

    private static bool Same(PropertyEntry property, object? before, object? after, EntityState state) =>
        state == EntityState.Modified ? !property.IsModified || Equals(Stored(property, before), Stored(property, after))
        : Shown(property, before) == Shown(property, after);

    /// <summary>As the column holds it, which is how a value that isn't plain (JSON) is shown.</summary>
    private static object? Stored(PropertyEntry property, object? value) =>
        value is null ? null : property.Metadata.GetValueConverter() is { } converter ? converter.ConvertToProvider(value) : value;

    private static string Shown(PropertyEntry property, object? value)
    {
        var text = Stored(property, value) switch
        {
            null or "" => "nothing",
            DateTime instant => instant.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            var stored => Convert.ToString(stored, CultureInfo.InvariantCulture) ?? "",
        };
        return MaskedAddresses.Mask(OneLine(text));
    }

    private static string OneLine(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, MostCharacters) + 1);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MostCharacters)))
        {
            line.Append(char.IsControl(c) ? ' ' : c);
        }

        return text.Length > MostCharacters ? line.Append(CultureInfo.InvariantCulture, $"… ({text.Length:N0} characters)").ToString() : line.ToString();
    }
}
