using Alerts.Contracts;
using Alerts.Publishing.Feeds;
using Alerts.Publishing.Outward;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Alerts.Publishing.Webhooks;

/// <summary>How an attempt to add or change a webhook ended.</summary>
/// <param name="Secret">Of one that was added: shown this once.</param>
internal sealed record WebhookOutcome(Webhook? Webhook, Errors Errors, string? Secret = null);

/// <summary>What admins do with webhooks, by the API and by the page.</summary>
internal sealed class WebhookEditing(
    PublishingDb db, IAudience audience, WebhookSecrets secrets, WebhookSending sending, TimeProvider clock, IOptions<WebhookOptions> options)
{
    public async Task<WebhookOutcome> AddAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (kept, shown) = secrets.Create();
        var hook = new Webhook { Id = Guid.CreateVersion7(now), CreatedAt = now };
        hook.SignWith(kept, now);
        var errors = await SetAsync(hook, request, cancellationToken);
        if (await db.Webhooks.CountAsync(cancellationToken) >= Webhook.Most)
        {
            errors.Say("url", $"There are {Webhook.Most} webhooks already: delete one, or have the program bind a queue to {EventsExchange.Name}.");
        }

        if (errors.Count > 0)
        {
            return new WebhookOutcome(null, errors);
        }

        db.Webhooks.Add(hook);
        await db.SaveChangesAsync(cancellationToken);
        return new WebhookOutcome(hook, errors, shown);
    }

    public async Task<WebhookOutcome> ChangeAsync(Webhook hook, WebhookRequest request, CancellationToken cancellationToken)
    {
        var errors = await SetAsync(hook, request, cancellationToken);
        if (errors.Count > 0)
        {
            return new WebhookOutcome(null, errors);
        }

        await db.SaveChangesAsync(cancellationToken);
        return new WebhookOutcome(hook, errors);
    }

    public Task DeleteAsync(Webhook hook, CancellationToken cancellationToken)
    {
        db.Webhooks.Remove(hook);
        return db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Puts a new secret in place of the old one, from the next call on.</summary>
    /// <returns>The secret, shown this once.</returns>
    public async Task<string> NewSecretAsync(Webhook hook, CancellationToken cancellationToken)
    {
        var (kept, shown) = secrets.Create();
        hook.SignWith(kept, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
        return shown;
    }

    /// <summary>Makes a call that means nothing, now and once, whether or not the webhook is on.</summary>
    public async Task<WebhookAnswer> TestAsync(Webhook hook, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var fact = OutwardFact.Of(OutwardTypes.Test, Guid.CreateVersion7(now), now, new OutwardPost { Id = hook.Id, Version = 1, Lists = [], Title = "A test" });
        var call = hook.Call(fact, now);

        // Taken at once, so that no run of the job makes it, too.
        (call.Attempts, call.TriedAt, call.DueAt) = (1, now, now + WebhookCall.Lease);
        db.WebhookCalls.Add(call);
        await db.SaveChangesAsync(cancellationToken);
        return await sending.SendAsync(hook, call, cancellationToken);
    }

    /// <summary>The latest calls, the newest first.</summary>
    public Task<List<WebhookCallView>> LatestAsync(Guid hookId, int count, CancellationToken cancellationToken) => db.WebhookCalls.AsNoTracking()
        .Where(c => c.WebhookId == hookId).OrderByDescending(c => c.CreatedAt).ThenByDescending(c => c.Id).Take(count)
        .Select(c => new WebhookCallView(
            c.FactId, c.Type, c.DeliveredAt != null ? "delivered" : c.DueAt != null ? "waiting" : "failed", c.Attempts, c.CreatedAt, c.TriedAt, c.DeliveredAt, c.DueAt, c.LastAnswer))
        .ToListAsync(cancellationToken);

    /// <summary>Nothing is set while something is wrong.</summary>
    private async Task<Errors> SetAsync(Webhook hook, WebhookRequest request, CancellationToken cancellationToken)
    {
        var errors = new Errors();
        var url = WebAddress.Resolve(null, request.Url);
        if (url is null || url.AbsoluteUri.Length > Webhook.MaxUrl)
        {
            errors.Say("url", "Give the whole address, which begins with https:// (at most 2,000 characters).");
        }
        else if (url.Scheme != Uri.UriSchemeHttps && !(url.IsLoopback && options.Value.AllowPrivateAddresses))
        {
            errors.Say("url", "Give an address that begins with https://: what is sent must not be read on its way.");
        }
        else if (url.UserInfo.Length > 0)
        {
            errors.Say("url", "Leave out the name and password: calls are signed, which is how they are known to be ours.");
        }

        List<string> facts = [.. OutwardTypes.All.Select(t => t.Type).Intersect(request.Facts ?? [])];
        if (facts.Count == 0 || facts.Count < (request.Facts ?? []).Distinct().Count())
        {
            errors.Say("facts", $"Name at least one of {string.Join(", ", OutwardTypes.All.Select(t => t.Type))}, and nothing else.");
        }

        var lists = KnownLists.Tidy(request.Lists);
        if (lists.Count > Webhook.MaxLists)
        {
            errors.Say("lists", $"Name at most {Webhook.MaxLists} lists, or none for all public ones.");
        }
        else if (lists.Count > 0 && await audience.UnknownAsync(lists, cancellationToken) is { } unknown)
        {
            errors.Say("lists", unknown);
        }

        if (errors.Count == 0)
        {
            hook.Set(url!.AbsoluteUri, facts, lists, request.On);
        }

        return errors;
    }
}
