using System.Globalization;
using System.Text.RegularExpressions;
using Fluid;
using Fluid.Ast;
using Fluid.Values;

namespace Alerts.Mailings.Templates;

/// <summary>What is wrong with a template, and where: lines and columns from 1, or 0 where the place isn't known.</summary>
public sealed record TemplateProblem(string Message, int Line, int Column)
{
    public override string ToString() => Line > 0 ? $"Line {Line}, column {Column}: {Message}" : Message;
}

/// <summary>Reads Liquid that people write, and refuses what could hold up a mail.</summary>
internal static partial class TemplateSource
{
    /// <summary>So many rounds a loop over numbers may have.</summary>
    private const int MostRounds = 1_000;

    private static readonly FluidParser Parser = new();

    /// <returns>Null, and what is wrong, when it can't be used.</returns>
    public static IFluidTemplate? Read(string source, out TemplateProblem? problem)
    {
        if (!Parser.TryParse(source, out var template, out var error))
        {
            problem = Place(error);
            return null;
        }

        var refusals = new Refusals();
        refusals.VisitTemplate(template);
        problem = refusals.Found is null ? null : At(source, refusals.Found, refusals.Where);
        return problem is null ? template : null;
    }

    /// <summary>A problem with a word of the source: where it first stands.</summary>
    public static TemplateProblem At(string source, string message, string word)
    {
        var index = source.IndexOf(word, StringComparison.Ordinal);
        if (index < 0)
        {
            return new TemplateProblem(message, 0, 0);
        }

        var before = source[..index];
        return new TemplateProblem(message, before.Count(c => c == '\n') + 1, index - before.LastIndexOf('\n'));
    }

    private static TemplateProblem Place(string error)
    {
        var place = ParserPlace().Match(error);
        return place.Success
            ? new TemplateProblem(error[..place.Index].Trim().TrimEnd('.') + ".", int.Parse(place.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(place.Groups[2].ValueSpan, CultureInfo.InvariantCulture))
            : new TemplateProblem(error, 0, 0);
    }

    [GeneratedRegex(@"\s*at \((\d{1,9}):(\d{1,9})\)")]
    private static partial Regex ParserPlace();

    /// <summary>What would take memory without a step that could be counted: long ranges, and captures, which gather as much as they like.</summary>
    private sealed class Refusals : AstVisitor
    {
        public string? Found { get; private set; }

        public string Where { get; private set; } = "";

        protected override Expression VisitRangeExpression(RangeExpression rangeExpression)
        {
            if (rangeExpression is not { From: LiteralExpression { Value: NumberValue from }, To: LiteralExpression { Value: NumberValue to } } || to.ToNumberValue() - from.ToNumberValue() >= MostRounds)
            {
                (Found, Where) = ($"a range goes from one number to another, over at most {MostRounds} of them.", "..");
            }

            return base.VisitRangeExpression(rangeExpression);
        }

        protected override Statement VisitCaptureStatement(CaptureStatement captureStatement)
        {
            (Found, Where) = ("capture isn't allowed here: write what is printed where it is printed.", "capture");
            return base.VisitCaptureStatement(captureStatement);
        }
    }
}
