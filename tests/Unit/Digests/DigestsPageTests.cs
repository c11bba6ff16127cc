using Alerts.Contracts;
using Alerts.Digests;
using Alerts.Digests.Editor;
using Alerts.Tests.Unit.Mailings;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Alerts.Tests.Unit.Digests;

public sealed class DigestsPageTests
{
    [Fact]
    public async Task The_page_says_when_nothing_was_cut_yet()
    {
        await using var house = await DigestsHouse.BuildAsync();
        var page = await RenderAsync(house);

        Assert.Contains("No digest was cut yet", page, StringComparison.Ordinal);
        Assert.Contains("Nobody has a daily or weekly digest yet.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_shows_the_cuts_and_what_is_next()
    {
        await using var house = await DigestsHouse.BuildAsync();
        var (ada, backlog) = (Guid.NewGuid(), Guid.NewGuid());
        house.Audience.Join(ada);
        house.Audience.Hold(ada, "rivers", Frequency.Daily);
        await house.TakeAsync(Given.Post(1) with { AudienceRevision = house.Audience.Revision, BacklogId = backlog });
        await house.TakeAsync(new BacklogPublished { BacklogId = backlog, Posts = 1, Title = "All about rivers", Lists = ["rivers"], AudienceRevision = house.Audience.Revision });
        await house.CutNowAsync();
        await house.TakeAsync(Given.Post(2) with { AudienceRevision = house.Audience.Revision });

        var page = await RenderAsync(house);
        Assert.Contains("Asked for", page, StringComparison.Ordinal);
        Assert.Contains("First reading of All about rivers", page, StringComparison.Ordinal);
        Assert.Contains("23 November 2026, 17:00", page, StringComparison.Ordinal);
        Assert.Contains("1 post was filed since the last cut.", page, StringComparison.Ordinal);
    }

    private static async Task<string> RenderAsync(DigestsHouse house)
    {
        await using var db = house.Open();
        await using var services = new ServiceCollection().AddSingleton<DigestsDb>(db).AddSingleton<TimeProvider>(house.Clock).AddSingleton<IAudience>(house.Audience).AddSingleton<NavigationManager, Nowhere>().AddSingleton<AntiforgeryStateProvider, NoAntiforgery>().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<DigestsPage>()).ToHtmlString());
    }
}

internal sealed class Nowhere : NavigationManager
{
    public Nowhere() => Initialize("https://alerts.example.org/", "https://alerts.example.org/editor/digests");
}

internal sealed class NoAntiforgery : AntiforgeryStateProvider
{
    public override AntiforgeryRequestToken? GetAntiforgeryToken() => null;
}
