using System.Buffers;
using Alerts.Delivery.Journal;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Rendering;
using Microsoft.Extensions.Logging;

namespace Alerts.Delivery.Sending;

/// <summary>
/// One connection of a relay, and the loop that uses it: a mail at a time, the most urgent first, chosen anew each time. The first of several takes urgent mail only and
/// is connected all the time; the others while there is mail, and while the relay bears them.
/// </summary>
/// <remarks>It runs on a thread of its own, which a reply of the relay wakes directly: handed from thread to thread a mail costs a quarter more.</remarks>
/// <param name="index">Which of the relay's connections this is, from 0.</param>
internal sealed partial class Worker(
    Relay relay, int index, SendQueue queue, MailRenderer renderer, DeliveryJournal journal, Brake brake, DeliveryMetrics metrics, TimeSpan leaseNeeded, TimeProvider clock, ILogger logger)
    : IDisposable
{
    /// <summary>A warm connection is used or spoken to at least this often.</summary>
    private static readonly TimeSpan KeepWarm = TimeSpan.FromSeconds(30);

    /// <summary>A connection that had nothing to do for so many times as long is given up.</summary>
    private const int MaxIdle = 4;

    /// <summary>A mail over which so many connections broke waits like one that was refused for now: it may be what breaks them.</summary>
    private const int MaxLosses = 3;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly ArrayBufferWriter<byte> buffer = new(32_768);
    private readonly bool urgentOnly = index == 0 && relay.KeepsOneForUrgent;
    private MailSender sender = relay.Open();
    private DateTimeOffset knownGoodAt;
    private int answered;
    private int idle;
    private bool established;

    /// <summary>Runs until told to stop; a mail under way is finished first.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (await ReadyAsync(stopping))
                {
                    await WorkAsync(stopping);
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

    public void Dispose()
    {
        sender.Dispose();
        Lost();
    }

    /// <summary>Connects, if need be, before a mail is taken: a mail never waits with a worker that has no connection.</summary>
    private async Task<bool> ReadyAsync(CancellationToken stopping)
    {
        await brake.WaitUntilOffAsync(stopping);
        if (index >= relay.Allowed)
        {
            HangUp();
            await relay.WaitUntilAllowedAsync(index, stopping);
        }

        if (sender.IsConnected && relay.FailedAt > knownGoodAt)
        {
            // Another connection to the relay broke. This one may have too, and would only find out at the cost of a mail's try.
            knownGoodAt = clock.GetUtcNow();
            sender.KeepWarm(stopping);
        }

        if (sender.IsConnected)
        {
            return true;
        }

        Lost();
        if (!urgentOnly)
        {
            await queue.WaitForAnyAsync(stopping);
        }

        await relay.WaitUntilReadyAsync(stopping);
        if (index >= relay.Allowed)
        {
            return false;
        }

        try
        {
            (knownGoodAt, answered, idle) = (clock.GetUtcNow(), 0, 0);
            sender.Connect(stopping);
            established = true;
            relay.Opened();
            return true;
        }
        catch (RelayException exception)
        {
            relay.Refused(exception.Message);
            await Task.Delay(AfterFailure, clock, stopping);
            return false;
        }
    }

    private async Task WorkAsync(CancellationToken stopping)
    {
        if (await queue.TakeAsync(relay.Rate, urgentOnly, KeepWarm, stopping) is { } mail)
        {
            idle = 0;
            await HandleAsync(mail, stopping);
        }
        else if (++idle >= MaxIdle && !urgentOnly)
        {
            HangUp();
        }
        else
        {
            sender.KeepWarm(stopping);
        }
    }

    private void HangUp()
    {
        Lost();
        if (sender.IsConnected)
        {
            sender.Dispose();
            sender = relay.Open();
        }
    }

    /// <summary>There is no connection any more, if there was one.</summary>
    private void Lost()
    {
        if (established)
        {
            established = false;
            relay.Closed();
        }
    }

    private async Task HandleAsync(Mail mail, CancellationToken stopping)
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
            mail.Batch.Trouble = exception.Message;
            queue.PutBack(mail);
            LogNotAsked(exception);
            await Task.Delay(AfterFailure, clock, stopping);
            return;
        }

        mail.Batch.Trouble = null;
        var now = clock.GetUtcNow();
        if (mail.IsMoot(now))
        {
            End(mail, mail.Moot(now), asked: false);
        }
        else if (mail.Batch.LeaseUntil - now < leaseNeeded)
        {
            End(mail, mail.Ended(DeliveryState.Queued, null, now), asked: false);
        }
        else if (mail.PutOff is { } refusal)
        {
            End(mail, Outcome.Refused(mail.Batch.Key, mail.SubscriberId, mail.Attempts, $"Not tried while its domain refuses mail: {refusal}".Truncate(LedgerRow.MaxReply), now), asked: false);
        }
        else if (mail.NotBefore is { } later)
        {
            End(mail, mail.Ended(DeliveryState.Deferred, $"Not tried yet: too many wait for {mail.Domain}.".Truncate(LedgerRow.MaxReply), now) with { NextAttemptAt = later }, asked: false);
        }
        else if (mail.Unwanted is var (state, why))
        {
            End(mail, mail.Ended(state, why, now), asked: false);
        }
        else
        {
            await SendAsync(mail, now, stopping);
        }
    }

    private async Task SendAsync(Mail mail, DateTimeOffset now, CancellationToken stopping)
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
        renderer.Render(buffer, mailing.Rendered, mailing.Mailing.Id, mail.SubscriberId, to, mail.Name, now, mail.Attends);
        var envelope = new Envelope(mail.Batch.Key, mail.SubscriberId, renderer.EnvelopeSender(mailing.Mailing.Id, mail.SubscriberId), to);
        Reply reply;
        try
        {
            // Not cancelled by a stop: a mail under way is finished, so that nobody has to wonder about it.
            reply = sender.Send(envelope, buffer.WrittenSpan, () => journal.Begin(mail.Batch.Key, mail.SubscriberId, mail.Attempts));
        }
        catch (Exception exception)
        {
            LogFailed(relay.Name, exception);
            End(mail, Outcome.Refused(mail.Batch.Key, mail.SubscriberId, mail.Attempts, $"451 4.3.0 Not sent: {exception.GetType().Name}.", clock.GetUtcNow()));
            return;
        }

        now = clock.GetUtcNow();
        Tell(mail, reply, now);
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
            case ReplyKind.Closing or ReplyKind.NotSent when ++mail.Losses < MaxLosses:
                queue.PutBack(mail);
                break;
            default:
                End(mail, Outcome.Refused(mail.Batch.Key, mail.SubscriberId, mail.Attempts, reply.Text, now));
                break;
        }

        await WaitForTheLedgerAsync(stopping);
    }

    /// <summary>What the answer says of the relay and of the recipient's domain.</summary>
    private void Tell(Mail mail, Reply reply, DateTimeOffset now)
    {
        queue.Answered(mail, reply);
        switch (reply.Kind)
        {
            case ReplyKind.Accepted:
                relay.Accepted(now);
                break;
            case ReplyKind.Deferred:
                relay.Deferred(mail.Domain, reply.Text, now);
                break;
            case ReplyKind.Refused:
                relay.Works(now);
                break;
            case ReplyKind.Closing when answered > 0:
                // It has had enough of this connection, or of so many; it isn't away.
                relay.TooMuch(reply.Text);
                break;
            default:
                relay.Failed(reply.Text);
                break;
        }

        answered++;
    }

    private void End(Mail mail, Outcome outcome, bool asked = true)
    {
        mail.Done = true;
        queue.Done(mail);
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
