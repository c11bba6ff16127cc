using Alerts.Contracts;

namespace Alerts.Tests.Unit.Contracts;

public class RegionTreeTests
{
    private static readonly RegionTree Tree = RegionTree.Of(
    [
        new("KR", "Korea", null),
        new("seoul", "Seoul", "KR"),
        new("mapo", "Mapo", "seoul"),
        new("busan", "Busan", "KR", Removed: true),
        new("US", "United States", null),
    ]);

    [Theory]
    [InlineData("", "seoul", true)]
    [InlineData("seoul", "", true)]
    [InlineData("seoul", "seoul", true)]
    [InlineData("SEOUL", "Seoul", true)]
    [InlineData("KR", "mapo", true)]
    [InlineData("mapo", "KR", true)]
    [InlineData("busan", "KR", true)]
    [InlineData("KR", "busan", true)]
    [InlineData("seoul", "busan", false)]
    [InlineData("mapo", "busan", false)]
    [InlineData("US", "seoul", false)]
    [InlineData("US mapo", "seoul", true)]
    [InlineData("mapo", "busan seoul", true)]
    [InlineData("mapo", "seoul KR", true)]
    [InlineData("busan", "mapo KR", true)]
    [InlineData("atlantis", "atlantis", true)]
    [InlineData("atlantis", "KR", false)]
    [InlineData("KR", "atlantis", false)]
    public void A_reader_is_concerned_by_what_lies_in_her_regions_and_what_they_lie_in(string reader, string place, bool concerned) =>
        Assert.Equal(concerned, Tree.Matches(reader.Split(' ', StringSplitOptions.RemoveEmptyEntries), place.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Fact]
    public void A_circle_that_got_in_does_no_harm()
    {
        var tree = RegionTree.Of([new("a", "A", "b"), new("b", "B", "a")]);
        Assert.True(tree.Matches(["a"], ["b"]));
        Assert.False(tree.Matches(["c"], ["b"]));
    }
}
