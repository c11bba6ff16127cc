namespace Alerts.Publishing;

/// <summary>What readers read on the pages of events: English in the code, other languages in <c>Reader.{language}.resx</c> beside this file.</summary>
public sealed class Reader;
