using UUIDNext;

namespace Alerts.Mailings;

/// <summary>The ids of what follows from a cause: the same cause, however often and wherever it is handled, makes the same mailing.</summary>
public static class MailingId
{
    /// <summary>Pinned for ever: changing it would let a mailing under way be made twice.</summary>
    private static readonly Guid Namespace = new("6f0c7a52-5d4b-4c8e-9d0a-3f6e0c1b7a11");

    /// <summary>UUIDv5 (RFC 9562 §5.5) of a cause such as <c>post/{id}/{version}/immediate</c>.</summary>
    public static Guid Of(string cause) => Uuid.NewNameBased(Namespace, cause);
}
