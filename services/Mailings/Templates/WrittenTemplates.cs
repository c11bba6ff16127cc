using System.Collections.Frozen;
using Alerts.ServiceDefaults.Staff;
using Alerts.ServiceDefaults.Templates;
using Fluid;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Alerts.Mailings.Templates;

/// <summary>What admins wrote, compiled.</summary>
/// <param name="Templates">By name, such as <c>digest.html</c>.</param>
/// <param name="Themes">By list; under <see cref="MailTheme.OfAll"/> the one of all.</param>
internal sealed record Written(FrozenDictionary<string, IFluidTemplate> Templates, FrozenDictionary<string, MailTheme> Themes)
{
    public static readonly Written Nothing = new(FrozenDictionary<string, IFluidTemplate>.Empty, FrozenDictionary<string, MailTheme>.Empty);

    /// <summary>The theme of a mail: of its lists, where all look the same, with what they don't say taken from that of all. Null: the built-in look.</summary>
    public MailTheme? ThemeOf(IReadOnlyCollection<string>? lists)
    {
        var all = Themes.GetValueOrDefault(MailTheme.OfAll);
        var own = (lists ?? []).Select(list => Themes.GetValueOrDefault(list)).DistinctBy(theme => (theme?.Accent, theme?.Logo)).Take(2).ToList();
        return own is not [{ } one] ? all
            : all is null || one is { Accent: not null, Logo: not null } ? one
            : new MailTheme { List = one.List, Accent = one.Accent ?? all.Accent, Logo = one.Logo ?? all.Logo, LogoText = one.Logo is null ? all.LogoText : one.LogoText, ChangedAt = one.ChangedAt };
    }
}

/// <summary>
/// Knows what admins wrote, in every process: every few seconds one small query asks whether there is anything newer. While the database is away, what was known last holds:
/// no mail waits for this.
/// </summary>
public sealed partial class WrittenTemplates(IServiceScopeFactory scopes, TimeProvider clock, ILogger<WrittenTemplates> logger) : IDisposable
{
    /// <summary>What was saved holds everywhere after so long.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private const int MostTemplates = 200;
    private const int MostThemes = 2_000;

    private readonly SemaphoreSlim turn = new(1, 1);
    private Written known = Written.Nothing;
    private (DateTimeOffset? Template, DateTimeOffset? Theme) stamp;
    private DateTimeOffset nextLook;

    public void Dispose() => turn.Dispose();

    /// <summary>The next mail looks again, however lately anybody did: after a save in this process.</summary>
    public void LookAgain() => nextLook = default;

    internal async ValueTask<Written> CurrentAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (now < nextLook || !await turn.WaitAsync(0, cancellationToken))
        {
            return known;
        }

        try
        {
            nextLook = now + Every;
            await LookAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogAway(exception.GetBaseException().Message);
        }
        finally
        {
            turn.Release();
        }

        return known;
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<StaffDb>();
        var newest = (await db.Templates.MaxAsync(t => (DateTimeOffset?)t.At, cancellationToken), await db.Themes.MaxAsync(t => (DateTimeOffset?)t.ChangedAt, cancellationToken));
        if (newest == stamp)
        {
            return;
        }

        var templates = new Dictionary<string, IFluidTemplate>();
        foreach (var written in await LatestAsync(db, cancellationToken))
        {
            // It was readable when it was saved; a later version of ours may be stricter.
            if (written.Source is { } source && TemplateSource.Read(source, out var problem) is var template)
            {
                if (template is null)
                {
                    LogUnreadable(written.Name, problem!.ToString());
                    continue;
                }

                templates[written.Name] = template;
            }
        }

        var themes = await db.Themes.AsNoTracking().Where(t => t.Accent != null || t.Logo != null).Take(MostThemes).ToDictionaryAsync(t => t.List, cancellationToken);
        known = new Written(templates.ToFrozenDictionary(), themes.ToFrozenDictionary());
        stamp = newest;
    }

    /// <summary>Of each template that was ever written the version that holds.</summary>
    internal static Task<List<WrittenTemplate>> LatestAsync(StaffDb db, CancellationToken cancellationToken) =>
        db.Templates.AsNoTracking().Where(t => t.Version == db.Templates.Where(o => o.Name == t.Name).Max(o => o.Version)).Take(MostTemplates).ToListAsync(cancellationToken);

    [LoggerMessage(LogLevel.Warning, "The templates that admins wrote can't be looked at ({Reason}): those known last hold")]
    private partial void LogAway(string reason);

    [LoggerMessage(LogLevel.Error, "The template {Name} that an admin wrote can't be read ({Problem}): the built-in one holds")]
    private partial void LogUnreadable(string name, string problem);
}
