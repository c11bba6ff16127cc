namespace Alerts.Mailings.Templates;

/// <summary>Takes what a template prints, up to a length: whoever loops is stopped before memory is full.</summary>
internal sealed class BoundedWriter(int most) : StringWriter(System.Globalization.CultureInfo.InvariantCulture)
{
    public override void Write(char value)
    {
        Check(1);
        base.Write(value);
    }

    public override void Write(string? value)
    {
        Check(value?.Length ?? 0);
        base.Write(value);
    }

    public override void Write(char[] buffer, int index, int count)
    {
        Check(count);
        base.Write(buffer, index, count);
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        Check(buffer.Length);
        base.Write(buffer);
    }

    private void Check(int more)
    {
        if (GetStringBuilder().Length + more > most)
        {
            throw new InvalidOperationException($"The template prints more than {most:N0} characters.");
        }
    }
}
