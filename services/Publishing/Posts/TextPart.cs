using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Alerts.Publishing.Posts;

/// <summary>
/// HTML as a person would type it into a plain mail: paragraphs parted by an empty line, lists with dashes or numbers, links as "text (address)", lines of at most
/// <see cref="Width"/> characters where words allow (RFC 3676 §4.2 advises 78 or fewer).
/// </summary>
internal static partial class TextPart
{
    public const int Width = 76;

    /// <param name="html">Cleaned, so not nested deeply.</param>
    public static string Of(string html)
    {
        var body = new HtmlParser().ParseDocument(html).Body!;
        return string.Join("\n\n", Blocks(body.ChildNodes, Width).Where(block => block.Length > 0));
    }

    /// <summary>Blocks, each without an empty line around it.</summary>
    private static IEnumerable<string> Blocks(IEnumerable<INode> nodes, int width)
    {
        var line = new StringBuilder();
        foreach (var node in nodes)
        {
            if (node is IElement element && IsBlock(element))
            {
                yield return Wrap(line, width);
                foreach (var block in BlocksOf(element, width))
                {
                    yield return block;
                }
            }
            else
            {
                Inline(node, line);
            }
        }

        yield return Wrap(line, width);
    }

    private static IEnumerable<string> BlocksOf(IElement element, int width) => element.LocalName switch
    {
        "ul" or "ol" => [List(element, width)],
        "blockquote" => [Prefixed(Blocks(element.ChildNodes, Narrower(width, 2)), "> ", "> ", "\n\n")],
        "dd" => [Prefixed(Blocks(element.ChildNodes, Narrower(width, 4)), "    ", "    ", "\n\n")],
        "pre" => [element.TextContent.Trim('\n').TrimEnd()],
        "hr" => ["---"],
        "table" => Table(element, width),
        _ => Blocks(element.ChildNodes, width),
    };

    private static string List(IElement list, int width)
    {
        var number = int.TryParse(list.GetAttribute("start"), out var start) ? start : 1;

        // What stands in a list without being an item of it is shown as one: nothing is lost.
        var items = list.ChildNodes.Where(node => node is IElement || (node is IText && !string.IsNullOrWhiteSpace(node.TextContent))).Select(node =>
        {
            var mark = list.LocalName == "ol" ? $"{number++}. " : "- ";
            return Prefixed(Blocks(node is IElement { LocalName: "li" } ? node.ChildNodes : [node], Narrower(width, mark.Length)), mark, new string(' ', mark.Length), "\n");
        });
        return string.Join('\n', items.Where(item => item.Length > 0));
    }

    /// <summary>A line a row; but where no row has two cells the table only holds a layout, and its cells are blocks.</summary>
    private static IEnumerable<string> Table(IElement table, int width)
    {
        var rows = table.QuerySelectorAll("tr").Where(row => row.Closest("table") == table).ToList();
        var caption = Blocks(table.Children.Where(child => child.LocalName == "caption"), width);
        return rows.TrueForAll(row => row.Children.Length <= 1)
            ? caption.Concat(rows.SelectMany(row => row.Children).SelectMany(cell => Blocks(cell.ChildNodes, width)))
            : [.. caption, string.Join('\n', rows.Select(Row).Where(row => row.Trim(' ', '|').Length > 0))];
    }

    private static string Row(IElement row) => string.Join(" | ", row.Children.Select(cell => White().Replace(cell.TextContent, " ").Trim()));

    private static string Prefixed(IEnumerable<string> blocks, string first, string others, string between)
    {
        var text = string.Join(between, blocks.Where(block => block.Length > 0));
        return text.Length == 0 ? "" : string.Join('\n', text.Split('\n').Select((line, place) => ((place == 0 ? first : others) + line).TrimEnd()));
    }

    private static void Inline(INode node, StringBuilder line)
    {
        switch (node)
        {
            case IText text:
                line.Append(White().Replace(text.Data, " "));
                break;
            case IElement { LocalName: "br" }:
                line.Append('\n');
                break;
            case IElement { LocalName: "img" } image when image.GetAttribute("alt") is { Length: > 0 } alt:
                line.Append('[').Append(White().Replace(alt, " ")).Append(']');
                break;
            case IElement { LocalName: "a" } link:
                Link(link, line);
                break;
            default:
                foreach (var child in node.ChildNodes)
                {
                    Inline(child, line);
                }

                break;
        }
    }

    private static void Link(IElement link, StringBuilder line)
    {
        var said = new StringBuilder();
        foreach (var child in link.ChildNodes)
        {
            Inline(child, said);
        }

        var address = link.GetAttribute("href") ?? "";
        var bare = address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? address["mailto:".Length..] : address;
        var text = said.ToString();
        line.Append(text);
        if (bare.Length > 0 && !string.Equals(text.Trim().TrimEnd('/'), bare.TrimEnd('/'), StringComparison.OrdinalIgnoreCase))
        {
            line.Append(text.Trim().Length > 0 ? $" ({bare})" : bare);
        }
    }

    /// <summary>The line so far, broken between words, and begun anew. A word longer than a line (an address) stays whole.</summary>
    private static string Wrap(StringBuilder line, int width)
    {
        var lines = line.ToString().Split('\n').Select(part =>
        {
            var wrapped = new StringBuilder();
            var length = 0;
            foreach (var word in part.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (length > 0)
                {
                    var fits = length + 1 + word.Length <= width;
                    wrapped.Append(fits ? ' ' : '\n');
                    length = fits ? length + 1 : 0;
                }

                wrapped.Append(word);
                length += word.Length;
            }

            return wrapped.ToString();
        });
        var block = string.Join('\n', lines).Trim('\n');
        line.Clear();
        return block;
    }

    private static int Narrower(int width, int by) => Math.Max(width - by, 30);

    private static bool IsBlock(IElement element) => element.LocalName is
        "p" or "div" or "h1" or "h2" or "h3" or "h4" or "h5" or "h6" or "ul" or "ol" or "li" or "dl" or "dt" or "dd" or "blockquote" or "pre" or "hr" or "table"
        or "figure" or "figcaption" or "center" or "details" or "summary" or "caption";

    [GeneratedRegex(@"\s+")]
    private static partial Regex White();
}
