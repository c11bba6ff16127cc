namespace Alerts.ServiceDefaults.Staff;

/// <summary>Who may do what. Everything is denied unless an endpoint names one of these or allows anyone.</summary>
public static class Policies
{
    /// <summary>Writes and publishes. Admins may too.</summary>
    public const string Editor = "editor";

    /// <summary>Manages lists, people, sending and staff.</summary>
    public const string Admin = "admin";

    /// <summary>The roles a person or a key may have; each policy is named for the least role it wants.</summary>
    public static IReadOnlyList<string> Roles { get; } = [Editor, Admin];
}
