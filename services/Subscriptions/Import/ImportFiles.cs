using Alerts.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Alerts.Subscriptions.Import;

/// <summary>The files of imports that haven't ended, in the folder <c>imports</c> of the data folder, readable by us alone. An import runs where its file is.</summary>
public sealed class ImportFiles(IOptions<AlertsOptions> options)
{
    /// <summary>The largest file: some ten million readers.</summary>
    public const long MostBytes = 1024L * 1024 * 1024;

    private string Folder => Path.Combine(options.Value.Data, "imports");

    /// <summary>Keeps a file. A copy that was cut off is thrown away.</summary>
    /// <returns>Its size in bytes.</returns>
    public async Task<long> SaveAsync(Guid import, Stream file, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);

        Directory.CreateDirectory(Folder);
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            await using var kept = new FileStream(PathOf(import), how);
            await file.CopyToAsync(kept, cancellationToken);
            return kept.Length;
        }
        catch
        {
            Delete(import);
            throw;
        }
    }

    /// <summary>Opens a file for us alone, until it is closed or the process ends. Null when it isn't here, or another process or job has it.</summary>
    public FileStream? TryOpen(Guid import)
    {
        try
        {
            return new FileStream(PathOf(import), new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.None, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The imports whose files have lain here untouched since then.</summary>
    public IEnumerable<Guid> UntouchedSince(DateTimeOffset instant) => !Directory.Exists(Folder) ? [] :
        new DirectoryInfo(Folder).EnumerateFiles("*.csv").Where(f => f.LastWriteTimeUtc < instant.UtcDateTime)
            .Select(f => Guid.TryParse(Path.GetFileNameWithoutExtension(f.Name), out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty);

    public bool Has(Guid import) => File.Exists(PathOf(import));

    public void Delete(Guid import) => File.Delete(PathOf(import));

    private string PathOf(Guid import) => Path.Combine(Folder, $"{import}.csv");
}
