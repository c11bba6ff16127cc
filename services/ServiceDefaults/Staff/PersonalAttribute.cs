namespace Alerts.ServiceDefaults.Staff;

/// <summary>On a property that says something of a reader: the audit log says that it changed, not from what to what, so that who is erased is erased there too.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class PersonalAttribute : Attribute;
