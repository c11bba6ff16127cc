using System.Globalization;
using Alerts.Delivery.Ledger;
using Microsoft.Extensions.Configuration;

namespace Alerts.Delivery.Sending;

/// <summary>What one domain of recipients may be given at once. Null: as much as the relays take.</summary>
/// <param name="Connections">How many mails may be on their way to it at once.</param>
/// <param name="Rate">Mails a second, at most.</param>
internal sealed record DomainCap(int? Connections, double? Rate)
{
    public static readonly DomainCap None = new(null, null);
}

/// <summary>The caps of <c>Smtp:Domains</c>: by domain, and one for all others.</summary>
internal sealed record DomainCaps(IReadOnlyDictionary<string, DomainCap> ByDomain, DomainCap Default)
{
    public const string Section = "Smtp:Domains";

    /// <summary>The name that stands for every domain not named. No domain of recipients is called so.</summary>
    private const string Others = "default";

    private const int MaxConnections = 200;

    public static readonly DomainCaps None = new(new Dictionary<string, DomainCap>(), DomainCap.None);

    public DomainCap Of(string domain) => ByDomain.GetValueOrDefault(domain, Default);

    /// <exception cref="InvalidOperationException">One isn't right; the message names it.</exception>
    public static DomainCaps Read(IConfiguration configuration)
    {
        var caps = new Dictionary<string, DomainCap>(StringComparer.OrdinalIgnoreCase);
        foreach (var domain in configuration.GetSection(Section).GetChildren())
        {
            if (domain.GetChildren().FirstOrDefault(c => !c.Key.Equals("Connections", StringComparison.OrdinalIgnoreCase) && !c.Key.Equals("Rate", StringComparison.OrdinalIgnoreCase)) is { } unknown)
            {
                throw new InvalidOperationException($"{unknown.Path} isn't a cap: give {domain.Path}:Connections or {domain.Path}:Rate.");
            }

            caps[domain.Key] = new DomainCap(
                Number(domain, "Connections", 1, MaxConnections) is { } connections ? (int)connections : null,
                Number(domain, "Rate", 0.01, 1_000_000));
        }

        return caps.Count == 0 ? None : new DomainCaps(caps, caps.GetValueOrDefault(Others, DomainCap.None));
    }

    private static double? Number(IConfigurationSection domain, string cap, double least, double most) => domain[cap] is not { Length: > 0 } text ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new InvalidOperationException($"{domain.Path}:{cap} is '{text}': give a number from {least.ToString(CultureInfo.InvariantCulture)} to {most}.");
}

/// <summary>
/// Keeps what goes to each domain within its cap: mails beyond it are put aside, so that those behind them go. And it leaves alone for a while a domain that refuses mail
/// after mail for now (greylisting, too many connections): its mails are put off as if each had been refused itself, so that they too end after 48 hours.
/// Domains without cap or trouble cost nothing. Not safe for threads: the queue asks under its lock.
/// </summary>
internal sealed class Domains(DomainCaps caps, TimeProvider clock)
{
    /// <summary>How many mails may be put aside; more go back to the ledger for a while.</summary>
    private const int MaxAside = 2_000;

    /// <summary>Of so many domains it is remembered how they do.</summary>
    private const int MaxKnown = 10_000;

    /// <summary>A domain that has refused so many in a row is left alone: for a second, then two, four … up to half a minute, less than the first wait of a mail.</summary>
    private const int RefusalsInARow = 5;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BackInTheLedger = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, Domain> known = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool capped = caps != DomainCaps.None;

    /// <summary>How many mails are put aside.</summary>
    public int Aside { get; private set; }

    /// <summary>Whether any domain has a cap or trouble. May be asked without the lock.</summary>
    public bool Any => capped || known.Count > 0;

    /// <summary>The domains for which mails are put aside, for those who ask why nothing moves.</summary>
    public IEnumerable<string> Waiting => known.Values.Where(d => d.Mails.Count > 0).Select(d => d.Name);

    /// <summary>Whether a mail may be taken now. If not, it is put aside. One that is taken may have to be put off: see <see cref="Mail.PutOff"/> and <see cref="Mail.NotBefore"/>.</summary>
    public bool Enter(Mail mail)
    {
        if (!Any || Find(mail.Domain, remember: capped) is not { } domain)
        {
            return true;
        }

        var now = clock.GetUtcNow();
        if (domain.PausedUntil > now)
        {
            mail.PutOff = domain.LastRefusal;
            return true;
        }

        if (domain.MayGo(mail.Batch.Mailing.Lane == Lane.Urgent))
        {
            domain.Enter();
            mail.Entered = domain;
            return true;
        }

        if (Aside >= MaxAside)
        {
            mail.NotBefore = now + Backoff.Jitter(BackInTheLedger);
            return true;
        }

        domain.Mails.AddLast(mail);
        Aside++;
        return false;
    }

