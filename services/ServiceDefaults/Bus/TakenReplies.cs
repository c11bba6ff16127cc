using System.Threading.Channels;
using Alerts.Contracts;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alerts.ServiceDefaults.Bus;

internal sealed record TakenReply(string Sender, Services Service, Guid MessageId);

/// <summary>
/// Tells senders what was taken, many ids a message. Kept in memory only: when a reply is lost the sender publishes again, and is told again.
/// </summary>
internal sealed partial class TakenReplies(IBus bus, ILogger<TakenReplies> logger) : BackgroundService
{
    private const int AtOnce = 1_000;

    private readonly Channel<TakenReply> replies = Channel.CreateBounded<TakenReply>(10_000);

    public ValueTask AddAsync(TakenReply reply, CancellationToken cancellationToken) => replies.Writer.WriteAsync(reply, cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<TakenReply>();
        while (await replies.Reader.WaitToReadAsync(stoppingToken))
        {
            while (batch.Count < AtOnce && replies.Reader.TryRead(out var reply))
            {
                batch.Add(reply);
            }

            foreach (var group in batch.GroupBy(reply => (reply.Sender, reply.Service)))
            {
                try
                {
                    var queue = await bus.GetSendEndpoint(new Uri($"queue:{TakenHeaders.Queue(group.Key.Sender)}"));
                    using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                    timeout.CancelAfter(TimeSpan.FromSeconds(30));
                    await queue.Send(new Taken { MessageIds = [.. group.Select(reply => reply.MessageId)], Service = group.Key.Service }, timeout.Token);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    LogUnanswered(group.Key.Sender, exception.Message);
                }
            }

            batch.Clear();
        }
    }

    [LoggerMessage(LogLevel.Information, "Could not tell {Sender} what was taken ({Reason}); it will ask again")]
    private partial void LogUnanswered(string sender, string reason);
}
