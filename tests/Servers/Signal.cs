namespace Alerts.Tests.Servers;

/// <summary>How Linux asks a process to stop.</summary>
internal enum Signal
{
    SigInt = 2,
    SigTerm = 15,
}
