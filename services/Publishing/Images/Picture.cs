using SkiaSharp;

namespace Alerts.Publishing.Images;

/// <summary>A picture as it may be sent: turned upright, at most <see cref="MaxSide"/> pixels a side, without metadata (a photo's may name the place it was taken at).</summary>
internal sealed record Picture(string Type, byte[] Bytes, int Width, int Height)
{
    /// <summary>Of an upload, in bytes.</summary>
    public const int MaxUpload = 10 * 1024 * 1024;

    /// <summary>Of an upload, told by its header before anything is decoded; they take four bytes each. A small file may claim any number.</summary>
    public const int MaxPixels = 40_000_000;

    /// <summary>Larger ones are made smaller: a mail shows 600 wide, screens with two or three pixels to one want more.</summary>
    public const int MaxSide = 1_600;

    private const int Quality = 85;

    /// <summary>Decoding takes memory: so many at once in a process.</summary>
    private static readonly SemaphoreSlim AtOnce = new(2);

    /// <summary>Looks at what the file is, not at what it says it is.</summary>
    /// <returns>The picture, or a sentence about why it can't be taken.</returns>
    public static async Task<(Picture? Picture, string? Problem)> ReadAsync(byte[] file, CancellationToken cancellationToken)
    {
        if (file.Length is 0 or > MaxUpload)
        {
            return (null, file.Length == 0 ? "The file is empty: choose another." : $"The file has {file.Length / 1024 / 1024.0:0.0} MB; at most {MaxUpload / 1024 / 1024} MB can be uploaded. Make the picture smaller.");
        }

        if (!IsKnown(file))
        {
            return (null, "The file is no JPEG, PNG, GIF or WebP picture, whatever its name says: save it as one of these.");
        }

        await AtOnce.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Read(file), cancellationToken);
        }
        finally
        {
            AtOnce.Release();
        }
    }

    private static (Picture? Picture, string? Problem) Read(byte[] file)
    {
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data);
        if (codec is null || codec.EncodedFormat is not (SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Png or SKEncodedImageFormat.Gif or SKEncodedImageFormat.Webp))
        {
            return (null, "The picture is damaged, or of a kind that can't be read here: save it anew as JPEG or PNG.");
        }

        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if (width < 1 || height < 1 || (long)width * height > MaxPixels)
        {
            return (null, FormattableString.Invariant($"The picture has {width:N0} × {height:N0} pixels; at most {MaxPixels / 1_000_000} million can be read. Make it smaller."));
        }

        if (codec.FrameCount > 1)
        {
            return (null, "The picture moves, which mails can't show everywhere and distracts readers: upload a still one.");
        }

        using var decoded = SKBitmap.Decode(codec, new SKImageInfo(width, height, SKImageInfo.PlatformColorType, SKAlphaType.Premul));
        if (decoded is null)
        {
            return (null, "The picture is damaged: save it anew as JPEG or PNG.");
        }

        using var upright = Upright(decoded, codec.EncodedOrigin);
        using var fitted = Fitted(upright);
        var isPhoto = codec.EncodedFormat == SKEncodedImageFormat.Jpeg || (codec.EncodedFormat == SKEncodedImageFormat.Webp && IsOpaque(codec));
        using var encoded = fitted.Encode(isPhoto ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png, Quality);
        return (new Picture(isPhoto ? "image/jpeg" : "image/png", encoded.ToArray(), fitted.Width, fitted.Height), null);
    }

    private static bool IsOpaque(SKCodec codec) => codec.Info.AlphaType == SKAlphaType.Opaque;

    private static SKBitmap Fitted(SKBitmap bitmap)
    {
        var most = Math.Max(bitmap.Width, bitmap.Height);
        if (most <= MaxSide)
        {
            return bitmap.Copy();
        }

        var size = new SKSizeI(Math.Max(1, bitmap.Width * MaxSide / most), Math.Max(1, bitmap.Height * MaxSide / most));
        return bitmap.Resize(size, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
    }

    /// <summary>Cameras note how they were held (EXIF) rather than turn the picture; the note goes, so the picture is turned.</summary>
    private static SKBitmap Upright(SKBitmap bitmap, SKEncodedOrigin origin)
    {
        var isTurned = origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        var (width, height) = isTurned ? (bitmap.Height, bitmap.Width) : (bitmap.Width, bitmap.Height);
        var upright = new SKBitmap(new SKImageInfo(width, height, bitmap.ColorType, bitmap.AlphaType));
        using var canvas = new SKCanvas(upright);
        canvas.Clear(SKColors.Transparent);
        canvas.Concat(origin switch
        {
            SKEncodedOrigin.TopRight => new SKMatrix(-1, 0, width, 0, 1, 0, 0, 0, 1),
            SKEncodedOrigin.BottomRight => new SKMatrix(-1, 0, width, 0, -1, height, 0, 0, 1),
            SKEncodedOrigin.BottomLeft => new SKMatrix(1, 0, 0, 0, -1, height, 0, 0, 1),
            SKEncodedOrigin.LeftTop => new SKMatrix(0, 1, 0, 1, 0, 0, 0, 0, 1),
            SKEncodedOrigin.RightTop => new SKMatrix(0, -1, width, 1, 0, 0, 0, 0, 1),
            SKEncodedOrigin.RightBottom => new SKMatrix(0, -1, width, -1, 0, height, 0, 0, 1),
            SKEncodedOrigin.LeftBottom => new SKMatrix(0, 1, 0, -1, 0, height, 0, 0, 1),
            _ => SKMatrix.Identity,
        });
        canvas.DrawBitmap(bitmap, 0, 0, SKSamplingOptions.Default);
        return upright;
    }

    /// <summary>By the first bytes, before a decoder sees any of it.</summary>
    private static bool IsKnown(ReadOnlySpan<byte> file) =>
        file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
        || file.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A])
        || file.StartsWith("GIF8"u8)
        || (file.Length > 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8));
}
