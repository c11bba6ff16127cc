using Alerts.Contracts;
using Alerts.Mailings;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Delivery;

/// <summary>What the ledger forgets of readers who were erased.</summary>
public sealed class ForgettingTests
{
    [Fact]
    public async Task Names_and_addresses_of_the_erased_go_and_the_books_stay()
    {
        var ids = Messages.Readers(3);
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var batch = Messages.Batch("post/1", 1, ids);
        batch = batch with { Recipients = [.. batch.Recipients.Select((r, i) => r with { Name = $"Reader {i}", Address = i == 1 ? "new@example.org" : null })] };
        await app.Send(Messages.Prepared("post/1"), batch, Messages.Sealed("post/1", batch));

        var erased = new SubscribersErased { SubscriberIds = [ids[0], ids[1]] };
        await app.Send(erased);
        await app.Send(erased);

        var rows = await app.Db(db => db.Rows.AsNoTracking().Where(r => r.MailingId == MailingId.Of("post/1")).ToDictionaryAsync(r => r.SubscriberId, r => (r.Name, r.Address)));
        Assert.Equal([(null, null), (null, null), ("Reader 2", null)], ids.Select(id => rows[id]));
    }
}
