using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing.Webhooks;

internal static class WebhookEndpoints
{
    private const int DefaultCalls = 50;

    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var hooks = routes.MapGroup("/api/webhooks").WithTags("Webhooks").RequireAuthorization(Policies.Admin);
        hooks.MapPost("/", Add);
        hooks.MapGet("/", List);
        hooks.MapGet("/{id:guid}", Get);
        hooks.MapPut("/{id:guid}", Change);
        hooks.MapDelete("/{id:guid}", Delete);
        hooks.MapPost("/{id:guid}/secret", NewSecret);
        hooks.MapPost("/{id:guid}/test", Test);
        hooks.MapGet("/{id:guid}/calls", Calls);
    }

    /// <summary>Adds a webhook. The answer has the secret by which calls are signed, this once.</summary>
    private static async Task<Results<Created<NewWebhookView>, ValidationProblem>> Add(WebhookRequest request, WebhookEditing editing, CancellationToken cancellationToken)
    {
        var outcome = await editing.AddAsync(request, cancellationToken);
        return outcome.Webhook is { } hook
            ? TypedResults.Created($"/api/webhooks/{hook.Id}", new NewWebhookView(WebhookView.Of(hook), outcome.Secret!))
            : TypedResults.ValidationProblem(outcome.Errors);
    }

    private static async Task<Ok<List<WebhookView>>> List(PublishingDb db, CancellationToken cancellationToken)
    {
        var hooks = await db.Webhooks.AsNoTracking().OrderBy(h => h.CreatedAt).Take(Webhook.Most).ToListAsync(cancellationToken);
        return TypedResults.Ok(hooks.ConvertAll(WebhookView.Of));
    }

    private static async Task<Results<Ok<WebhookView>, NotFound>> Get(Guid id, PublishingDb db, CancellationToken cancellationToken) =>
        await db.Webhooks.FindAsync([id], cancellationToken) is { } hook ? TypedResults.Ok(WebhookView.Of(hook)) : TypedResults.NotFound();

    /// <summary>Changes a webhook; its secret stays. One that was stopped goes on when it is put on.</summary>
    private static async Task<Results<Ok<WebhookView>, NotFound, ValidationProblem>> Change(
        Guid id, WebhookRequest request, PublishingDb db, WebhookEditing editing, CancellationToken cancellationToken)
    {
        if (await db.Webhooks.FindAsync([id], cancellationToken) is not { } hook)
        {
            return TypedResults.NotFound();
        }

        var outcome = await editing.ChangeAsync(hook, request, cancellationToken);
        return outcome.Webhook is not null ? TypedResults.Ok(WebhookView.Of(hook)) : TypedResults.ValidationProblem(outcome.Errors);
    }

    /// <summary>Deletes a webhook, with the calls that wait.</summary>
    private static async Task<Results<NoContent, NotFound>> Delete(Guid id, PublishingDb db, WebhookEditing editing, CancellationToken cancellationToken)
    {
        if (await db.Webhooks.FindAsync([id], cancellationToken) is not { } hook)
        {
            return TypedResults.NotFound();
        }

        await editing.DeleteAsync(hook, cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>Makes a new secret, which signs from the next call on. The answer has it, this once.</summary>
    private static async Task<Results<Ok<NewWebhookView>, NotFound>> NewSecret(Guid id, PublishingDb db, WebhookEditing editing, CancellationToken cancellationToken) =>
        await db.Webhooks.FindAsync([id], cancellationToken) is { } hook
            ? TypedResults.Ok(new NewWebhookView(WebhookView.Of(hook), await editing.NewSecretAsync(hook, cancellationToken)))
            : TypedResults.NotFound();

    /// <summary>Makes a call of type <c>test.v1</c> now, once, and says what came of it.</summary>
    private static async Task<Results<Ok<WebhookTestView>, NotFound>> Test(Guid id, PublishingDb db, WebhookEditing editing, CancellationToken cancellationToken)
    {
        if (await db.Webhooks.FindAsync([id], cancellationToken) is not { } hook)
        {
            return TypedResults.NotFound();
        }

        var answer = await editing.TestAsync(hook, cancellationToken);
        return TypedResults.Ok(new WebhookTestView(answer.IsTaken, (int?)answer.Status, answer.Says));
    }

    /// <summary>The latest calls, the newest first.</summary>
    /// <param name="limit">1 to 500; 50 when absent.</param>
    private static async Task<Results<Ok<List<WebhookCallView>>, NotFound, ValidationProblem>> Calls(
        Guid id, int? limit, PublishingDb db, WebhookEditing editing, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > WebhookCall.MostKept)
        {
            return TypedResults.ValidationProblem(new Errors { ["limit"] = [$"Give 1 to {WebhookCall.MostKept}."] });
        }

        return await db.Webhooks.AnyAsync(h => h.Id == id, cancellationToken)
            ? TypedResults.Ok(await editing.LatestAsync(id, limit ?? DefaultCalls, cancellationToken))
            : TypedResults.NotFound();
    }
}

/// <summary>A webhook as an admin wants it.</summary>
public sealed record WebhookRequest
{
    /// <summary>Where to call, https.</summary>
    public string? Url { get; init; }

    /// <summary>What to call about, such as <c>post.published.v1</c>; at least one.</summary>
    public IReadOnlyList<string>? Facts { get; init; }

    /// <summary>Slugs. None: all public lists. Facts of other lists are told only where these are named.</summary>
    public IReadOnlyList<string>? Lists { get; init; }

    /// <summary>While it is off nothing is sent, and nothing new is kept for it.</summary>
    public bool On { get; init; } = true;
}

/// <summary>A webhook and how it does. Its secret isn't told.</summary>
/// <param name="StoppedBecause">Why it was put off by itself. Null otherwise.</param>
/// <param name="Failures">Failed calls since the last that went well.</param>
/// <param name="FailingSince">When the first of them failed.</param>
public sealed record WebhookView(
    Guid Id, string Url, IReadOnlyList<string> Facts, IReadOnlyList<string> Lists, bool On, string? StoppedBecause, int Failures, DateTimeOffset? FailingSince, DateTimeOffset CreatedAt)
{
    internal static WebhookView Of(Webhook hook) => new(hook.Id, hook.Url, hook.Facts, hook.Lists, hook.IsOn, hook.StoppedBecause, hook.Failures, hook.FailingSince, hook.CreatedAt);
}

/// <summary>A webhook with its secret, which is told this once.</summary>
/// <param name="Secret"><c>whsec_</c> and base64, as libraries for Standard Webhooks take it.</param>
public sealed record NewWebhookView(WebhookView Webhook, string Secret);

/// <summary>What came of a test.</summary>
/// <param name="Status">Of the answer. Null when there was none.</param>
/// <param name="Answer">In words.</param>
public sealed record WebhookTestView(bool Delivered, int? Status, string Answer);

/// <summary>A call that was made, or waits to be.</summary>
/// <param name="Id">Of the fact: the header <c>webhook-id</c>.</param>
/// <param name="State"><c>delivered</c>, <c>waiting</c>, or <c>failed</c> for good.</param>
/// <param name="DueAt">When it is made (again). Null when it is over.</param>
/// <param name="LastAnswer">What came of the last attempt, in words. Null before the first.</param>
public sealed record WebhookCallView(
    Guid Id, string Type, string State, int Attempts, DateTimeOffset CreatedAt, DateTimeOffset? TriedAt, DateTimeOffset? DeliveredAt, DateTimeOffset? DueAt, string? LastAnswer);
