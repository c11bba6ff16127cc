using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Alerts.Publishing.Images;
using SkiaSharp;

namespace Alerts.Tests.Unit.Publishing.Images;

public sealed class ImageTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_photo_loses_its_metadata_and_stands_upright()
    {
        var photo = WithExif(Encode(SKEncodedImageFormat.Jpeg, 400, 300), orientation: 6, "51.5007 N, 0.1246 W");
        Assert.Contains("0.1246 W", Encoding.Latin1.GetString(photo), StringComparison.Ordinal);

        var (picture, problem) = await Picture.ReadAsync(photo, Cancelled);

        Assert.Null(problem);
        Assert.Equal(("image/jpeg", 300, 400), (picture!.Type, picture.Width, picture.Height));
        var bytes = Encoding.Latin1.GetString(picture.Bytes);
        Assert.DoesNotContain("0.1246 W", bytes, StringComparison.Ordinal);
        Assert.DoesNotContain("Exif", bytes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Png, "image/png")]
    [InlineData(SKEncodedImageFormat.Jpeg, "image/jpeg")]
    [InlineData(SKEncodedImageFormat.Webp, "image/png")]
    public async Task Large_pictures_are_made_to_fit(SKEncodedImageFormat format, string type)
    {
        var (picture, problem) = await Picture.ReadAsync(Encode(format, 3_200, 800), Cancelled);

        Assert.Null(problem);
        Assert.Equal((Picture.MaxSide, 400), (picture!.Width, picture.Height));
        Assert.True(picture.Type == type || format == SKEncodedImageFormat.Webp, picture.Type);
        using var again = SKBitmap.Decode(picture.Bytes);
        Assert.Equal(Picture.MaxSide, again.Width);
    }

    public static TheoryData<string, string> Lies => new()
    {
        { "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no JPEG, PNG, GIF or WebP" },
        { "<html><script>alert(1)</script></html>", "no JPEG, PNG, GIF or WebP" },
        { "%PDF-1.7", "no JPEG, PNG, GIF or WebP" },
        { "PK\u0003\u0004zip", "no JPEG, PNG, GIF or WebP" },
        { "GIF89a<script>alert(1)</script>", "pixels" },
        { "", "empty" },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task What_only_says_it_is_a_picture_is_refused(string file, string says)
    {
        var (picture, problem) = await Picture.ReadAsync(Encoding.Latin1.GetBytes(file), Cancelled);

        Assert.Null(picture);
        Assert.Contains(says, problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_small_file_of_a_thousand_million_pixels_is_refused_before_it_is_decoded()
    {
        var bomb = Png(32_000, 32_000);
        Assert.True(bomb.Length < Picture.MaxUpload);

        var (picture, problem) = await Picture.ReadAsync(bomb, Cancelled);

        Assert.Null(picture);
        Assert.Contains("32,000 × 32,000 pixels", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_cut_off_or_mangled_never_throws()
    {
        var whole = Encode(SKEncodedImageFormat.Png, 200, 200);
        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            var mangled = whole[..random.Next(8, whole.Length)].ToArray();
            for (var n = 0; n < 5 && mangled.Length > 10; n++)
            {
                mangled[random.Next(8, mangled.Length)] = (byte)random.Next(256);
            }

            var (picture, problem) = await Picture.ReadAsync(mangled, Cancelled);
            Assert.True(picture is null != problem is null);
        }
    }

    [Fact]
    public async Task An_uploaded_picture_is_served_to_everybody_and_kept_once()
    {
        await using var app = await PublishingApp.StartAsync();
        using var editor = app.Client(isEditor: true);
        using var anybody = app.Client(isEditor: false);

        var first = await UploadAsync(editor, Encode(SKEncodedImageFormat.Png, 40, 30), HttpStatusCode.OK);
        var again = await UploadAsync(editor, Encode(SKEncodedImageFormat.Png, 40, 30), HttpStatusCode.OK);
        var refused = await UploadAsync(editor, Encoding.ASCII.GetBytes("<svg/>"), HttpStatusCode.BadRequest);

        Assert.Equal(first["url"]!.GetValue<string>(), again["url"]!.GetValue<string>());
        Assert.StartsWith("https://alerts.example/images/", first["url"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotNull(refused["errors"]!["image"]);
        using var served = await anybody.GetAsync(new Uri(first["url"]!.GetValue<string>()).AbsolutePath, Cancelled);
        Assert.Equal(("image/png", "public, max-age=31536000, immutable"), (served.Content.Headers.ContentType!.MediaType, $"{string.Join(", ", served.Headers.GetValues("Cache-Control"))}"));
        using var stranger = await anybody.PostAsync("/api/images", new ByteArrayContent([1]), Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    private static async Task<JsonNode> UploadAsync(HttpClient client, byte[] bytes, HttpStatusCode expected)
    {
        using var content = new ByteArrayContent(bytes);
        using var response = await client.PostAsync("/api/images", content, Cancelled);
        Assert.Equal(expected, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!;
    }

    private static byte[] Encode(SKEncodedImageFormat format, int width, int height)
    {
        using var bitmap = new SKBitmap(width, height);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.SteelBlue);
        canvas.DrawLine(0, 0, width, height, new SKPaint { Color = SKColors.White, StrokeWidth = 5 });
        using var data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    /// <summary>Puts an EXIF segment with an orientation and some words behind the start of a JPEG.</summary>
    private static byte[] WithExif(byte[] jpeg, ushort orientation, string words)
    {
        byte[] tiff =
        [
            (byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1,
            0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(words),
        ];
        byte[] body = [.. "Exif\0\0"u8, .. tiff];
        return [0xFF, 0xD8, 0xFF, 0xE1, (byte)((body.Length + 2) >> 8), (byte)(body.Length + 2), .. body, .. jpeg.AsSpan(2)];
    }

    /// <summary>A valid PNG of one colour: zeros, which compress a thousandfold.</summary>
    private static byte[] Png(int width, int height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 1; // One bit, grey.
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Optimal, leaveOpen: true))
        {
            var row = new byte[1 + (width / 8)];
            for (var y = 0; y < height; y++)
            {
                zlib.Write(row);
            }
        }

        return [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, .. Chunk("IHDR", header), .. Chunk("IDAT", pixels.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        var sum = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(sum, Crc(body));
        return [.. length, .. body, .. sum];
    }

    /// <summary>CRC-32 as PNG has it (ISO 3309).</summary>
    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var each in bytes)
        {
            crc ^= each;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
