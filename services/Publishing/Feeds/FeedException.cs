namespace Alerts.Publishing.Feeds;

/// <summary>A feed could not be had. The message is one line for the person who gave the address: what is wrong, and what to do.</summary>
public sealed class FeedException : Exception
{
    public FeedException()
        : this("The feed could not be read.")
    {
    }

    public FeedException(string message)
        : this(message, null)
    {
    }

    public FeedException(string message, Exception? innerException)
        : base(PlainText.OneLine(message), innerException)
    {
    }

    /// <summary>The feed that a web page names as its own, when it was a page that was read.</summary>
    public Uri? FeedAddress { get; init; }
}
