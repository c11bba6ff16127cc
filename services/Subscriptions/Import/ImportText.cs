using System.Text;
using System.Text.Unicode;
using UtfUnknown;

namespace Alerts.Subscriptions.Import;

/// <summary>The text of a file whose encoding nobody told.</summary>
internal static class ImportText
{
    /// <summary>Encodings are told apart by this much of a file.</summary>
    private const int Looked = 1024 * 1024;

    private const int MostBytesCut = 3;

    private static readonly byte[] Zip = [(byte)'P', (byte)'K', 3, 4];
    private static readonly byte[] Gzip = [0x1F, 0x8B];

    /// <summary>Reads the file in the encoding that its byte order mark names; else UTF-8 where it is that so far; else what its first megabyte looks most like.</summary>
    /// <param name="csv">One that can be read twice from where it stands. Stays open.</param>
    /// <exception cref="ImportException">It isn't a text.</exception>
    public static async Task<StreamReader> OpenAsync(Stream csv, int bufferSize, CancellationToken cancellationToken)
    {
        var from = csv.Position;
        var head = new byte[Looked];
        var length = await csv.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        var seen = head.AsMemory(0, length);
        if (seen.Span.StartsWith(Zip) || seen.Span.StartsWith(Gzip))
        {
            throw new ImportException("The file is packed. Unpack it, and import the CSV in it.");
        }

        csv.Position = from;
        return new StreamReader(csv, Guess(seen.Span), detectEncodingFromByteOrderMarks: true, bufferSize, leaveOpen: true);
    }

    private static Encoding Guess(ReadOnlySpan<byte> head)
    {
        // A character may be cut in two at the end of what was looked at.
        for (var cut = 0; cut <= (head.Length == Looked ? MostBytesCut : 0); cut++)
        {
            if (Utf8.IsValid(head[..^cut]))
            {
                return Encoding.UTF8;
            }
        }

        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        return CharsetDetector.DetectFromBytes(head.ToArray()).Detected?.Encoding ?? Encoding.UTF8;
    }
}
