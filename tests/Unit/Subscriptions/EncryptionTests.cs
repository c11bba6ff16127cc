using System.Text;
using Alerts.Contracts;
using Alerts.Subscriptions.Encryption;
using Alerts.Subscriptions.Import;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Subscriptions;

/// <summary>Addresses that can't be read from the database alone.</summary>
public sealed class EncryptionTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alerts-");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Who_has_only_the_database_has_no_address_and_everything_works()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("city", "border");
        database.Keys = Keys("one");
        var ada = await database.AddAsync("Ada+news@Example.org", new Wanted("city", Frequency.Daily));
        Assert.Equal(ada, await database.AddAsync("ada+NEWS@example.org", new Wanted("border", Frequency.Weekly)));
        await database.ChangeAsync(ada, (reader, change) => reader.AskToMove(Address("elsewhere@example.net"), change));

        // Known, new, twice, and erased: an import tells them apart.
        var gone = await database.AddAsync("gone@example.org");
        await using (var db = database.Open())
        {
            await using var change = await Alerts.Subscriptions.Audience.AudienceChange.BeginAsync(
                db, database.Clock, new(Alerts.Subscriptions.Consent.ConsentMeans.Api, "test"), Cancelled);
            await db.EraseAsync([(await change.FindAsync(gone, Cancelled))!], change, Cancelled);
            await change.CommitAsync(Cancelled);
        }

        var done = new ImportProgress();
        await using (var db = database.Open())
        {
            using var csv = new MemoryStream(Encoding.UTF8.GetBytes("email\nADA+news@example.org\nbob@example.org\nBOB@example.org\ngone@example.org\n"));
            await database.Import(db).RunAsync(csv, new ImportOrder { List = "city", Confirmed = true }, done, (_, _, _) => Task.CompletedTask, Cancelled);
        }

        Assert.Equal((1, 2, 1), (done.Added, done.Already, done.KeptOut));
        foreach (var (address, normalized) in await StoredAsync(database))
        {
            Assert.DoesNotContain('@', address);
            Assert.DoesNotContain('@', normalized);
        }

        await using var look = database.Open();
        var found = Assert.Single(await look.FindAsync(new SubscriberFilter("ADA+news@example.org", null, null, null), Guid.Empty, 10, Cancelled));
        Assert.Equal(("Ada+news@Example.org", "elsewhere@example.net"), (found.Address, found.Move?.Address));
        Assert.Empty(await look.FindAsync(new SubscriberFilter("ada", null, null, null), Guid.Empty, 10, Cancelled));
        Assert.Contains("whole", look.WrongIn(new SubscriberFilter("ada", null, null, null)), StringComparison.Ordinal);
        Assert.Equal("Ada+news@Example.org", (await database.Audience.StillWantedAsync(["city"], [ada], Cancelled))[ada].Address);
        database.Keys = null;
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.Audience.StillWantedAsync(["city"], [ada], Cancelled));
    }

    [Fact]
    public async Task What_there_is_already_is_encrypted_and_decrypted_even_when_interrupted()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("city");
        var moving = await database.AddAsync("moving@example.org", new Wanted("city", Frequency.Daily));
        await database.ChangeAsync(moving, (reader, change) => reader.AskToMove(Address("elsewhere@example.net"), change));
        await using (var db = database.Open())
        {
            var rows = string.Concat(Enumerable.Range(0, 2_500).Select(n => $"Reader{n}@example.org\n"));
            using var csv = new MemoryStream(Encoding.UTF8.GetBytes("email\n" + rows));
            await database.Import(db).RunAsync(csv, new ImportOrder { List = "city", Confirmed = true }, new ImportProgress(), (_, _, _) => Task.CompletedTask, Cancelled);
        }

        var before = await StoredAsync(database);
        var keys = Keys("one");
        await Refused(database, keys, "alerts addresses encrypt");

        using var cut = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AddressEncryption.EncryptAsync(() => database.Open(keys), new Told(_ => cut.Cancel()), cut.Token));
        await Refused(database, keys, "interrupted");
        await Refused(database, null, AddressKeys.Setting);

        Assert.Equal(2_501, await AddressEncryption.EncryptAsync(() => database.Open(keys), new Told(_ => { }), Cancelled));
        Assert.All(await StoredAsync(database), stored => Assert.False(stored.Address.Contains('@', StringComparison.Ordinal) || stored.Normalized.Contains('@', StringComparison.Ordinal)));
        Assert.False(await database.FileHoldsAsync("@example."));
        await using (var db = database.Open(keys))
        {
            await AddressEncryption.CheckAsync(db, Cancelled);
            Assert.Equal("elsewhere@example.net", (await db.Subscribers.SingleAsync(s => s.NormalizedAddress == "moving@example.org", Cancelled)).Move?.Address);
        }

        await Refused(database, Keys("two"), "other keys");
        await Refused(database, null, AddressKeys.Setting);
        await Assert.ThrowsAsync<InvalidOperationException>(() => AddressEncryption.EncryptAsync(() => database.Open(Keys("two")), new Told(_ => { }), Cancelled));

        Assert.Equal(2_501, await AddressEncryption.DecryptAsync(() => database.Open(keys), () => database.Open(null), new Told(_ => { }), Cancelled));
        Assert.Equal(before, await StoredAsync(database));
        await using var plain = database.Open(null);
        await AddressEncryption.CheckAsync(plain, Cancelled);
        Assert.Equal("elsewhere@example.net", (await plain.Subscribers.SingleAsync(s => s.Id == moving, Cancelled)).Move?.Address);
    }

    [Fact]
    public async Task The_keys_of_a_folder_are_the_same_the_next_time_and_an_empty_database_takes_them_on()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("city");
        database.Keys = Keys("one");
        await using (var db = database.Open())
        {
            await AddressEncryption.CheckAsync(db, Cancelled);
        }

        var ada = await database.AddAsync("ada@example.org");
        await using var again = database.Open(Keys("one"));
        await AddressEncryption.CheckAsync(again, Cancelled);
        Assert.Equal((ada, "ada@example.org"), await again.Subscribers.Where(s => s.NormalizedAddress == "ada@example.org").Select(s => new ValueTuple<Guid, string?>(s.Id, s.Address)).SingleAsync(Cancelled));
    }

    private static EmailAddress Address(string text) => EmailAddress.TryRead(text, out var address, out var problem) ? address : throw new ArgumentException(problem);

    private static async Task Refused(SubscriptionsDatabase database, AddressKeys? keys, string says)
    {
        await using var db = database.Open(keys);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => AddressEncryption.CheckAsync(db, Cancelled));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>What stands in the database, by id.</summary>
    private static async Task<List<(string Address, string Normalized)>> StoredAsync(SubscriptionsDatabase database)
    {
        await using var db = database.Open(null);
        var stored = await db.Subscribers.Where(s => s.Address != null).OrderBy(s => s.Id).Select(s => new { s.Address, s.NormalizedAddress }).ToListAsync(Cancelled);
        return [.. stored.Select(s => (s.Address!, s.NormalizedAddress!))];
    }

    private AddressKeys Keys(string name) => AddressKeys.In(Path.Combine(folder.FullName, name));

    private sealed class Told(Action<long> tell) : IProgress<long>
    {
        public void Report(long value) => tell(value);
    }
}
