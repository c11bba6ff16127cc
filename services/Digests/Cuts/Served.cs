using Alerts.Contracts;

namespace Alerts.Digests.Cuts;

/// <summary>Which digests: those a cut serves, those that are held, those a reader has.</summary>
[Flags]
public enum Served
{
    None = 0,
    Daily = 1,
    Weekly = 2,
    Both = Daily | Weekly,
}

public static class ServedExtensions
{
    /// <summary>Both when no frequency is given.</summary>
    public static Served Of(Frequency? frequency) => frequency switch { Frequency.Daily => Served.Daily, Frequency.Weekly => Served.Weekly, _ => Served.Both };
}
