using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>
/// Answers a repeated <c>POST /api/…</c> with the answer of the first one, by its <c>Idempotency-Key</c>. Only answers of success are kept: a request that was refused
/// changed nothing, and may be put right and sent again under the same key.
/// </summary>
internal sealed class Idempotency(RequestDelegate next, TimeProvider clock)
{
    public const string Header = "Idempotency-Key";

    public const string ReplayedHeader = "Idempotency-Replayed";

    /// <summary>How much of a body is held in memory while it is hashed; the rest waits on disk. The server's own limit bounds the whole.</summary>
    private const int InMemory = 64 * 1024;

    public static bool Concerns(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments("/api") && context.Request.Headers.ContainsKey(Header);

    public async Task InvokeAsync(HttpContext context, IServiceScopeFactory scopes)
    {
        var key = context.Request.Headers[Header].ToString();
        if (key.Length is 0 or > IdempotentRequest.MaxKey || context.User.FindFirstValue(ClaimTypes.NameIdentifier) is not { } who)
        {
            await Refuse(context, StatusCodes.Status400BadRequest, $"{Header} must have 1 to {IdempotentRequest.MaxKey} characters and come with an API key.");
            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<StaffDb>();
        var request = new IdempotentRequest { Who = who, Key = key, Fingerprint = await FingerprintAsync(context), StartedAt = clock.GetUtcNow() };
        if (await BeginAsync(db, request, context.RequestAborted))
        {
            await RunAsync(db, request, context);
            return;
        }

        var first = await db.IdempotentRequests.AsNoTracking().SingleOrDefaultAsync(r => r.Who == who && r.Key == key, context.RequestAborted);
        if (first is { Status: null } or null)
        {
            context.Response.Headers.RetryAfter = "1";
            await Refuse(context, StatusCodes.Status409Conflict, "The first request with this Idempotency-Key is still being handled. Send it again in a moment.");
        }
        else if (!first.Fingerprint.AsSpan().SequenceEqual(request.Fingerprint))
        {
            await Refuse(context, StatusCodes.Status422UnprocessableEntity, "This Idempotency-Key was used for another request within the last day. Use a new key.");
        }
        else
        {
            await ReplayAsync(context, first);
        }
    }

    /// <summary>True when this request is the first with its key, or the one before was cut off or is long gone.</summary>
    private static async Task<bool> BeginAsync(StaffDb db, IdempotentRequest request, CancellationToken cancellationToken)
    {
        var answeredBefore = request.StartedAt - IdempotentRequest.Life;
        var beganBefore = request.StartedAt - IdempotentRequest.LongestRun;
        await db.IdempotentRequests
            .Where(r => r.Who == request.Who && r.Key == request.Key && (r.StartedAt < answeredBefore || (r.Status == null && r.StartedAt < beganBefore)))
            .ExecuteDeleteAsync(cancellationToken);
        if (await db.IdempotentRequests.AnyAsync(r => r.Who == request.Who && r.Key == request.Key, cancellationToken))
        {
            return false;
        }

        try
        {
            db.IdempotentRequests.Add(request);
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException) when (!cancellationToken.IsCancellationRequested)
        {
            db.ChangeTracker.Clear();
            return false;
        }
    }

    private async Task RunAsync(StaffDb db, IdempotentRequest request, HttpContext context)
    {
        var client = context.Response.Body;
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        try
        {
            await next(context);
            context.Response.Body = client;

            // The sender may be gone by now; what was done must be remembered all the same.
            await EndAsync(db, request, context.Response, answer.ToArray());
        }
        catch
        {
            context.Response.Body = client;
            await EndAsync(db, request, null, []);
            throw;
        }

        answer.Position = 0;
        await answer.CopyToAsync(client, context.RequestAborted);
    }

    private static async Task EndAsync(StaffDb db, IdempotentRequest request, HttpResponse? response, byte[] body)
    {
        if (response is { StatusCode: >= 200 and < 300 })
        {
            request.Status = response.StatusCode;
            request.ContentType = response.ContentType;
            request.Location = response.Headers.Location;
            request.Body = body;
        }
        else
        {
            db.IdempotentRequests.Remove(request);
        }

        await db.SaveChangesAsync(CancellationToken.None);
    }

    private static async Task ReplayAsync(HttpContext context, IdempotentRequest first)
    {
        context.Response.StatusCode = first.Status!.Value;
        context.Response.ContentType = first.ContentType;
        context.Response.Headers.Location = first.Location;
        context.Response.Headers[ReplayedHeader] = "true";
        await context.Response.Body.WriteAsync(first.Body, context.RequestAborted);
    }

    private static async Task<byte[]> FingerprintAsync(HttpContext context)
    {
        var request = context.Request;
        request.EnableBuffering(InMemory);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        var buffer = new byte[16 * 1024];
        while (await request.Body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
        {
            hash.AppendData(buffer, 0, read);
        }

        request.Body.Position = 0;
        return hash.GetHashAndReset();
    }

    private static Task Refuse(HttpContext context, int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status).ExecuteAsync(context);
}
