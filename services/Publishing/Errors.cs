namespace Alerts.Publishing;

/// <summary>What is wrong with a request, by field (in the API's spelling): sentences that say what to do.</summary>
internal sealed class Errors : Dictionary<string, string[]>
{
    public void Say(string field, string error) => this[field] = [.. this.GetValueOrDefault(field, []), error];
}
