namespace Alerts.Notices;

/// <summary>What readers read on pages of Notices: English in the code, other languages in <c>Reader.{language}.resx</c> beside this file.</summary>
public sealed class Reader;
