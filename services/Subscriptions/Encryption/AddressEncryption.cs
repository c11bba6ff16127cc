using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Subscriptions.Encryption;

/// <summary>What the database knows of its encryption: a row stands here when addresses are encrypted, or are just being encrypted or decrypted.</summary>
public sealed class AddressEncryption
{
    internal const int OnlyId = 1;

    private const int PageSize = 1_000;

    public required int Id { get; init; }

    /// <summary>See <see cref="AddressKeys.Check"/>.</summary>
    public required byte[] Check { get; init; }

    /// <summary>False while some addresses may be encrypted and others not.</summary>
    public bool Complete { get; private set; }

    /// <summary>Makes sure that the keys are those of the database, before anything reads or writes an address. An empty database takes them on.</summary>
    /// <exception cref="InvalidOperationException">They aren't; the message says what to do.</exception>
    public static async Task CheckAsync(SubscriptionsDb db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var stands = await FindAsync(db, cancellationToken);
        if (db.AddressKeys is not { } keys)
        {
            if (stands is not null)
            {
                throw new InvalidOperationException($"Addresses are encrypted in this database: set {AddressKeys.Setting} to the folder of their keys.");
            }

            return;
        }

        if (stands is null && await db.Subscribers.AnyAsync(s => s.Address != null, cancellationToken))
        {
            throw new InvalidOperationException($"{AddressKeys.Setting} is set, but addresses aren't encrypted yet. Stop all processes, and run: alerts addresses encrypt");
        }

        if (stands is null)
        {
            stands = await BeginAsync(db, keys, complete: true, cancellationToken);
        }

        Compare(keys, stands);
        if (!stands.Complete)
        {
            throw new InvalidOperationException("Encrypting or decrypting addresses was interrupted. Stop all processes, and run it again: alerts addresses encrypt, or alerts addresses decrypt");
        }
    }

    /// <summary>Encrypts the addresses of all readers. It may be interrupted and run again; nothing else may run meanwhile.</summary>
    /// <param name="open">Opens a context with the keys.</param>
    /// <param name="progress">Is told how many readers are done.</param>
    /// <returns>How many readers it was.</returns>
    /// <exception cref="InvalidOperationException">The keys are others than those some are encrypted with.</exception>
    public static async Task<long> EncryptAsync(Func<SubscriptionsDb> open, IProgress<long> progress, CancellationToken cancellationToken)
    {
        var done = await RewriteAsync(open, open, progress, cancellationToken);
        await using var db = open();
        await LeaveNoTraceAsync(db, cancellationToken);
        await db.AddressEncryption.ExecuteUpdateAsync(set => set.SetProperty(e => e.Complete, true), cancellationToken);
        return done;
    }

    /// <summary>Writes the addresses of all readers as they are. It may be interrupted and run again; nothing else may run meanwhile.</summary>
    /// <param name="open">Opens a context with the keys.</param>
    /// <param name="openPlain">Opens one without.</param>
    /// <returns>How many readers it was.</returns>
    /// <exception cref="InvalidOperationException">The keys are others than those they are encrypted with.</exception>
    public static async Task<long> DecryptAsync(Func<SubscriptionsDb> open, Func<SubscriptionsDb> openPlain, IProgress<long> progress, CancellationToken cancellationToken)
    {
        var done = await RewriteAsync(open, openPlain, progress, cancellationToken);
        await using var db = openPlain();
        await db.AddressEncryption.ExecuteDeleteAsync(cancellationToken);
        return done;
    }

    /// <summary>What was overwritten still stands in the files, until the tables are written anew.</summary>
    private static async Task LeaveNoTraceAsync(SubscriptionsDb db, CancellationToken cancellationToken)
    {
        if (db.Database.IsNpgsql())
        {
            await db.Database.ExecuteSqlAsync($"""VACUUM FULL subscriptions."Subscribers" """, cancellationToken);
            return;
        }

        await db.Database.ExecuteSqlAsync($"VACUUM", cancellationToken);
        await db.Database.ExecuteSqlAsync($"PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);
    }

    /// <summary>Reads page by page with the keys, which leave alone what isn't encrypted, and writes each as the other context does.</summary>
    private static async Task<long> RewriteAsync(Func<SubscriptionsDb> open, Func<SubscriptionsDb> openTarget, IProgress<long> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(openTarget);
        ArgumentNullException.ThrowIfNull(progress);
        await using (var db = open())
        {
            Compare(db.AddressKeys!, await FindAsync(db, cancellationToken) ?? await BeginAsync(db, db.AddressKeys!, complete: false, cancellationToken));
            await db.AddressEncryption.ExecuteUpdateAsync(set => set.SetProperty(e => e.Complete, false), cancellationToken);
        }

        var (after, done) = (Guid.Empty, 0L);
        while (true)
        {
            await using var source = open();
            var page = await source.Subscribers.AsNoTracking().Where(s => s.Id > after).OrderBy(s => s.Id).Take(PageSize).ToListAsync(cancellationToken);
            if (page.Count == 0)
            {
                return done;
            }

            await using var target = openTarget();
            foreach (var subscriber in page.Where(s => s.Address is not null))
            {
                var entry = target.Attach(subscriber);
                entry.Property(s => s.NormalizedAddress).CurrentValue = subscriber.ComparedAddress;
                entry.Property(s => s.Address).IsModified = true;
                entry.Property(s => s.NormalizedAddress).IsModified = true;
                entry.Property(s => s.Move).IsModified = subscriber.Move is not null;
            }

            await target.SaveChangesAsync(cancellationToken);
            (after, done) = (page[^1].Id, done + page.Count);
            progress.Report(done);
        }
    }

    private static Task<AddressEncryption?> FindAsync(SubscriptionsDb db, CancellationToken cancellationToken) =>
        db.AddressEncryption.AsNoTracking().FirstOrDefaultAsync(e => e.Id == OnlyId, cancellationToken);

    private static async Task<AddressEncryption> BeginAsync(SubscriptionsDb db, AddressKeys keys, bool complete, CancellationToken cancellationToken)
    {
        var begun = new AddressEncryption { Id = OnlyId, Check = keys.Check, Complete = complete };
        db.AddressEncryption.Add(begun);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Two processes start together on an empty database.
            db.ChangeTracker.Clear();
            if (await FindAsync(db, cancellationToken) is not { } others)
            {
                throw;
            }

            return others;
        }

        db.ChangeTracker.Clear();
        return begun;
    }

    private static void Compare(AddressKeys keys, AddressEncryption stands)
    {
        if (!CryptographicOperations.FixedTimeEquals(keys.Check, stands.Check))
        {
            throw new InvalidOperationException($"The folder that {AddressKeys.Setting} names holds other keys than those the addresses were encrypted with.");
        }
    }

    internal sealed class Mapping : IEntityTypeConfiguration<AddressEncryption>
    {
        public void Configure(EntityTypeBuilder<AddressEncryption> builder)
        {
            builder.ToTable("AddressEncryption");
            builder.Property(e => e.Id).ValueGeneratedNever();
            builder.Property(e => e.Check).HasMaxLength(HMACSHA256.HashSizeInBytes);
        }
    }
}