    /// <summary>A mail that had entered is no longer on its way.</summary>
    /// <returns>One that waited for that.</returns>
    public Mail? Leave(Mail mail)
    {
        if (mail.Entered is not { } domain)
        {
            return null;
        }

        mail.Entered = null;
        domain.UnderWay--;
        return Next(domain);
    }

    /// <summary>A mail was refused for now.</summary>
    public void Refused(Mail mail, string reply)
    {
        if (Find(mail.Domain, remember: true) is not { } domain)
        {
            return;
        }

        var now = clock.GetUtcNow();
        (domain.RefusedAt, domain.LastRefusal) = (now, reply);
        if (++domain.Refusals >= RefusalsInARow && domain.PausedUntil <= now)
        {
            var pause = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(domain.Pauses++, 6)));
            domain.PausedUntil = now + Backoff.Jitter(pause < LongestPause ? pause : LongestPause);
        }
    }

    /// <summary>A mail was taken.</summary>
    public void Accepted(Mail mail)
    {
        if (Find(mail.Domain, remember: false) is { } domain)
        {
            (domain.Refusals, domain.Pauses, domain.PausedUntil) = (0, 0, default);
        }
    }

    /// <summary>The mails that were put aside and may go by now, or have no reason to wait any more. Domains that need no watching are forgotten.</summary>
    public List<Mail> TakeReady()
    {
        var now = clock.GetUtcNow();
        var ready = new List<Mail>();
        foreach (var domain in known.Values)
        {
            for (var room = domain.Room(); room > 0 && Next(domain) is { } mail; room--)
            {
                ready.Add(mail);
            }

            if (domain.IsIdle(now))
            {
                known.Remove(domain.Name);
            }
        }

        return ready;
    }

    /// <summary>Takes out what is aside and needs to wait no more.</summary>
    public void TakeMoot(DateTimeOffset now, List<Mail> moot)
    {
        foreach (var domain in known.Values)
        {
            Aside -= SendQueue.TakeMoot(domain.Mails, now, moot);
        }
    }

    private Mail? Next(Domain domain)
    {
        // The most urgent first: mails of all lanes wait here, few enough to look through.
        if (domain.Mails.Count == 0 || !domain.MayGo(urgent: true))
        {
            return null;
        }

        var urgentOnly = !domain.MayGo(urgent: false);
        LinkedListNode<Mail>? best = null;
        for (var node = domain.Mails.First; node is not null && best?.Value.Batch.Mailing.Lane != Lane.Urgent; node = node.Next)
        {
            best = best is null || node.Value.Batch.Mailing.Lane < best.Value.Batch.Mailing.Lane ? node : best;
        }

        if (best is null || (urgentOnly && best.Value.Batch.Mailing.Lane != Lane.Urgent))
        {
            return null;
        }

        domain.Mails.Remove(best);
        Aside--;
        return best.Value;
    }

    private Domain? Find(ReadOnlySpan<char> name, bool remember)
    {
        var byName = known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (byName.TryGetValue(name, out var domain) || !remember || known.Count >= MaxKnown)
        {
            return domain;
        }

        var (text, cap) = (name.ToString(), caps.Of(name.ToString()));
        return known[text] = new Domain(text, cap, cap.Rate is { } rate ? new RateLimit(rate, clock) : null);
    }
}

/// <summary>How one domain does just now.</summary>
internal sealed class Domain(string name, DomainCap cap, RateLimit? rate)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    public string Name => name;

    public int UnderWay { get; set; }

    /// <summary>How many mails it has refused for now since it last took one.</summary>
    public int Refusals { get; set; }

    public DateTimeOffset RefusedAt { get; set; }

    public string LastRefusal { get; set; } = "";

    public int Pauses { get; set; }

    public DateTimeOffset PausedUntil { get; set; }

    /// <summary>What waits for it, in order.</summary>
    public LinkedList<Mail> Mails { get; } = new();

    public bool MayGo(bool urgent) =>
        UnderWay < (cap.Connections ?? int.MaxValue) && (rate is null || rate.Wait(urgent) == TimeSpan.Zero);

    public void Enter()
    {
        UnderWay++;
        rate?.Take();
    }

    /// <summary>How many more may be put on their way now.</summary>
    public int Room() => !MayGo(urgent: true) ? 0 : Math.Min((cap.Connections ?? int.MaxValue) - UnderWay, Math.Max(1, rate?.Ready ?? int.MaxValue));

    public bool IsIdle(DateTimeOffset now) =>
        UnderWay == 0 && Mails.Count == 0 && PausedUntil <= now && (Refusals == 0 || RefusedAt < now - Remembered) && (rate is null || rate.Wait(reserved: false) == TimeSpan.Zero);
}
