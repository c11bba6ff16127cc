namespace Alerts.Delivery.Dkim;

/// <summary>A body in the form that is hashed: <c>relaxed</c> (RFC 6376 §3.4.4).</summary>
internal static class RelaxedBody
{
    /// <summary>
    /// Writes the body without white space at the ends of lines, with one space for any other run of it, and without the empty lines at its end. A body without text is
    /// nothing; any other ends with CRLF. A CR or LF by itself is no line end.
    /// </summary>
    /// <param name="to">At least two bytes longer than the body.</param>
    /// <returns>How much was written.</returns>
    public static int Write(ReadOnlySpan<byte> body, Span<byte> to)
    {
        var written = 0;
        var emptyLines = 0;
        while (!body.IsEmpty)
        {
            var end = body.IndexOf("\r\n"u8);
            var line = (end < 0 ? body : body[..end]).TrimEnd(" \t"u8);
            body = end < 0 ? [] : body[(end + 2)..];
            if (line.IsEmpty)
            {
                emptyLines++;
                continue;
            }

            for (; emptyLines > 0; emptyLines--)
            {
                "\r\n"u8.CopyTo(to[written..]);
                written += 2;
            }

            written += WriteLine(line, to[written..]);
            "\r\n"u8.CopyTo(to[written..]);
            written += 2;
        }

        return written;
    }

    private static int WriteLine(ReadOnlySpan<byte> line, Span<byte> to)
    {
        var regular = FirstRun(line);
        line[..regular].CopyTo(to);
        to = to[regular..];
        var written = 0;
        var inRun = false;
        foreach (var one in line[regular..])
        {
            var white = one is (byte)' ' or (byte)'\t';
            if (!white || !inRun)
            {
                to[written++] = white ? (byte)' ' : one;
            }

            inRun = white;
        }

        return regular + written;
    }

    /// <summary>How much of a line is as it is hashed: up to the first white space that isn't one space.</summary>
    private static int FirstRun(ReadOnlySpan<byte> line)
    {
        var two = line.IndexOf("  "u8);
        var tab = line.IndexOf((byte)'\t');
        var first = Math.Min(two < 0 ? line.Length : two, tab < 0 ? line.Length : tab);

        // A space before a tab is of its run.
        return first > 0 && first < line.Length && line[first - 1] == ' ' ? first - 1 : first;
    }
}
