using Alerts.Subscriptions.SignUp;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Time.Testing;

namespace Alerts.Tests.Unit.Subscriptions;

/// <summary>Who may send the sign-up form at the first press.</summary>
public class SignUpHasteTests
{
    private readonly FakeTimeProvider clock = new(SubscriptionsDatabase.Noon);
    private readonly SignUpHaste haste;

    public SignUpHasteTests() => haste = new SignUpHaste(new EphemeralDataProtectionProvider(), clock);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1.9, false)]
    [InlineData(2, true)]
    [InlineData(3_600, true)]
    [InlineData(86_401, false)]
    public void It_takes_two_seconds_and_a_day_at_most(double seconds, bool unhurried)
    {
        var stamp = haste.Stamp(again: false);
        clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(unhurried, haste.IsUnhurried(stamp));
    }

    [Fact]
    public void Asked_once_more_she_may_press_at_once() => Assert.True(haste.IsUnhurried(haste.Stamp(again: true)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("638000000000000000")]
    [InlineData("CfDJ8M2dN61omipDk9k5BXFZbDpaLUOU")]
    public void A_stamp_that_isnt_ours_is_none(string? stamp) => Assert.False(haste.IsUnhurried(stamp));
}
