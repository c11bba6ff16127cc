using System.Buffers;
using Alerts.Delivery.Journal;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Rendering;
using Microsoft.Extensions.Logging;

namespace Alerts.Delivery.Sending;

/// <summary>One connection of a relay, and the loop that uses it: a mail at a time, the most urgent first, chosen anew each time.</summary>
internal sealed partial class Worker(
    Relay relay, SendQueue queue, MailRenderer renderer, DeliveryJournal journal, Brake brake, DeliveryMetrics metrics, TimeSpan leaseNeeded, TimeProvider clock, ILogger logger)
{
    /// <summary>A warm connection is used or spoken to at least this often.</summary>
    private static readonly TimeSpan KeepWarm = TimeSpan.FromSeconds(30);

    /// <summary>A mail over which so many connections broke waits like one that was refused for now: it may be what breaks them.</summary>
    private const int MaxLosses = 3;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly ArrayBufferWriter<byte> buffer = new(32_768);
    private DateTimeOffset knownGoodAt;

    /// <summary>Runs until told to stop; a mail under way is finished first.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await using var sender = relay.Open();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (await ReadyAsync(sender, stopping) && await queue.TakeAsync(KeepWarm, stopping) is { } mail)
                {
                    await HandleAsync(sender, mail, stopping);
                }
                else
                {
                    await sender.KeepWarmAsync(stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFailed(relay.Name, exception);
                relay.Failed(exception.GetType().Name);
            }
        }
    }

    /// <summary>Connects, if need be, before a mail is taken: a mail never waits with a worker that has no connection.</summary>
    private async Task<bool> ReadyAsync(MailSender sender, CancellationToken stopping)
    {
        await brake.WaitUntilOffAsync(stopping);
        if (sender.IsConnected && relay.FailedAt > knownGoodAt)
        {
            // Another connection to the relay broke. This one may have too, and would only find out at the cost of a mail's try.
            knownGoodAt = clock.GetUtcNow();
            await sender.KeepWarmAsync(stopping);
        }

        if (!sender.IsConnected)
        {
            await queue.WaitForAnyAsync(stopping);
            await relay.WaitUntilReadyAsync(stopping);
            try
            {
                knownGoodAt = clock.GetUtcNow();
                await sender.ConnectAsync(stopping);
            }
            catch (RelayException exception)
            {
                relay.Failed(exception.Message);
                return false;
            }
        }

        await relay.WaitForRateAsync(stopping);
        return true;
    }

    private async Task HandleAsync(MailSender sender, Mail mail, CancellationToken stopping)
    {
        if (brake.IsOn || stopping.IsCancellationRequested || !sender.IsConnected || relay.FailedAt > knownGoodAt)
        {
            queue.PutBack(mail);
            return;
        }

        try
        {
            await mail.Chunk.AskAsync(stopping);
        }
        catch (Exception exception)
        {
            // Nobody gets a mail while we can't ask whether she still wants it.
            queue.PutBack(mail);
            LogNotAsked(exception);
            await Task.Delay(AfterFailure, clock, stopping);
            return;
        }

        var now = clock.GetUtcNow();
        var mailing = mail.Batch.Mailing;
        if (mailing.Halted || mail.Batch.LeaseUntil - now < leaseNeeded)
        {
            End(mail, mail.Ended(DeliveryState.Queued, null, now), asked: false);
        }
        else if (mailing.Mailing.ExpiresAt <= now)
        {
            End(mail, mail.Ended(DeliveryState.Expired, null, now), asked: false);
        }
        else if (mail.Unwanted is var (state, why))
        {
            End(mail, mail.Ended(state, why, now), asked: false);
        }
        else
        {
            await SendAsync(sender, mail, now, stopping);
        }
    }

    private async Task SendAsync(MailSender sender, Mail mail, DateTimeOffset now, CancellationToken stopping)
    {
        var mailing = mail.Batch.Mailing;
        string to;
        try
        {
            to = MailRenderer.EncodedAddress(mail.Address!);
        }
        catch (FormatException exception)
        {
            // RFC 3463 §3.2: bad destination mailbox address syntax.
            End(mail, mail.Ended(DeliveryState.Bounced, $"553 5.1.3 {exception.Message}", now), asked: false);
            return;
        }

        buffer.ResetWrittenCount();
        renderer.Render(buffer, mailing.Rendered, mailing.Mailing.Id, mail.SubscriberId, to, mail.Name, now);
        var envelope = new Envelope(mail.Batch.Key, mail.SubscriberId, renderer.EnvelopeSender(mailing.Mailing.Id, mail.SubscriberId), to);
        Reply reply;
        try
        {
            // Not cancelled by a stop: a mail under way is finished, so that nobody has to wonder about it.
            reply = await sender.SendAsync(envelope, buffer.WrittenMemory, () => journal.Begin(mail.Batch.Key, mail.SubscriberId, mail.Attempts), CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogFailed(relay.Name, exception);
            End(mail, Outcome.Refused(mail.Batch.Key, mail.SubscriberId, mail.Attempts, $"451 4.3.0 Not sent: {exception.GetType().Name}.", clock.GetUtcNow()));
            return;
        }

        now = clock.GetUtcNow();
        if (reply.Kind is ReplyKind.Accepted or ReplyKind.Refused or ReplyKind.Deferred)
        {
            relay.Works();
        }
        else
        {
            relay.Failed(reply.Text);
        }

        switch (reply.Kind)
        {
            case ReplyKind.Accepted:
                End(mail, mail.Answered(DeliveryState.Accepted, reply.Text, now));
                if (mailing.Mailing.ReleasedAt is { } released)
                {
                    metrics.Waited(mailing.Lane, now - released);
                }

                break;
            case ReplyKind.Refused:
                End(mail, mail.Answered(DeliveryState.Bounced, reply.Text, now));
                break;
            case ReplyKind.Deferred:
                End(mail, Outcome.Refused(mail.Batch.Key, mail.SubscriberId, mail.Attempts, reply.Text, now));
                break;
            case ReplyKind.Unanswered:
                End(mail, Outcome.Unanswered(mail.Batch.Key, mail.SubscriberId, mail.Attempts, reply.Text, now));
                break;
            case ReplyKind.Closing:
            case ReplyKind.NotSent when ++mail.Losses < MaxLosses:
                queue.PutBack(mail);
                break;
            default:
                End(mail, Outcome.Refused(mail.Batch.Key, mail.SubscriberId, mail.Attempts, reply.Text, now));
                break;
        }

        await WaitForTheLedgerAsync(stopping);
    }

    private void End(Mail mail, Outcome outcome, bool asked = true)
    {
        mail.Done = true;
        journal.Reply(outcome, asked);
        if (!outcome.ChangesNothing)
        {
            metrics.Ended(mail.Batch.Mailing.Lane, outcome.State);
        }
    }

    /// <summary>While the ledger can't be written, what waits for it is bounded.</summary>
    private async Task WaitForTheLedgerAsync(CancellationToken stopping)
    {
        while (journal.Unfolded >= DeliveryJournal.MaxUnfolded)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, stopping);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The audience can't be asked just now; mails wait")]
    private partial void LogNotAsked(Exception exception);

    [LoggerMessage(LogLevel.Error, "A mail for relay {Relay} couldn't be sent")]
    private partial void LogFailed(string relay, Exception exception);
}
