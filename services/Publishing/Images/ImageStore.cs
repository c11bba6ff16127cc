using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing.Images;

/// <summary>Takes pictures in. They lie in the database, so that every process serves them and a backup has them.</summary>
internal sealed class ImageStore(PublishingDb db, TimeProvider clock)
{
    /// <returns>The picture's place, or a sentence about why it can't be taken.</returns>
    public async Task<(UploadedImage? Image, string? Problem)> AddAsync(byte[] file, string who, CancellationToken cancellationToken)
    {
        var (picture, problem) = await Picture.ReadAsync(file, cancellationToken);
        if (picture is null)
        {
            return (null, problem);
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(picture.Bytes));
        if (await FindAsync(hash, cancellationToken) is { } known)
        {
            return (known, null);
        }

        var now = clock.GetUtcNow();
        var image = new UploadedImage
        {
            // Random, not rising with time: nobody can guess at pictures of posts that aren't out yet.
            Id = Guid.NewGuid(),
            Type = picture.Type,
            Bytes = picture.Bytes,
            Width = picture.Width,
            Height = picture.Height,
            Hash = hash,
            UploadedBy = who,
            UploadedAt = now,
        };
        db.Images.Add(image);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // The same picture twice at once: the unique index let one through.
            db.ChangeTracker.Clear();
            if (await FindAsync(hash, cancellationToken) is { } other)
            {
                return (other, null);
            }

            throw;
        }

        return (image, null);
    }

    private Task<UploadedImage?> FindAsync(string hash, CancellationToken cancellationToken) => db.Images.AsNoTracking().SingleOrDefaultAsync(i => i.Hash == hash, cancellationToken);
}
