using Alerts.Delivery.Mailings;

namespace Alerts.Delivery.Verify;

/// <summary>What a recount of one mailing found.</summary>
/// <param name="Subject">Empty while its content is still on its way.</param>
/// <param name="Books">Of the ledger's batches.</param>
/// <param name="InJournals">Replies that lie in journals nobody holds, and aren't in the ledger yet.</param>
/// <param name="Findings">What doesn't add up, a sentence each. None when all does.</param>
public sealed record Recount(Guid MailingId, string Subject, RecountStage Stage, Books Books, int InJournals, IReadOnlyList<string> Findings)
{
    public bool AddsUp => Findings.Count == 0;
}

/// <summary>How far a mailing is, and so what can be asked of its books.</summary>
public enum RecountStage
{
    /// <summary>Its batches must agree with their rows, and no more than was selected may be in the ledger.</summary>
    UnderWay,

    /// <summary>All books must agree: the maker's pages, its totals, the ledger's batches and rows, the audience.</summary>
    Complete,

    /// <summary>Completed so long ago that who got what is forgotten: only its counts are compared.</summary>
    Forgotten,
}

/// <summary>The sentences of one mailing, of which only the first are kept: a batch that is lost is as good as a thousand.</summary>
internal sealed class Findings
{
    private const int Kept = 10;

    private readonly List<string> first = [];
    private int more;

    public IReadOnlyList<string> All => more == 0 ? first : [.. first, $"and {more} more."];

    public void Add(string finding)
    {
        if (first.Count < Kept)
        {
            first.Add(finding);
        }
        else
        {
            more++;
        }
    }

    public void AddIf(bool wrong, FormattableString finding)
    {
        if (wrong)
        {
            Add(FormattableString.Invariant(finding));
        }
    }
}
