using Alerts.Contracts;
using Alerts.Delivery;
using Alerts.Digests;
using Alerts.Mailings.Layout;
using Alerts.Mailings.Templates;
using Alerts.Notices;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Staff;
using Alerts.ServiceDefaults.Templates;
using Alerts.Subscriptions;
using Alerts.Tests.Unit.ServiceDefaults.Staff;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Alerts.Tests.Unit.Mailings;

public sealed class TemplateTests
{
    private static readonly IReadOnlyList<TemplateFile> Files = TemplateFile.All(
        [new(typeof(DigestsDb).Assembly), new(typeof(NoticesDb).Assembly), new(typeof(SubscriptionsDb).Assembly), new(typeof(DeliveryDb).Assembly)]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names() => [.. Files.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_built_in_template_is_tried_with_a_sample_of_its_own_and_is_right(string name)
    {
        var file = Files.Single(f => f.Name == name);

        var (printed, problem) = await Given.Templates.TryAsync(file, file.BuiltIn(), null, Cancel);

        Assert.Null(problem);
        Assert.NotEmpty(SampleData.Of(file.Owner, file.Mail));
        Assert.Contains((string)SampleData.Of(file.Owner, file.Mail)["title"]!, printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<p>Hello</p>\n{% if title %}{{ title }}", 2)]
    [InlineData("{{ title | }}", 1)]
    [InlineData("one\ntwo\n  {% nonsense %}", 3)]
    public async Task What_is_wrong_is_told_with_its_place(string source, int line)
    {
        var (_, problem) = await TryAsync("post.html", source);

        Assert.Equal(line, problem?.Line);
        Assert.True(problem!.Column > 0, problem.ToString());
    }

    [Theory]
    [InlineData("{% for i in (1..2000000000) %}x{% endfor %}")]
    [InlineData("{% for i in (1..count) %}x{% endfor %}")]
    [InlineData("{% assign n = 2000000000 %}{% for i in (1..n) %}x{% endfor %}")]
    [InlineData("{% capture x %}{{ html }}{% endcapture %}")]
    [InlineData("{% for i in (1..900) %}{% for j in (1..900) %}{% for k in (1..900) %}.{% endfor %}{% endfor %}{% endfor %}")]
    [InlineData("{% assign s = 'xxxxxxxxxx' %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}")]
    [InlineData("{% for i in (1..900) %}{% for j in (1..20) %}{{ html | raw }}{% endfor %}{% endfor %}")]
    [InlineData("{{ title | nonsense }}")]
    public async Task What_would_never_end_or_fill_the_memory_is_stopped(string source)
    {
        var (printed, problem) = await TryAsync("post.html", source);

        Assert.Null(printed);
        Assert.NotNull(problem);
    }

    [Fact]
    public async Task A_layout_without_the_way_out_is_refused()
    {
        var (_, problem) = await TryAsync("layout.html", "<html>{{ body }}<a href=\"{{ preferencesUrl }}\">x</a></html>");

        Assert.Contains("unsubscribeUrl", problem?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_confirmation_without_its_link_is_refused() =>
        Assert.Contains("confirmUrl", (await TryAsync("confirmation.text", "Please confirm.")).Problem?.Message, StringComparison.Ordinal);

    [Fact]
    public async Task What_an_admin_wrote_holds_within_seconds_and_the_built_in_one_comes_back()
    {
        await using var app = await StaffApp.StartAsync();
        var templates = Templates(app);
        Assert.DoesNotContain("Dear reader", (await RenderAsync(templates)).Html, StringComparison.Ordinal);

        await WriteAsync(app, "post.html", 1, "<p>Dear reader, {{ title }}</p>");
        app.Clock.Advance(WrittenTemplates.Every);
        var mail = await RenderAsync(templates);
        Assert.Contains("Dear reader, A title", mail.Html, StringComparison.Ordinal);
        Assert.Contains(Hole.UnsubscribeUrl, mail.Html, StringComparison.Ordinal);

        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await WriteAsync(app, "post.html", 2, null);
        app.Clock.Advance(WrittenTemplates.Every);
        Assert.DoesNotContain("Dear reader", (await RenderAsync(templates)).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_written_template_that_fails_on_a_real_mail_holds_up_no_mail()
    {
        await using var app = await StaffApp.StartAsync();
        await WriteAsync(app, "post.html", 1, "{% for i in (1..900) %}{% for j in (1..900) %}{{ title }}{% endfor %}{% endfor %}");

        var mail = await RenderAsync(Templates(app));

        Assert.Contains("A title", mail.Html, StringComparison.Ordinal);
        Assert.Contains("Body of it", mail.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_has_the_look_of_its_list_and_of_all_where_its_lists_differ()
    {
        await using var app = await StaffApp.StartAsync();
        await app.In(async services =>
        {
            var db = services.GetRequiredService<StaffDb>();
            db.Themes.AddRange(
                new MailTheme { List = MailTheme.OfAll, Accent = "#8a1c4a", ChangedAt = app.Clock.GetUtcNow() },
                new MailTheme { List = "rivers", Accent = "#0b5a5c", Logo = "https://example.org/rivers.png", LogoText = "The rivers", ChangedAt = app.Clock.GetUtcNow() });
            return await db.SaveChangesAsync(Cancel);
        });
        var templates = Templates(app);

        var rivers = (await RenderAsync(templates, "rivers")).Html;
        var both = (await RenderAsync(templates, "rivers", "lakes")).Html;

        Assert.Contains("color:#0b5a5c", rivers, StringComparison.Ordinal);
        Assert.Contains("<img src=\"https://example.org/rivers.png\" alt=\"The rivers\"", rivers, StringComparison.Ordinal);
        Assert.DoesNotContain(MailTheme.BuiltInAccent, rivers, StringComparison.Ordinal);
        Assert.Contains("color:#8a1c4a", both, StringComparison.Ordinal);
        Assert.DoesNotContain("rivers.png", both, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#000000", 21)]
    [InlineData("#ffffff", 1)]
    [InlineData("#767676", 4.54)]
    [InlineData("#1d4ed8", 6.7)]
    public void Contrast_is_as_WCAG_counts_it(string text, double ratio)
    {
        Assert.True(Colour.TryParse(text, out var colour));
        Assert.Equal(ratio, colour.ContrastTo(Colour.White), 1);
    }

    [Fact]
    public void Whatever_colour_is_chosen_the_nearest_that_is_offered_is_read() =>
        Gen.Select(Gen.Byte, Gen.Byte, Gen.Byte, (red, green, blue) => new Colour(red, green, blue)).Sample(
            colour => colour.ReadableOn(Colour.White).ContrastTo(Colour.White) >= Colour.Readable && colour.ReadableOn(Colour.DarkSheet).ContrastTo(Colour.DarkSheet) >= Colour.Readable,
            seed: "0N0XIzNsQ0O2",
            iter: 2_000);

    private static Task<(string? Printed, TemplateProblem? Problem)> TryAsync(string name, string source) =>
        Given.Templates.TryAsync(Files.Single(f => f.Name == name), source, null, Cancel);

    private static MailTemplates Templates(StaffApp app)
    {
        var written = new WrittenTemplates(app.Scopes, app.Clock, NullLogger<WrittenTemplates>.Instance);
        return new MailTemplates(Microsoft.Extensions.Options.Options.Create(new MailOptions { From = "River Watch <news@example.org>" }), Given.Options, written, NullLogger<MailTemplates>.Instance);
    }

    private static Task<MailBody> RenderAsync(MailTemplates templates, params string[] lists) => templates.RenderAsync(
        typeof(MailTemplates).Assembly,
        "post",
        new { Title = "A title", Preheader = "", Why = "", Dir = "ltr", Html = "<p>Body of it</p>", Text = "Body of it", Link = "https://blog.example.org/1", Lists = "Rivers" },
        Cancel,
        lists);

    private static Task<int> WriteAsync(StaffApp app, string name, int version, string? source) => app.In(async services =>
    {
        var db = services.GetRequiredService<StaffDb>();
        db.Templates.Add(new WrittenTemplate { Name = name, Version = version, Source = source, By = "ada@example.org", At = app.Clock.GetUtcNow() });
        return await db.SaveChangesAsync(Cancel);
    });
}
