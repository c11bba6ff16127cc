using Alerts.Contracts;
using Alerts.Publishing.Posts;
using Alerts.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Publishing;

public sealed class MailingCompletedTests
{
    private static readonly Guid PostId = Guid.Parse("019a9d3e-1111-7000-8000-000000000001");

    [Theory]
    [InlineData("post/019a9d3e-1111-7000-8000-000000000001/1/immediate", true)]
    [InlineData("post/019a9d3e-1111-7000-8000-000000000001/2/urgent", true)]
    [InlineData("post/019a9d3e-1111-7000-8000-000000000001", false)]
    [InlineData("cut/019a9d3e-1111-7000-8000-000000000001/1", false)]
    [InlineData("post/x/1/immediate", false)]
    [InlineData("", false)]
    public void A_mailing_is_about_a_post_by_its_cause(string cause, bool isAbout) => Assert.Equal(isAbout ? PostId : null, MailingCompletedConsumer.PostOf(cause));

    [Fact]
    public async Task What_a_mailing_came_to_is_noted_once()
    {
        await using var app = await PublishingApp.StartAsync();
        var completed = new MailingCompleted
        {
            MailingId = Guid.NewGuid(),
            Cause = $"post/{PostId}/1/immediate",
            Recipients = 5,
            Counts = new Dictionary<string, long> { ["accepted"] = 4, ["bounced"] = 1 },
        };

        await app.PublishAsync(completed);
        await app.PublishAsync(completed);
        await app.PublishAsync(completed with { MailingId = Guid.NewGuid(), Cause = "cut/1/1" });

        var taken = await Eventually.Get(
            () => app.InDb(db => db.TakenMessages.CountAsync(TestContext.Current.CancellationToken)), count => count == 3, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(3, taken);
        var delivery = await app.InDb(db => db.PostDeliveries.SingleAsync(TestContext.Current.CancellationToken));
        Assert.Equal((PostId, 4, 5), (delivery.PostId, delivery.Accepted, delivery.Recipients));
    }
}
