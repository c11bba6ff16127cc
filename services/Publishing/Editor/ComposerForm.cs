using System.Globalization;
using Alerts.Publishing.Posts;
using Microsoft.AspNetCore.Http;

namespace Alerts.Publishing.Editor;

/// <summary>The composer's form as it was sent, by the browser itself or by the script that keeps what is typed.</summary>
/// <param name="Change">See <see cref="Post.Change"/>: of the post from which the editor began; 0 for a new one.</param>
internal sealed record ComposerForm(PostText Text, int Change)
{
    public static ComposerForm Read(IFormCollection form)
    {
        var text = new PostText(
            form["title"].ToString(),
            form["body"].ToString().ReplaceLineEndings("\n"),
            form["format"] == "html",
            form["summary"].ToString(),
            form["link"].ToString(),
            KnownLists.Tidy(form["lists"]),
            [.. form["tags"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.OrdinalIgnoreCase).Take(Post.MaxTags + 1)],
            form["urgent"] == "true");
        return new ComposerForm(text, int.TryParse(form["change"], NumberStyles.None, CultureInfo.InvariantCulture, out var change) ? change : 0);
    }
}
