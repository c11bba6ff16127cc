using System.Text;
using Alerts.Contracts;
using Alerts.Subscriptions.Import;
using Alerts.Subscriptions.Regions;
using Alerts.Subscriptions.Subscribers;

namespace Alerts.Tests.Unit.Subscriptions;

public class RegionTests
{
    private static readonly AudienceRegion[] Korea = [new("KR", "Korea", null), new("seoul", "Seoul", "KR"), new("new-york", "New York", null)];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void Regions_are_known_by_slug_and_by_name_whatever_the_case()
    {
        var known = KnownRegions.Of(Korea);

        Assert.Equal(["KR", "seoul"], known.Read(["kr", "Seoul", "SEOUL"], out var unknown));
        Assert.Null(unknown);
        Assert.Equal(["new-york", "KR"], known.ReadText("New York; kr", out unknown));
        Assert.Null(unknown);
        Assert.Equal(["KR", "seoul"], known.ReadText("KR seoul", out unknown));
        Assert.Null(unknown);
        Assert.Equal(["KR"], known.ReadText("KR, Atlantis", out unknown));
        Assert.Equal("Atlantis", unknown);
    }

    [Fact]
    public void While_none_are_set_up_a_code_stands_for_itself()
    {
        Assert.Equal(["KR", "US-NY"], KnownRegions.Of([]).ReadText("KR US-NY", out var unknown));
        Assert.Null(unknown);
    }

    [Fact]
    public void For_a_region_that_was_removed_stands_the_one_it_lay_in()
    {
        var known = KnownRegions.Of([new("KR", "Korea", null), new("seoul", "Seoul", "KR", Removed: true), new("mapo", "Mapo", "seoul"), new("US", "United States", null, Removed: true)]);

        Assert.Equal(["KR"], known.Read(["seoul"], out _));
        Assert.Empty(known.Read(["US"], out var unknown));
        Assert.Equal("US", unknown);
        Assert.Equal([("KR", 0), ("mapo", 1)], known.Tree.Select(l => (l.Region.Slug, l.Depth)));
    }

    [Theory]
    [InlineData(null, "x", null, "slug")]
    [InlineData("under_score", "x", null, "slug")]
    [InlineData("ok", " ", null, "name")]
    [InlineData("ok", "x", "atlantis", "parent")]
    public void What_is_wrong_with_a_region_is_said_by_field(string? slug, string? name, string? parent, string field) =>
        Assert.Equal([field], new NewRegion { Slug = slug, Name = name, Parent = parent }.Problems(KnownRegions.Of(Korea)).Keys);

    [Theory]
    [InlineData("KR")]
    [InlineData("SEOUL")]
    public void A_region_lies_neither_in_itself_nor_in_what_lies_in_it(string parent) =>
        Assert.Equal(["parent"], new NewRegion { Parent = parent }.Problems(KnownRegions.Of(Korea), "KR").Keys);

    [Fact]
    public async Task A_removed_region_is_no_longer_offered_its_readers_keep_it_and_adding_it_anew_brings_it_back()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        await database.AddRegionsAsync(Korea);
        var ada = await database.AddAsync("ada@example.org", new Wanted("news", Frequency.Daily));
        await database.ChangeAsync(ada, (reader, change) => reader.Describe(new SubscriberDetails { Regions = ["seoul"] }, change));
        await using var db = database.Open();

        Assert.True(await db.RemoveRegionAsync("seoul", SubscriptionsDatabase.Noon, Cancelled));
        Assert.False(await db.RemoveRegionAsync("atlantis", SubscriptionsDatabase.Noon, Cancelled));
        Assert.Equal(["KR", "new-york"], (await KnownRegions.LoadAsync(db, Cancelled)).Tree.Select(l => l.Region.Slug));
        var revision = await database.Audience.CurrentRevisionAsync(Cancelled);
        foreach (var place in new[] { "seoul", "KR" })
        {
            Assert.Equal([ada], (await database.AllNoticedAsync(["news"], [place], revision)).Select(c => c.SubscriberId));
        }

        Assert.Null(await db.AddRegionAsync(new NewRegion { Slug = "kr", Name = "Again" }, Cancelled));
        Assert.NotNull(await db.AddRegionAsync(new NewRegion { Slug = "Seoul", Name = "Seoul City", Parent = "kr" }, Cancelled));
        Assert.Equal(
            [new("KR", "Korea", null), new("new-york", "New York", null), new("seoul", "Seoul City", "KR")],
            (await database.Audience.RegionsAsync(Cancelled)).OrderBy(r => r.Slug, StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_import_takes_regions_by_slug_or_name_and_rejects_by_line_what_is_none()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        await database.AddRegionsAsync(Korea);
        await using var db = database.Open();
        var rejected = new List<ImportReject>();
        var done = new ImportProgress();
        using var csv = new MemoryStream(Encoding.UTF8.GetBytes("""
            email,regions
            ada@example.org,"New York, kr"
            eve@example.org,Atlantis
            joy@example.org,
            """));

        await database.Import(db).RunAsync(
            csv, new ImportOrder { List = "news", Confirmed = true }, done,
            (_, rejects, _) =>
            {
                rejected.AddRange(rejects);
                return Task.CompletedTask;
            },
            Cancelled);

        Assert.Equal(["new-york", "KR"], (await database.GetAsync("ada@example.org")).Regions);
        Assert.Empty((await database.GetAsync("joy@example.org")).Regions);
        Assert.Equal([new ImportReject(3, "There is no region 'Atlantis'. Add it under Regions, or take it out of the row.")], rejected);
        Assert.Equal((2, 1), (done.Added, done.Rejected));
    }
}
