using Alerts.Publishing.Posts;
using CsCheck;

namespace Alerts.Tests.Unit.Publishing;

public sealed class PostTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Publishing_announces_once()
    {
        var post = Draft();

        Assert.True(post.Publish(Now, 5));
        Assert.False(post.Publish(Now.AddHours(1), 6));

        Assert.Equal((PostState.Published, Now, 5L), (post.State, post.ReleasedAt!.Value, post.AudienceRevision!.Value));
    }

    [Fact]
    public void A_scheduled_post_that_is_published_is_scheduled_no_more()
    {
        var post = Draft();
        post.Schedule(Now.AddDays(1));

        Assert.True(post.Publish(Now, 5));

        Assert.Null(post.PublishAt);
    }

    [Fact]
    public void A_withdrawn_post_is_never_published()
    {
        var post = Draft();
        post.Withdraw();

        Assert.False(post.Publish(Now, 5));
        Assert.Null(post.ReleasedAt);
    }

    [Fact]
    public void Withdrawing_is_announced_once_and_only_after_publishing()
    {
        var never = Draft();
        Assert.False(never.Withdraw());

        var published = Draft();
        published.Publish(Now, 5);
        Assert.True(published.Withdraw());
        Assert.False(published.Withdraw());
    }

    [Fact]
    public void The_same_text_again_is_no_new_version()
    {
        var post = Draft();

        Assert.False(post.Write(Content("Harbour closed"), Now.AddHours(1)));
        Assert.Equal(1, post.Version);

        Assert.True(post.Write(Content("Harbour open"), Now.AddHours(1)));
        Assert.Equal(2, post.Version);
    }

    [Fact]
    public void The_readers_of_a_published_post_are_chosen()
    {
        var post = Draft();
        post.Publish(Now, 5);

        Assert.Throws<InvalidOperationException>(() => post.Address(["releases"], urgent: true));
    }

    [Fact]
    public void Whatever_is_done_with_a_post_it_is_announced_at_most_once_and_withdrawn_at_most_once()
    {
        var steps = Gen.Int[0, 4].Array[0, 30];
        steps.Sample(
            taken =>
            {
                var post = Draft();
                int announced = 0, withdrawn = 0;
                foreach (var step in taken)
                {
                    var before = post.Change;
                    switch (step)
                    {
                        case 0: announced += post.Publish(Now, 1) ? 1 : 0; break;
                        case 1: withdrawn += post.Withdraw() ? 1 : 0; break;
                        case 2: post.Schedule(Now); break;
                        case 3: post.Schedule(null); break;
                        default: post.Write(Content($"Version {post.Version}"), Now); break;
                    }

                    Assert.True(post.Change >= before);
                }

                Assert.InRange(announced, 0, 1);
                Assert.InRange(withdrawn, 0, announced);
                Assert.Equal(announced == 1, post.ReleasedAt is not null);
            },
            seed: "0000AlertsPosts");
    }

    private static Post Draft()
    {
        var post = new Post { Id = Guid.CreateVersion7(Now), CreatedAt = Now };
        post.Write(Content("Harbour closed"), Now);
        post.Address(["refugees"], urgent: false);
        return post;
    }

    private static PostContent Content(string title) => new(title, null, "<p>Text</p>", "Text", "Text", null);
}
