namespace Alerts.ServiceDefaults.Staff;

/// <summary>Who may do what. Everything is denied unless an endpoint names one of these or allows anyone.</summary>
public static class Policies
{
    /// <summary>Writes and publishes. Admins may too.</summary>
    public const string Editor = "editor";

    /// <summary>Manages lists, people, sending and staff.</summary>
    public const string Admin = "admin";

    /// <summary>A person with an account (no key), whatever her role: her own account, even before she has set up the second factor that is asked of her.</summary>
    public const string Account = "account";

    /// <summary>The roles a person or a key may have; each policy is named for the least role it wants.</summary>
    public static IReadOnlyList<string> Roles { get; } = [Editor, Admin];
}
