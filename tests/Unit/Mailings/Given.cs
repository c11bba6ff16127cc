using System.Reflection;
using Alerts.Contracts;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Alerts.Tests.Unit.Mailings;

/// <summary>What the tests of services that make mailings share.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    public static IOptions<AlertsOptions> Options { get; } = Microsoft.Extensions.Options.Options.Create(new AlertsOptions { PublicUrl = "https://alerts.example.org" });

    public static MailTemplates Templates { get; } =
        new(Microsoft.Extensions.Options.Options.Create(new MailOptions { From = "River Watch <news@example.org>", PostalAddress = "12 Long Street, Oslo" }), Options);

    public static PostPublished Post(int number, params string[] lists) => new()
    {
        PostId = new Guid(number, 0, 0, new byte[8]),
        Version = 1,
        Title = $"Title {number}",
        Summary = $"Summary of {number}.",
        Html = $"<p>Body of {number}.</p>",
        Text = $"Body of {number}.",
        Link = $"https://blog.example.org/posts/{number}/",
        Lists = lists.Length > 0 ? lists : ["rivers"],
        Tags = [],
        Urgent = false,
        ReleasedAt = Now,
        AudienceRevision = 1,
    };

    /// <summary>The number that a post of <see cref="Post"/> was made with.</summary>
    public static int NumberOf(Guid postId) => BitConverter.ToInt32(postId.ToByteArray());

    public static PostCorrected Correction(PostPublished post, int version, string title) => new()
    {
        PostId = post.PostId,
        Version = version,
        Title = title,
        Summary = post.Summary,
        Html = post.Html,
        Text = post.Text,
        Link = post.Link,
    };

    public static PostWithdrawn Withdrawal(PostPublished post) => new() { PostId = post.PostId, Version = post.Version };

    /// <summary>A message as a consumer sees it, without a bus.</summary>
    public static ConsumeContext<T> Context<T>(T message) where T : class
    {
        var context = DispatchProxy.Create<ConsumeContext<T>, MessageOnly>();
        ((MessageOnly)(object)context).Message = message;
        return context;
    }

#pragma warning disable CA1852 // DispatchProxy derives from it
    internal class MessageOnly : DispatchProxy
    {
        public object? Message { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
        {
            "get_Message" => Message,
            "get_CancellationToken" => TestContext.Current.CancellationToken,
            var other => throw new NotSupportedException($"A consumer asked for {other}."),
        };
    }
#pragma warning restore CA1852
}
