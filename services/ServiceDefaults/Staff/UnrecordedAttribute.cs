namespace Alerts.ServiceDefaults.Staff;

/// <summary>On what the staff send that is no act yet, such as what is typed and not saved: the audit log has nothing of it.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class UnrecordedAttribute : Attribute;
