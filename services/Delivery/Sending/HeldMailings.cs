using Alerts.Delivery.Rendering;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Sending;

/// <summary>The mailings this process is sending, made into bytes once. A few dozen at most are kept; one that comes again is made again.</summary>
internal sealed class HeldMailings(MailRenderer renderer)
{
    private const int Kept = 32;

    private readonly Lock gate = new();
    private readonly LinkedList<HeldMailing> recent = new();

    public async Task<HeldMailing> LoadAsync(DeliveryDb db, Guid id, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (recent.FirstOrDefault(m => m.Mailing.Id == id) is { Halted: false } known)
            {
                recent.Remove(known);
                recent.AddFirst(known);
                return known;
            }
        }

        var mailing = await db.Mailings.AsNoTracking().SingleAsync(m => m.Id == id, cancellationToken);
        var content = await db.Contents.AsNoTracking().SingleAsync(c => c.MailingId == id, cancellationToken);
        HeldMailing held;
        try
        {
            held = new HeldMailing(mailing, renderer.Prepare(mailing, content), null);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidOperationException)
        {
            held = new HeldMailing(mailing, null, exception.Message);
        }

        lock (gate)
        {
            recent.AddFirst(held);
            if (recent.Count > Kept)
            {
                recent.RemoveLast();
            }
        }

        return held;
    }
}
