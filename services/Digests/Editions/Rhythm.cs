namespace Alerts.Digests.Editions;

/// <summary>When the reader of an edition has her next one: it says so.</summary>
public enum Rhythm
{
    /// <summary>Tomorrow, at her hour.</summary>
    Daily,

    /// <summary>In a week, on her weekday.</summary>
    Weekly,

    /// <summary>At her usual hour: this one came at another.</summary>
    Usual,

    /// <summary>She has given up her digests; this one brings what she was still owed.</summary>
    Last,
}
