using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Net.Mail;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Alerts.Contracts;
using Alerts.Mailings.Templates;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Templates;
using Alerts.ServiceDefaults.Web;
using Fluid;
using Fluid.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Alerts.Mailings.Layout;

/// <summary>The two parts of a mail, with <see cref="Hole"/>s where readers differ.</summary>
/// <param name="Html">A whole document.</param>
/// <param name="Text">Plain text, lines ended by LF.</param>
public sealed record MailBody(string Html, string Text);

/// <summary>
/// Renders mails from the Liquid templates <c>{name}.html.liquid</c> and <c>{name}.text.liquid</c> that a service embeds beside its feature, each in the layout all mails
/// share, or from what admins wrote in their place (<see cref="WrittenTemplates"/>). Templates are compiled once. What is printed is encoded in the HTML part (<c>| raw</c> for
/// what is HTML already) and left as it is in the text part.
/// </summary>
/// <remarks>
/// <para>A template sees the public properties of its model in camelCase, and <c>sender</c>, <c>postalAddress</c>, <c>publicUrl</c>, <c>preferencesUrl</c>,
/// <c>unsubscribeUrl</c>, <c>confirmUrl</c>, <c>answerUrl</c> and <c>name</c>; all but the first three are holes. Of the look it sees <c>theme</c>: <c>accent</c>, <c>linkInDark</c>,
/// <c>lineInDark</c>, <c>buttonInDark</c>, <c>logo</c> and <c>logoText</c>.</para>
/// <para>The layout prints what the model has or the template assigns under these names, all plain text: <c>title</c> (the document's title),
/// <c>preheader</c> (the line an inbox shows after the subject), <c>why</c> (why she gets this mail), <c>dir</c> (<c>rtl</c> or <c>ltr</c>, which it is unless said),
/// <c>senderName</c> (in place of the common one), <c>leaveLists</c> (see <see cref="LeaveLink"/>), <c>lang</c> (<c>en</c> unless said), <c>wordsDir</c> (of the footer; <c>ltr</c> unless said), <c>transactional</c> (true: no links to leave or to preferences).</para>
/// <para><c>{% render 'button', url: …, text: … %}</c> makes a button in the HTML part.</para>
/// <para>Only a template makes a hole: a post whose text or links spell one out would otherwise learn its readers' own links.</para>
/// <para>A written template that fails on a real mail is passed over: the mail goes out with the built-in one, and the log says why.</para>
/// </remarks>
public sealed partial class MailTemplates(IOptions<MailOptions> mail, IOptions<AlertsOptions> alerts, WrittenTemplates? written = null, ILogger<MailTemplates>? logger = null)
{
    /// <summary>The longest part that a written template may print: twice what any mailbox shows whole.</summary>
    private const int MostPrinted = 500_000;

    private static readonly FluidParser Parser = new();

    /// <summary>Encodes what HTML wants encoded and leaves the world's scripts readable (and small).</summary>
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>Of the built-in ones.</summary>
    private static readonly TemplateOptions Options = NewOptions();

    /// <summary>Of those that admins wrote: a loop is stopped after so many steps, and what is assigned stays small.</summary>
    private static readonly TemplateOptions Bounded = NewOptions();

    /// <summary>What stands for a hole while a template is rendered; no content can know it.</summary>
    private static readonly string Secret = $"hole-{Guid.NewGuid():N}-";

    private const string HolePrefix = "alerts-hole-";

    private readonly ConcurrentDictionary<(Assembly Owner, string File), IFluidTemplate> templates = new();
    private Written? failed;

    static MailTemplates()
    {
        Bounded.MaxSteps = 50_000;
        Bounded.MaxRecursion = 20;
        Bounded.StrictFilters = true;
        Bounded.Assigned = (_, value, context) => ValueTask.FromResult(value.Type == FluidValues.String && value.ToStringValue().Length > MostPrinted
            ? throw new InvalidOperationException($"The template assigns a text of more than {MostPrinted:N0} characters.")
            : value);
    }

