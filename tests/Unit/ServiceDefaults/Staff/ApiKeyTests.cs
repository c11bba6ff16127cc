using Alerts.ServiceDefaults.Staff;

namespace Alerts.Tests.Unit.ServiceDefaults.Staff;

public sealed class ApiKeyTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_key_opens_with_its_own_text()
    {
        var (key, text) = ApiKey.Create("website", Policies.Editor, Now);

        Assert.StartsWith("alerts_", text, StringComparison.Ordinal);
        Assert.True(ApiKey.TryParse(text, out var id, out var secret));
        Assert.Equal(key.Id, id);
        Assert.True(key.Accepts(secret));
    }

    [Fact]
    public void The_secret_is_not_kept()
    {
        var (key, text) = ApiKey.Create("website", Policies.Editor, Now);

        Assert.True(ApiKey.TryParse(text, out _, out var secret));
        Assert.DoesNotContain(secret, Convert.ToBase64String(key.SecretHash), StringComparison.Ordinal);
        Assert.Equal(32, key.SecretHash.Length);
    }

    [Fact]
    public void Another_keys_secret_does_not_open()
    {
        var (key, _) = ApiKey.Create("one", Policies.Editor, Now);
        var (_, other) = ApiKey.Create("two", Policies.Editor, Now);

        Assert.True(ApiKey.TryParse(other, out _, out var secret));
        Assert.False(key.Accepts(secret));
    }

    [Fact]
    public void A_revoked_key_does_not_open()
    {
        var (key, text) = ApiKey.Create("website", Policies.Editor, Now);
        key.RevokedAt = Now;

        Assert.True(ApiKey.TryParse(text, out _, out var secret));
        Assert.False(key.Accepts(secret));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("alerts_")]
    [InlineData("alerts_0123456789ab")]
    [InlineData("other_0123456789abAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_key_of_ours_is_not_looked_up(string? text) => Assert.False(ApiKey.TryParse(text, out _, out _));
}
