using System.Globalization;
using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.Lists;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Subscriptions.Import;

public enum ImportState
{
    /// <summary>The file is here; an admin looks at its columns before it starts.</summary>
    Uploaded,

    /// <summary>Starts, or goes on, within seconds.</summary>
    Waiting,
    Running,
    Done,

    /// <summary>The file is broken; what came before the break is imported.</summary>
    Failed,

    /// <summary>Stopped by an admin; what came before is imported, and it can go on from there.</summary>
    Cancelled,
}

/// <summary>
/// A file that an admin sent, and how far its import is. The counts are written in the transaction of the rows they count: however often it is cut off, each row is
/// taken and counted once. The file itself lies in <see cref="ImportFiles"/>.
/// </summary>
public sealed class ImportRun
{
    /// <summary>Rows that weren't taken are named up to this many; the rest is only counted.</summary>
    public const int MostRejects = 100_000;

    /// <summary>An import, and what is known of its rejects, is forgotten after this long.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>A file that waits to be started, or to go on, is deleted after this long: it holds addresses.</summary>
    public static readonly TimeSpan FileKept = TimeSpan.FromDays(7);

    public const int MaxColumns = 4_000;

    public required Guid Id { get; init; }

    /// <summary>The slug of the list its readers come to.</summary>
    public required string List { get; set; }

    /// <summary>See <see cref="ImportOrder.Confirmed"/>.</summary>
    public required bool Confirmed { get; set; }

    /// <summary>For rows that don't say.</summary>
    public required Frequency Frequency { get; set; }

    /// <summary>See <see cref="ImportOrder.Columns"/>.</summary>
    public required Dictionary<string, string> Columns { get; set; }

    /// <summary>The file's name, or where its readers come from: it stands in the record of each of them.</summary>
    public required string Source { get; set; }

    /// <summary>Who sent it: a member of staff, or the name of a key.</summary>
    public required string By { get; init; }

    public required ImportState State { get; set; }

    /// <summary>The size of the file in bytes.</summary>
    public required long Length { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; private set; }

    /// <summary>Why it failed, in one line.</summary>
    public string? Problem { get; private set; }

    public long Rows { get; private set; }

    public long Added { get; private set; }

    public long Joined { get; private set; }

    public long Already { get; private set; }

    public long KeptOut { get; private set; }

    public long Rejected { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Nothing more happens to it by itself.</summary>
    public bool Ended => State is ImportState.Done or ImportState.Failed or ImportState.Cancelled;

    internal ImportOrder Order() => new() { List = List, Confirmed = Confirmed, Frequency = Frequency, Columns = Columns, Source = Source };

    internal ImportProgress Progress() => new() { Rows = Rows, Added = Added, Joined = Joined, Already = Already, KeptOut = KeptOut, Rejected = Rejected, Bytes = Bytes };

    internal sealed class Mapping : IEntityTypeConfiguration<ImportRun>
    {
        public void Configure(EntityTypeBuilder<ImportRun> builder)
        {
            builder.ToTable("Imports");
            builder.Property(i => i.Id).ValueGeneratedNever();
            builder.Property(i => i.List).HasMaxLength(MailingList.MaxSlug);
            builder.Property(i => i.Frequency).HasConversion<string>().HasMaxLength(20);
            builder.Property(i => i.Columns).IsJson().HasMaxLength(MaxColumns);
            builder.Property(i => i.Source).HasMaxLength(ConsentEntry.MaxBy);
            builder.Property(i => i.By).HasMaxLength(ConsentEntry.MaxBy);
            builder.Property(i => i.State).HasConversion<string>().HasMaxLength(20);
            builder.Property(i => i.Problem).HasMaxLength(1_000);
            builder.Ignore(i => i.Ended);
            builder.HasMany<ImportedReject>().WithOne().HasForeignKey(r => r.ImportId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>A row of an import that wasn't taken: where it stands, and why. Not what it says.</summary>
public sealed class ImportedReject
{
    public required Guid ImportId { get; init; }

    public required long Line { get; init; }

    public required string Reason { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ImportedReject>
    {
        private const int MaxReason = 500;

        public void Configure(EntityTypeBuilder<ImportedReject> builder)
        {
            builder.ToTable("ImportRejects");
            builder.HasKey(r => new { r.ImportId, r.Line });
            builder.Property(r => r.Reason).HasMaxLength(MaxReason);
        }
    }
}

/// <summary>An import as the API shows it.</summary>
/// <param name="Rejects">The first of the rows that weren't taken; <c>GET /api/imports/{id}/rejects</c> has all.</param>
public sealed record ImportView(
    Guid Id, string List, string State, bool Confirmed, string Frequency, string Source, string By, long Rows, long Added, long Joined, long Already, long KeptOut, long Rejected, long Bytes, long Length, string? Problem,
    DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, IReadOnlyList<ImportReject> Rejects)
{
    internal const int FewRejects = 100;

    internal static async Task<ImportView> OfAsync(SubscriptionsDb db, ImportRun import, CancellationToken cancellationToken) =>
        Of(import, await RejectsAsync(db, import.Id, 0, FewRejects, cancellationToken));

    internal static ImportView Of(ImportRun import, IReadOnlyList<ImportReject> rejects) => new(
        import.Id, import.List, import.State.Word(), import.Confirmed, import.Frequency.Word(), import.Source, import.By, import.Rows, import.Added, import.Joined, import.Already, import.KeptOut, import.Rejected,
        import.Bytes, import.Length, import.Problem, import.CreatedAt, import.FinishedAt, rejects);

    internal static async Task<List<ImportReject>> RejectsAsync(SubscriptionsDb db, Guid import, long after, int limit, CancellationToken cancellationToken) =>
        await db.ImportRejects.AsNoTracking().Where(r => r.ImportId == import && r.Line > after).OrderBy(r => r.Line).Take(limit)
            .Select(r => new ImportReject(r.Line, r.Reason)).ToListAsync(cancellationToken);

    /// <summary>"1,200 rows: 1,000 added, …".</summary>
    internal static string InWords(ImportRun import) => string.Create(
        CultureInfo.InvariantCulture,
        $"{import.Rows:N0} rows: {import.Added:N0} added, {import.Joined:N0} joined, {import.Already:N0} already there, {import.KeptOut:N0} kept out (left before, suppressed or erased), {import.Rejected:N0} rejected");
}