    /// <param name="owner">The assembly that embeds the two templates.</param>
    /// <param name="name">Their file name without <c>.html.liquid</c>, unique in the assembly.</param>
    /// <param name="model">What they print.</param>
    /// <param name="lists">The lists the mail is for, whose look it has.</param>
    /// <exception cref="InvalidOperationException">A template isn't embedded, or there are two of the name, or it isn't Liquid.</exception>
    public async Task<MailBody> RenderAsync(Assembly owner, string name, object model, CancellationToken cancellationToken, IReadOnlyCollection<string>? lists = null)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(model);

        cancellationToken.ThrowIfCancellationRequested();
        var known = written is null ? Written.Nothing : await written.CurrentAsync(cancellationToken);
        var theme = known.ThemeOf(lists);
        if (known.Templates.Count > 0)
        {
            try
            {
                return await RenderAsync(owner, name, options => new TemplateContext(model, options), known, theme);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Once a version, not once a mail.
                if (Interlocked.Exchange(ref failed, known) != known && logger is not null)
                {
                    LogFailed(logger, name, exception);
                }
            }
        }

        return await RenderAsync(owner, name, options => new TemplateContext(model, options), Written.Nothing, theme);
    }

    /// <summary>Tries a template with sample data, in place of the one that holds.</summary>
    /// <returns>What it prints, or what is wrong.</returns>
    internal async Task<(string? Printed, TemplateProblem? Problem)> TryAsync(TemplateFile file, string source, MailTheme? theme, CancellationToken cancellationToken)
    {
        if (source.Length > WrittenTemplate.MaxSource)
        {
            return (null, new TemplateProblem($"It is longer than {WrittenTemplate.MaxSource:N0} characters.", 0, 0));
        }

        if (TemplateSource.Read(source, out var problem) is not { } template)
        {
            return (null, problem);
        }

        // The layout is tried around a mail that says a bit of everything.
        var (mailName, owner) = file.Mail == TemplateFile.Layout ? ("layout", file.Owner) : (file.Mail, file.Owner);
        var sample = SampleData.Of(owner, mailName);
        var known = written is null ? Written.Nothing : await written.CurrentAsync(cancellationToken);
        try
        {
            var ours = await PartAsync(file, new Written(known.Templates.Where(t => t.Key != file.Name).ToFrozenDictionary(), known.Themes));
            var theirs = await PartAsync(file, new Written(known.Templates.Where(t => t.Key != file.Name).Append(new(file.Name, template)).ToFrozenDictionary(), known.Themes));
            return Holes.FirstOrDefault(hole => ours.Contains(hole.Key, StringComparison.Ordinal) && !theirs.Contains(hole.Key, StringComparison.Ordinal)) is { Key: not null } missing
                ? (theirs, new TemplateProblem($"It doesn't print {{{{ {missing.Value} }}}}, which every reader needs.", 0, 0))
                : (theirs, null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return (null, new TemplateProblem(exception.Message, 0, 0));
        }

        Task<string> PartAsync(TemplateFile tried, Written with) =>
            RenderAsync(owner, tried.Mail == TemplateFile.Layout ? null : tried.Mail, tried.Part, Context, tried.Part == "html" ? Encoder : NullEncoder.Default, with, theme);

        TemplateContext Context(TemplateOptions options)
        {
            var context = new TemplateContext(options);
            foreach (var (key, value) in sample)
            {
                context.SetValue(key, value is null ? NilValue.Instance : FluidValue.Create(value, options));
            }

            return context;
        }
    }

    private static readonly IReadOnlyDictionary<string, string> Holes = new Dictionary<string, string>
    {
        [Hole.UnsubscribeUrl] = "unsubscribeUrl",
        [Hole.PreferencesUrl] = "preferencesUrl",
        [Hole.ConfirmUrl] = "confirmUrl",
        [Hole.AnswerUrl] = "answerUrl",
    };

    private async Task<MailBody> RenderAsync(Assembly owner, string name, Func<TemplateOptions, TemplateContext> context, Written known, MailTheme? theme)
    {
        var html = await RenderAsync(owner, name, "html", context, Encoder, known, theme);
        var text = await RenderAsync(owner, name, "text", context, NullEncoder.Default, known, theme);
        return new MailBody(html, text.Trim() + "\n");
    }

    /// <param name="name">Null: the layout alone, around the <c>body</c> of the sample.</param>
    private async Task<string> RenderAsync(
        Assembly owner, string? name, string part, Func<TemplateOptions, TemplateContext> create, TextEncoder encoder, Written known, MailTheme? theme)
    {
        var context = create(known.Templates.Count > 0 ? Bounded : Options);
        var look = Look.Of(theme);
        context.SetValue("sender", Sender());
        context.SetValue("postalAddress", mail.Value.PostalAddress);
        context.SetValue("publicUrl", alerts.Value.PublicUrl.TrimEnd('/'));
        context.SetValue("preferencesUrl", Secretly(Hole.PreferencesUrl));
        context.SetValue("unsubscribeUrl", Secretly(Hole.UnsubscribeUrl));
        context.SetValue("confirmUrl", Secretly(Hole.ConfirmUrl));
        context.SetValue("name", Secretly(Hole.Name));
        context.SetValue("answerUrl", Secretly(Hole.AnswerUrl));
        context.SetValue("theme", look);

        // Not isolated: what the template assigns, the layout sees.
        var body = name is null ? context.GetValue("body").ToStringValue() : await PrintAsync(Template(owner, $"{name}.{part}", known), context, encoder);
        context.SetValue("body", new StringValue(body.Trim(), encode: false));
        var whole = await PrintAsync(Template(typeof(MailTemplates).Assembly, $"layout.{part}", known), context, encoder);
        if (part == "html")
        {
            whole = look.Colour(whole);
        }

        return whole.Replace(HolePrefix, "alerts hole ", StringComparison.OrdinalIgnoreCase).Replace(Secret, HolePrefix, StringComparison.Ordinal);
    }

    private static async Task<string> PrintAsync(IFluidTemplate template, TemplateContext context, TextEncoder encoder)
    {
        if (context.Options == Options)
        {
            return await template.RenderAsync(context, encoder, isolateContext: false);
        }

        await using var printed = new BoundedWriter(MostPrinted);
        await template.RenderAsync(printed, encoder, context);
        return printed.ToString();
    }

    private static TemplateOptions NewOptions() => new()
    {
        // Models are made to be printed: views, and nothing with a life of its own.
        MemberAccessStrategy = new UnsafeMemberAccessStrategy { MemberNameStrategy = MemberNameStrategies.CamelCase },
        FileProvider = new EmbeddedFileProvider(typeof(MailTemplates).Assembly, typeof(MailTemplates).Namespace),
    };

    private static string Secretly(string hole) => hole.Replace(HolePrefix, Secret, StringComparison.Ordinal);

    /// <summary>The name in the From header, or the address where there is no name.</summary>
    private string Sender() =>
        MailAddress.TryCreate(mail.Value.From, out var from) ? from.DisplayName is { Length: > 0 } display ? display : from.Address : mail.Value.From;

    private IFluidTemplate Template(Assembly owner, string name, Written known) =>
        known.Templates.GetValueOrDefault(name) ?? templates.GetOrAdd((owner, name + ".liquid"), static key => Compile(key.Owner, key.File));

    private static IFluidTemplate Compile(Assembly owner, string file)
    {
        var resources = owner.GetManifestResourceNames().Where(resource => resource.EndsWith("." + file, StringComparison.Ordinal)).ToList();
        if (resources.Count != 1)
        {
            throw new InvalidOperationException($"{owner.GetName().Name} embeds {resources.Count} files {file}; it must be one.");
        }

        using var reader = new StreamReader(owner.GetManifestResourceStream(resources[0])!);
        return Parser.TryParse(reader.ReadToEnd(), out var template, out var error) ? template : throw new InvalidOperationException($"{file}: {error}");
    }

    [LoggerMessage(LogLevel.Error, "A mail was made of the built-in templates, since one that an admin wrote failed: {Mail}")]
    private static partial void LogFailed(ILogger logger, string mail, Exception exception);
}

public static class MailTemplatesExtensions
{
    /// <summary>Registers <see cref="MailTemplates"/> and the pages where admins write their own, once however often it is called.</summary>
    public static void AddMailTemplates(this IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(MailTemplates)))
        {
            return;
        }

        services.AddSingleton<WrittenTemplates>();
        services.AddSingleton<MailTemplates>();
        services.AddPagesOf<MailTemplates>();
    }
}
