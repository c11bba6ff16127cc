using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Alerts.Publishing.Feeds;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Alerts.Tests.Unit.Publishing.Feeds;

public class FeedFetchTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_feed_is_fetched_and_says_who_asks()
    {
        await using var site = await Site.StartAsync(Site.Feed);

        var fetched = await site.FetchAsync();

        Assert.Equal("Harbour", fetched.Feed?.Title);
        Assert.Equal(new Uri(site.Address, "/storm"), Assert.Single(fetched.Feed!.Entries).Link);
        Assert.Equal(new Uri(site.Address, "/feed"), fetched.Address);
        var (_, headers) = Assert.Single(site.Requests);
        Assert.Equal("Alerts/0.1 (+https://alerts.example)", headers.UserAgent);
        Assert.False(headers.ContainsKey("X-Forwarded-For"));
        Assert.False(headers.ContainsKey("Cookie"));
    }

    [Fact]
    public async Task A_feed_that_has_not_changed_is_not_sent_again()
    {
        await using var site = await Site.StartAsync(context =>
        {
            context.Response.Headers.ETag = "W/\"7\"";
            context.Response.Headers.LastModified = "Tue, 10 Jun 2003 04:00:00 GMT";
            if (context.Request.Headers.IfNoneMatch == "W/\"7\"" && context.Request.Headers.IfModifiedSince == "Tue, 10 Jun 2003 04:00:00 GMT")
            {
                context.Response.StatusCode = 304;
                return Task.CompletedTask;
            }

            return context.Response.WriteAsync(Site.Feed);
        });

        var first = await site.FetchAsync();
        var second = await site.FetchAsync(known: first.Validators);
        var third = await site.FetchAsync(known: second.Validators);

        Assert.NotNull(first.Feed);
        Assert.Equal(new FeedValidators("W/\"7\"", "Tue, 10 Jun 2003 04:00:00 GMT"), first.Validators);
        Assert.Null(second.Feed);
        Assert.Null(third.Feed);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_compressed_feed_is_read(string encoding)
    {
        await using var site = await Site.StartAsync(async context =>
        {
            context.Response.Headers.ContentEncoding = encoding;
            await using var body = Compress(context.Response.Body, encoding);
            await body.WriteAsync(Encoding.UTF8.GetBytes(Site.Feed));
        });

        Assert.Equal("Harbour", (await site.FetchAsync()).Feed?.Title);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_small_body_that_swells_is_refused_at_the_bound(string encoding)
    {
        await using var site = await Site.StartAsync(async context =>
        {
            context.Response.Headers.ContentEncoding = encoding;
            await using var body = Compress(context.Response.Body, encoding);
            var blank = new byte[1024 * 1024];
            Array.Fill(blank, (byte)' ');
            for (var megabytes = 0; megabytes < 50; megabytes++)
            {
                await body.WriteAsync(blank);
            }
        });

        Assert.StartsWith("The feed is larger than 10 MB", (await site.RefusedAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_without_end_is_refused_at_the_bound()
    {
        await using var site = await Site.StartAsync(async context =>
        {
            var blank = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(blank);
            }
        });

        Assert.StartsWith("The feed is larger than 10 MB", (await site.RefusedAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_compression_is_refused()
    {
        await using var site = await Site.StartAsync(context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.WriteAsync(Site.Feed);
        });

        Assert.Contains("came damaged (it cannot be decompressed): try again later.", (await site.RefusedAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_cut_off_is_refused()
    {
        await using var site = await Site.StartAsync(async context =>
        {
            context.Response.ContentLength = 1_000;
            await context.Response.WriteAsync(Site.Feed);
            await context.Response.Body.FlushAsync();
            context.Abort();
        });

        Assert.Equal("127.0.0.1 broke off or answered what is not HTTP: try again later.", (await site.RefusedAsync()).Message);
    }

    [Fact]
    public async Task The_charset_of_the_answer_is_heeded()
    {
        await using var site = await Site.StartAsync(context =>
        {
            context.Response.ContentType = "application/rss+xml; charset=euc-kr";
            return context.Response.Body.WriteAsync(CodePagesEncodingProvider.Instance.GetEncoding("euc-kr")!.GetBytes(Site.Feed.Replace("Harbour", "항구", StringComparison.Ordinal))).AsTask();
        });

        Assert.Equal("항구", (await site.FetchAsync()).Feed?.Title);
    }

    [Fact]
    public async Task Five_redirects_are_followed_and_the_last_address_is_the_feeds()
    {
        await using var site = await CountdownAsync();

        var fetched = await site.FetchAsync("/5");

        Assert.Equal("/0", fetched.Address.AbsolutePath);
        Assert.Equal(new Uri(site.Address, "/storm"), fetched.Feed?.Entries[0].Link);
    }

    [Fact]
    public async Task A_sixth_redirect_is_not_followed()
    {
        await using var site = await CountdownAsync();

        Assert.EndsWith("/1 answered 302: it redirects more than 5 times, or nowhere. Give the feed's final address.", (await site.RefusedAsync("/6")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://harbour.example/feed")]
    [InlineData("http://[broken")]
    public async Task A_redirect_to_what_is_not_the_web_is_refused(string location)
    {
        await using var site = await Site.StartAsync(context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = location;
            return Task.CompletedTask;
        });

        Assert.Contains("redirect", (await site.RefusedAsync()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "answered 404 (not found): check the address.")]
    [InlineData(410, "answered 410 (not found): check the address.")]
    [InlineData(403, "answered 403 (not allowed): only feeds that anyone may read can be fetched.")]
    [InlineData(503, "answered 503: the site has trouble or is busy. Try again later.")]
    [InlineData(204, "answered 204 and no feed: check the address.")]
    [InlineData(304, "answered 304 and no feed: check the address.")]
    public async Task An_answer_other_than_OK_is_explained(int status, string said)
    {
        await using var site = await Site.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        Assert.Equal($"{site.Address}feed {said}", (await site.RefusedAsync()).Message);
    }

    [Fact]
    public async Task A_picture_is_not_read()
    {
        await using var site = await Site.StartAsync(context =>
        {
            context.Response.ContentType = "image/png";
            return context.Response.WriteAsync("x");
        });

        Assert.Equal($"{site.Address}feed is of type image/png, not a feed: check the address.", (await site.RefusedAsync()).Message);
    }

    [Fact]
    public async Task A_web_page_names_its_feed()
    {
        await using var site = await Site.StartAsync("<!doctype html><link rel=alternate type=application/atom+xml href=/all.atom>");

        Assert.Equal(new Uri(site.Address, "/all.atom"), (await site.RefusedAsync()).FeedAddress);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_site_that_dawdles_is_given_up_after_thirty_seconds(bool afterSomeBytes)
    {
        var reached = new TaskCompletionSource();
        await using var site = await Site.StartAsync(async context =>
        {
            if (afterSomeBytes)
            {
                await context.Response.WriteAsync("<rss");
                await context.Response.Body.FlushAsync();
            }

            reached.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var clock = new FakeTimeProvider();

        var fetching = site.Fetch(clock).FetchAsync(site.Address, cancellationToken: Cancellation);
        await reached.Task;
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(fetching.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("127.0.0.1 took longer than 30 seconds: try again later.", (await Assert.ThrowsAsync<FeedException>(() => fetching)).Message);
    }

    [Fact]
    public async Task A_fetch_that_is_called_off_ends_as_cancelled()
    {
        using var called = new CancellationTokenSource();
        await using var site = await Site.StartAsync(async context =>
        {
            await called.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => site.Fetch().FetchAsync(site.Address, cancellationToken: called.Token));
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_explained()
    {
        await using var site = await Site.StartAsync(Site.Feed);

        var refusal = await Assert.ThrowsAsync<FeedException>(() => site.Fetch().FetchAsync(new Uri("http://nowhere.invalid/feed"), cancellationToken: Cancellation));

        Assert.Equal("There is no site nowhere.invalid: check the address for typing errors.", refusal.Message);
    }

    [Fact]
    public async Task A_closed_port_is_explained()
    {
        await using var site = await Site.StartAsync(Site.Feed);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var refusal = await Assert.ThrowsAsync<FeedException>(() => site.Fetch().FetchAsync(new Uri($"http://user:secret@127.0.0.1:{port}/"), cancellationToken: Cancellation));

        Assert.Equal($"127.0.0.1:{port} refuses the connection: check the address, or try again later.", refusal.Message);
    }

    [Fact]
    public async Task A_certificate_nobody_vouches_for_is_refused()
    {
        using var key = ECDsa.Create();
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using var site = await Site.StartAsync(
            context => context.Response.WriteAsync(Site.Feed),
            "https://127.0.0.1:0",
            host => host.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = certificate)));

        Assert.StartsWith("The certificate of 127.0.0.1 is not to be trusted", (await site.RefusedAsync()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://harbour.example/feed")]
    [InlineData("file:///etc/passwd")]
    [InlineData("data:text/xml,x")]
    public async Task Only_http_and_https_are_fetched(string address)
    {
        await using var site = await Site.StartAsync(Site.Feed);

        var refusal = await Assert.ThrowsAsync<FeedException>(() => site.Fetch().FetchAsync(new Uri(address), cancellationToken: Cancellation));

        Assert.EndsWith("is not a web address: give one that begins with https:// or http://.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_read_within_the_same_bound()
    {
        await using var site = await Site.StartAsync(Site.Feed);
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.xml");
        await File.WriteAllTextAsync(path, Site.Feed, Cancellation);
        try
        {
            var feed = await site.Fetch().ReadFileAsync(path, Cancellation);
            var refusal = await Assert.ThrowsAsync<FeedException>(() => site.Fetch(settings: ("Feeds:MaxBytes", "1000")).ReadFileAsync(typeof(FeedFetch).Assembly.Location, Cancellation));

            Assert.Equal(("Harbour", null), (feed.Title, feed.Entries[0].Link));
            Assert.StartsWith("The feed is larger than 0 MB", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_is_explained()
    {
        await using var site = await Site.StartAsync(Site.Feed);
        var folder = Path.GetTempPath();

        var missing = await Assert.ThrowsAsync<FeedException>(() => site.Fetch().ReadFileAsync("no/such.xml", Cancellation));
        var notAFile = await Assert.ThrowsAsync<FeedException>(() => site.Fetch().ReadFileAsync(folder, Cancellation));

        Assert.Equal("There is no file no/such.xml: check the path.", missing.Message);
        Assert.StartsWith($"The file {folder} cannot be read: ", notAFile.Message, StringComparison.Ordinal);
    }

    private static Task<Site> CountdownAsync() => Site.StartAsync(context =>
    {
        var left = int.Parse(context.Request.Path.Value![1..], System.Globalization.CultureInfo.InvariantCulture);
        if (left == 0)
        {
            return context.Response.WriteAsync(Site.Feed);
        }

        context.Response.Redirect($"/{left - 1}");
        return Task.CompletedTask;
    });

    private static Stream Compress(Stream stream, string encoding) => encoding switch
    {
        "gzip" => new GZipStream(stream, CompressionLevel.Fastest),
        "br" => new BrotliStream(stream, CompressionLevel.Fastest),
        _ => new ZLibStream(stream, CompressionLevel.Fastest),
    };
}
