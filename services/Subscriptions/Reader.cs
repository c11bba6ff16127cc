namespace Alerts.Subscriptions;

/// <summary>What readers read on pages and in transactional mails: English in the code, other languages in <c>Reader.{language}.resx</c> beside this file.</summary>
public sealed class Reader;
