namespace Alerts.ServiceDefaults.Web;

/// <summary>The words around every page: English in the code, other languages in <c>Site.{language}.resx</c> beside this file.</summary>
public sealed class Site;
