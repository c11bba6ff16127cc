using System.Collections.Concurrent;
using System.Net.Mail;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Alerts.Contracts;
using Alerts.ServiceDefaults;
using Fluid;
using Fluid.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

namespace Alerts.Mailings.Layout;

/// <summary>The two parts of a mail, with <see cref="Hole"/>s where readers differ.</summary>
/// <param name="Html">A whole document.</param>
/// <param name="Text">Plain text, lines ended by LF.</param>
public sealed record MailBody(string Html, string Text);

/// <summary>
/// Renders mails from the Liquid templates <c>{name}.html.liquid</c> and <c>{name}.text.liquid</c> that a service embeds beside its feature, each in the layout all mails
/// share. Templates are compiled once. What is printed is encoded in the HTML part (<c>| raw</c> for what is HTML already) and left as it is in the text part.
/// </summary>
/// <remarks>
/// <para>A template sees the public properties of its model in camelCase, and <c>sender</c>, <c>postalAddress</c>, <c>publicUrl</c>, <c>preferencesUrl</c>,
/// <c>unsubscribeUrl</c>, <c>confirmUrl</c>, <c>answerUrl</c> and <c>name</c>; all but the first three are holes.</para>
/// <para>The layout prints what the model has or the template assigns under these names, all plain text: <c>title</c> (the document's title),
/// <c>preheader</c> (the line an inbox shows after the subject), <c>why</c> (why she gets this mail), <c>dir</c> (<c>rtl</c> or <c>ltr</c>, which it is unless said),
/// <c>senderName</c> (in place of the common one), <c>leaveLists</c> (see <see cref="LeaveLink"/>), <c>lang</c> (<c>en</c> unless said), <c>wordsDir</c> (of the footer; <c>ltr</c> unless said), <c>transactional</c> (true: no links to leave or to preferences).</para>
/// <para><c>{% render 'button', url: …, text: … %}</c> makes a button in the HTML part.</para>
/// <para>Only a template makes a hole: a post whose text or links spell one out would otherwise learn its readers' own links.</para>
/// </remarks>
public sealed class MailTemplates(IOptions<MailOptions> mail, IOptions<AlertsOptions> alerts)
{
    private static readonly FluidParser Parser = new();

    /// <summary>Encodes what HTML wants encoded and leaves the world's scripts readable (and small).</summary>
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private static readonly TemplateOptions Options = new()
    {
        // The templates are ours, embedded in our assemblies; readers and editors write none.
        MemberAccessStrategy = new UnsafeMemberAccessStrategy { MemberNameStrategy = MemberNameStrategies.CamelCase },
        FileProvider = new EmbeddedFileProvider(typeof(MailTemplates).Assembly, typeof(MailTemplates).Namespace),
    };

    /// <summary>What stands for a hole while a template is rendered; no content can know it.</summary>
    private static readonly string Secret = $"hole-{Guid.NewGuid():N}-";

    private const string HolePrefix = "alerts-hole-";

    private readonly ConcurrentDictionary<(Assembly Owner, string File), IFluidTemplate> templates = new();

    /// <param name="owner">The assembly that embeds the two templates.</param>
    /// <param name="name">Their file name without <c>.html.liquid</c>, unique in the assembly.</param>
    /// <param name="model">What they print.</param>
    /// <exception cref="InvalidOperationException">A template isn't embedded, or there are two of the name, or it isn't Liquid.</exception>
    public async Task<MailBody> RenderAsync(Assembly owner, string name, object model, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(model);

        var html = await RenderAsync(owner, name, "html", model, Encoder, cancellationToken);
        var text = await RenderAsync(owner, name, "text", model, NullEncoder.Default, cancellationToken);
        return new MailBody(html, text.Trim() + "\n");
    }

    private async Task<string> RenderAsync(Assembly owner, string name, string part, object model, TextEncoder encoder, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var context = new TemplateContext(model, Options);
        context.SetValue("sender", Sender());
        context.SetValue("postalAddress", mail.Value.PostalAddress);
        context.SetValue("publicUrl", alerts.Value.PublicUrl.TrimEnd('/'));
        context.SetValue("preferencesUrl", Secretly(Hole.PreferencesUrl));
        context.SetValue("unsubscribeUrl", Secretly(Hole.UnsubscribeUrl));
        context.SetValue("confirmUrl", Secretly(Hole.ConfirmUrl));
        context.SetValue("name", Secretly(Hole.Name));
        context.SetValue("answerUrl", Secretly(Hole.AnswerUrl));

        // Not isolated: what the template assigns, the layout sees.
        var body = await Template(owner, $"{name}.{part}.liquid").RenderAsync(context, encoder, isolateContext: false);
        context.SetValue("body", new StringValue(body.Trim(), encode: false));
        var whole = await Template(typeof(MailTemplates).Assembly, $"layout.{part}.liquid").RenderAsync(context, encoder, isolateContext: false);
        return whole.Replace(HolePrefix, "alerts hole ", StringComparison.OrdinalIgnoreCase).Replace(Secret, HolePrefix, StringComparison.Ordinal);
    }

    private static string Secretly(string hole) => hole.Replace(HolePrefix, Secret, StringComparison.Ordinal);

    /// <summary>The name in the From header, or the address where there is no name.</summary>
    private string Sender() =>
        MailAddress.TryCreate(mail.Value.From, out var from) ? from.DisplayName is { Length: > 0 } display ? display : from.Address : mail.Value.From;

    private IFluidTemplate Template(Assembly owner, string file) => templates.GetOrAdd((owner, file), static key => Compile(key.Owner, key.File));

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
}

public static class MailTemplatesExtensions
{
    /// <summary>Registers <see cref="MailTemplates"/>, once however often it is called.</summary>
    public static void AddMailTemplates(this IServiceCollection services) => services.TryAddSingleton<MailTemplates>();
}
