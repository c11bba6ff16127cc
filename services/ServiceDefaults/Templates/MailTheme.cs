using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.ServiceDefaults.Templates;

/// <summary>How the mails of a list look: a colour and a logo. A mail of several lists that don't all look the same looks as the theme of all.</summary>
public sealed class MailTheme
{
    /// <summary>The key of the theme that holds where a list has none.</summary>
    public const string OfAll = "";

    /// <summary>The colour of links, buttons and the line on top, unless somebody chose another.</summary>
    public const string BuiltInAccent = "#1d4ed8";

    public const int MaxLogo = 500;
    public const int MaxLogoText = 100;

    /// <summary>A list's slug, or <see cref="OfAll"/>.</summary>
    public required string List { get; init; }

    /// <summary><c>#rrggbb</c>. Null: as the theme of all.</summary>
    public string? Accent { get; set; }

    /// <summary>The address of an image, https. Null: the sender's name in words.</summary>
    public string? Logo { get; set; }

    /// <summary>What the logo says, for whoever doesn't see it.</summary>
    public string? LogoText { get; set; }

    public required DateTimeOffset ChangedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<MailTheme>
    {
        public void Configure(EntityTypeBuilder<MailTheme> builder)
        {
            builder.ToTable("Themes");
            builder.HasKey(t => t.List);
            builder.Property(t => t.List).HasMaxLength(100);
            builder.Property(t => t.Accent).HasMaxLength(7);
            builder.Property(t => t.Logo).HasMaxLength(MaxLogo);
            builder.Property(t => t.LogoText).HasMaxLength(MaxLogoText);
        }
    }
}
