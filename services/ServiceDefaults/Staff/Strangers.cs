using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>
/// Counts wrong passwords for addresses without an account, so that these lock as accounts do, and nobody learns by ten tries which is which. In memory: a bounded number of the
/// latest, forgotten when the lock would end.
/// </summary>
internal sealed class Strangers(IOptions<IdentityOptions> identity, TimeProvider clock)
{
    private const int Most = 10_000;

    private readonly Lock turn = new();
    private readonly Dictionary<string, (int Times, DateTimeOffset Until)> tries = [];

    /// <returns>Whether the address is locked by now.</returns>
    public bool Fails(string address)
    {
        var now = clock.GetUtcNow();
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(address.Trim().ToUpperInvariant())));
        var rules = identity.Value.Lockout;
        lock (turn)
        {
            if (tries.Count >= Most)
            {
                foreach (var over in tries.Where(t => t.Value.Until <= now).Select(t => t.Key).ToList())
                {
                    tries.Remove(over);
                }

                if (tries.Count >= Most)
                {
                    tries.Clear();
                }
            }

            var before = tries.GetValueOrDefault(key);
            if (before.Times >= rules.MaxFailedAccessAttempts && before.Until > now)
            {
                return true;
            }

            var times = before.Until > now ? before.Times + 1 : 1;
            var locked = times >= rules.MaxFailedAccessAttempts;
            tries[key] = (times, now + (locked ? rules.DefaultLockoutTimeSpan : TimeSpan.FromDays(1)));
            return locked;
        }
    }
}
