using Markdig;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Subscriptions.Legal;

/// <summary>A page the law wants of whoever runs this site: its privacy notice, its imprint. An admin writes it; until then it says what the software itself can tell.</summary>
public sealed class LegalPage
{
    public const string Privacy = "privacy";
    public const string Imprint = "imprint";
    public const int MaxMarkdown = 50_000;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UseAutoLinks().UsePipeTables().UseListExtras().DisableHtml().Build();

    /// <summary><see cref="Privacy"/> or <see cref="Imprint"/>.</summary>
    public required string Slug { get; init; }

    /// <summary>At most 50,000 characters. Empty: nothing was written.</summary>
    public required string Markdown { get; set; }

    public required DateTimeOffset ChangedAt { get; set; }

    /// <exception cref="ArgumentException">It is nested too deeply.</exception>
    public static string ToHtml(string markdown) => Markdig.Markdown.ToHtml(markdown, Pipeline);

    internal sealed class Mapping : IEntityTypeConfiguration<LegalPage>
    {
        public void Configure(EntityTypeBuilder<LegalPage> builder)
        {
            builder.ToTable("LegalPages");
            builder.HasKey(p => p.Slug);
            builder.Property(p => p.Slug).HasMaxLength(20);
            builder.Property(p => p.Markdown).HasMaxLength(MaxMarkdown);
        }
    }
}
