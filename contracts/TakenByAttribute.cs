namespace Alerts.Contracts;

/// <summary>The services that keep rows and take messages. A set of them is a combination of flags.</summary>
[Flags]
public enum Services
{
    None = 0,
    Publishing = 1,
    Subscriptions = 2,
    Digests = 4,
    Notices = 8,
    Delivery = 16,
    All = Publishing | Subscriptions | Digests | Notices | Delivery,
}

/// <summary>Names who must take a message: its sender keeps the message, and publishes it again, until each of these has said <see cref="Taken"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TakenByAttribute(Services services) : Attribute
{
    public Services Services { get; } = services;
}
