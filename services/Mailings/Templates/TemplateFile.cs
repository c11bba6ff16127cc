using System.Reflection;
using Alerts.Mailings.Layout;

namespace Alerts.Mailings.Templates;

/// <summary>An assembly that embeds templates of mails. The host names all of them, those of services that run elsewhere too, so that admins see the same everywhere.</summary>
public sealed record TemplateAssembly(Assembly Assembly);

/// <summary>A template that admins may write anew.</summary>
/// <param name="Name">Such as <c>digest.html</c>; in the path of its page.</param>
/// <param name="Mail">The mail it is a part of, such as <c>digest</c>; <c>layout</c> is what stands around all.</param>
/// <param name="Part"><c>html</c> or <c>text</c>.</param>
/// <param name="About">When it is sent, in words.</param>
internal sealed record TemplateFile(string Name, Assembly Owner, string Mail, string Part, string About)
{
    private const string Ending = ".liquid";

    public const string Layout = "layout";

    public static IReadOnlyList<TemplateFile> All(IEnumerable<TemplateAssembly> assemblies) =>
    [
        .. assemblies.Select(a => a.Assembly).Append(typeof(MailTemplates).Assembly).Distinct().SelectMany(Of).OrderBy(f => f.Mail != Layout).ThenBy(f => f.Mail, StringComparer.Ordinal).ThenBy(f => f.Part, StringComparer.Ordinal),
    ];

    public string BuiltIn()
    {
        using var reader = new StreamReader(Owner.GetManifestResourceStream(Owner.GetManifestResourceNames().Single(r => r.EndsWith("." + Name + Ending, StringComparison.Ordinal)))!);
        return reader.ReadToEnd();
    }

    private static IEnumerable<TemplateFile> Of(Assembly assembly) =>
        from resource in assembly.GetManifestResourceNames()
        where resource.EndsWith(".html" + Ending, StringComparison.Ordinal) || resource.EndsWith(".text" + Ending, StringComparison.Ordinal)
        let words = resource[..^Ending.Length].Split('.')
        let mail = words[^2]
        select new TemplateFile($"{mail}.{words[^1]}", assembly, mail, words[^1], mail == Layout ? "What stands around every mail" : SampleData.Of(assembly, mail).GetValueOrDefault("about") as string ?? mail);
}
