namespace Alerts.Tests.Servers;

/// <summary>How a program that ran to its end ended, and what it said.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error);
