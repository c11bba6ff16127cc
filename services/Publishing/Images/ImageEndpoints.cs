using System.Globalization;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Alerts.Publishing.Images;

/// <summary>A picture that was taken in.</summary>
/// <param name="Url">Where everybody sees it.</param>
public sealed record ImageView(Guid Id, string Url, string Type, int Width, int Height, int Bytes)
{
    internal static ImageView Of(UploadedImage image, AlertsOptions site) => new(image.Id, site.Link($"/images/{image.Id}"), image.Type, image.Width, image.Height, image.Bytes.Length);
}

internal static class ImageEndpoints
{
    /// <summary>Above the bound, so that what is a little too large is told so in words.</summary>
    private const int MaxRequest = Picture.MaxUpload + (2 * 1024 * 1024);

    public static void MapImages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/images/{id:guid}", Serve).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost("/editor/images", Upload).RequireAuthorization(Policies.Editor).WithMetadata(new RequestSizeLimitAttribute(MaxRequest)).ExcludeFromDescription();
        routes.MapPost("/api/images", Add).RequireAuthorization(Policies.Editor).WithMetadata(new RequestSizeLimitAttribute(MaxRequest)).WithTags("Images")
            .Accepts<byte[]>("image/jpeg", "image/png", "image/gif", "image/webp");
    }

    private static async Task<Results<FileContentHttpResult, NotFound>> Serve(Guid id, PublishingDb db, HttpResponse response, CancellationToken cancellationToken)
    {
        if (await db.Images.AsNoTracking().SingleOrDefaultAsync(i => i.Id == id, cancellationToken) is not { } image)
        {
            return TypedResults.NotFound();
        }

        response.Headers.CacheControl = "public, max-age=31536000, immutable";

        // Mail clients and other sites show it too.
        response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return TypedResults.File(image.Bytes, image.Type, entityTag: new EntityTagHeaderValue($"\"{image.Hash[..16]}\""));
    }

    /// <summary>From the composer: a form, with its token.</summary>
    private static async Task<Results<Ok<ImageView>, ValidationProblem>> Upload(
        IFormFile? image, HttpContext context, ImageStore store, IOptions<AlertsOptions> site, CancellationToken cancellationToken) =>
        image is null
            ? TypedResults.ValidationProblem(new Errors { ["image"] = ["Choose a picture."] })
            : await AddAsync(image.OpenReadStream(), image.Length, context, store, site.Value, cancellationToken);

    /// <summary>Takes a picture (the body as it is: JPEG, PNG, GIF or WebP, at most 10 MB and 40 million pixels). It is written anew, without metadata.</summary>
    private static async Task<Results<Ok<ImageView>, ValidationProblem>> Add(HttpContext context, ImageStore store, IOptions<AlertsOptions> site, CancellationToken cancellationToken) =>
        await AddAsync(context.Request.Body, context.Request.ContentLength, context, store, site.Value, cancellationToken);

    private static async Task<Results<Ok<ImageView>, ValidationProblem>> AddAsync(
        Stream body, long? length, HttpContext context, ImageStore store, AlertsOptions site, CancellationToken cancellationToken)
    {
        if (length > Picture.MaxUpload)
        {
            return TypedResults.ValidationProblem(new Errors { ["image"] = [string.Create(CultureInfo.InvariantCulture, $"The file has {length / 1024.0 / 1024.0:0.0} MB; at most {Picture.MaxUpload / 1024 / 1024} MB can be uploaded. Make the picture smaller.")] });
        }

        using var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, cancellationToken);
        var (image, problem) = await store.AddAsync(bytes.ToArray(), context.User.Identity?.Name ?? "", cancellationToken);
        return image is null ? TypedResults.ValidationProblem(new Errors { ["image"] = [problem!] }) : TypedResults.Ok(ImageView.Of(image, site));
    }
}
