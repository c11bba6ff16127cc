using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Sending;
using Alerts.Mailings;
using Alerts.Tests.Servers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Eventually = Alerts.Tests.Unit.ServiceDefaults.Eventually;

namespace Alerts.Tests.Unit.Delivery;

public sealed class LanesTests
{
    private static readonly Guid Bulk = MailingId.Of("cut/1");
    private static readonly Guid Urgent = MailingId.Of("post/1");

    private readonly FakeTimeProvider clock = new(Messages.Then);

    [Fact]
    public void Bulk_mail_has_the_whole_rate_and_urgent_mail_a_fifth_of_a_second_on_top()
    {
        var rate = new RateLimit(100, clock);
        var taken = 0;
        for (var ms = 0; ms < 10_000; ms += 5)
        {
            for (; rate.Wait(reserved: false) == TimeSpan.Zero; taken++)
            {
                rate.Take();
            }

            clock.Advance(TimeSpan.FromMilliseconds(5));
        }

        Assert.InRange(taken, 995, 1_006);
        var urgent = 0;
        for (; rate.Wait(reserved: true) == TimeSpan.Zero; urgent++)
        {
            rate.Take();
        }

        Assert.InRange(urgent, 19, 21);
        Assert.InRange(rate.Wait(reserved: true), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10));
        Assert.InRange(rate.Wait(reserved: false), TimeSpan.FromMilliseconds(150), TimeSpan.FromMilliseconds(250));
    }

    [Fact]
    public async Task While_urgent_mail_alone_comes_to_the_rate_bulk_mail_has_one_pick_in_twenty()
    {
        using var queue = new SendQueue(new Domains(DomainCaps.None, clock), clock);
        var rate = new RateLimit(100, clock);
        queue.Add(Mails(Lane.Bulk, 2_000));
        queue.Add(Mails(Lane.Urgent, 2_000));
        var taken = new Dictionary<Lane, int>();
        for (var ms = 0; ms < 10_000; ms += 5)
        {
            while (await queue.TakeAsync(rate, urgentOnly: false, TimeSpan.Zero, TestContext.Current.CancellationToken) is { } mail)
            {
                taken[mail.Batch.Mailing.Lane] = taken.GetValueOrDefault(mail.Batch.Mailing.Lane) + 1;
            }

            clock.Advance(TimeSpan.FromMilliseconds(5));
        }

        Assert.InRange(taken[Lane.Bulk], 45, 60);
        Assert.InRange(taken[Lane.Urgent], 940, 985);
    }

    [Fact]
    public async Task The_connection_kept_for_urgent_mail_takes_nothing_else()
    {
        using var queue = new SendQueue(new Domains(DomainCaps.None, clock), clock);
        queue.Add(Mails(Lane.Bulk, 1));

        Assert.Null(await queue.TakeAsync(null, urgentOnly: true, TimeSpan.Zero, TestContext.Current.CancellationToken));

        queue.Add(Mails(Lane.Urgent, 1));
        Assert.Equal(Lane.Urgent, (await queue.TakeAsync(null, urgentOnly: true, TimeSpan.Zero, TestContext.Current.CancellationToken))!.Batch.Mailing.Lane);
    }

    [Fact]
    public async Task A_domain_at_its_cap_lets_those_behind_it_pass_and_keeps_its_order()
    {
        var caps = Caps(("slow.example:Connections", "1"));
        using var queue = new SendQueue(new Domains(caps, clock), clock);
        var slow = Mails(Lane.Normal, 3, "slow.example");
        var quick = Mails(Lane.Normal, 2, "quick.example");
        queue.Add([.. slow, .. quick]);

        var taken = new List<Mail>();
        while (await Take() is { } mail)
        {
            taken.Add(mail);
        }

        Assert.Equal([slow[0], .. quick], taken);
        queue.Done(slow[0]);
        Assert.Same(slow[1], await Take());
        queue.PutBack(slow[1]);
        Assert.NotNull(await Take());
        Assert.Null(await Take());

        ValueTask<Mail?> Take() => queue.TakeAsync(null, urgentOnly: false, TimeSpan.Zero, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_domain_s_rate_is_kept_and_more_than_can_wait_goes_back_to_the_ledger()
    {
        var caps = Caps(("default:Rate", "10"));
        using var queue = new SendQueue(new Domains(caps, clock), clock);
        queue.Add(Mails(Lane.Bulk, 3_000, "one.example"));
        var (sent, back) = (0, 0);
        for (var ms = 0; ms < 10_000; ms += 50)
        {
            queue.TakeBackIn();
            while (await queue.TakeAsync(null, urgentOnly: false, TimeSpan.Zero, TestContext.Current.CancellationToken) is { } mail)
            {
                (sent, back) = mail.NotBefore is null ? (sent + 1, back) : (sent, back + 1);
                queue.Done(mail);
            }

            clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.InRange(sent, 98, 103);
        Assert.InRange(back, 990, 1_000);
    }

    [Theory]
    [InlineData("a.example:Connections", "0")]
    [InlineData("a.example:Rate", "fast")]
    [InlineData("a.example:Colour", "1")]
    public void A_cap_that_isn_t_right_is_refused(string key, string value) =>
        Assert.Contains("Smtp:Domains:a.example:", Assert.Throws<InvalidOperationException>(() => Caps((key, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_relay_s_weight_is_its_share_of_the_connections_while_the_others_are_up()
    {
        var (heavy, light) = (Relay("heavy", 9, 3), Relay("light", 9, 1));
        _ = new Relays([heavy, light]);
        Grow(heavy);
        Grow(light);
        Assert.Equal((9, 3), (heavy.Allowed, light.Allowed));

        heavy.Failed("gone");
        Assert.Equal(9, light.Allowed);

        heavy.Works(clock.GetUtcNow());
        Assert.Equal(3, light.Allowed);
    }

    [Fact]
    public void A_relay_s_connections_halve_when_it_has_too_much_to_do_and_grow_again_slowly()
    {
        var relay = Relay("one", 16, 1);
        _ = new Relays([relay]);
        Assert.Equal(4, relay.Allowed);
        Grow(relay);
        Assert.Equal(16, relay.Allowed);

        relay.TooMuch("421 too many");
        relay.TooMuch("421 too many");
        Assert.Equal(8, relay.Allowed);

        Accept(relay, 99);
        Assert.Equal(8, relay.Allowed);
        Accept(relay, 1);
        Assert.Equal(9, relay.Allowed);

        clock.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 100; i++)
        {
            relay.Deferred("one.example", "450 later", clock.GetUtcNow());
        }

        Assert.Equal(9, relay.Allowed);
        for (var i = 0; i < 10; i++)
        {
            relay.Deferred($"{i}.example", "450 later", clock.GetUtcNow());
        }

        Assert.Equal(4, relay.Allowed);
        Assert.Null(relay.DownBecause);
    }

    [Fact]
    public async Task A_connection_for_urgent_mail_is_there_before_there_is_any_mail()
    {
        await using var server = new ScriptedSmtp(_ => null as string);
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = server.Relay + "&connections=4" });

        await Eventually.Get(() => Task.FromResult(server.Count("EHLO")), n => n > 0);

        Assert.Equal(1, server.Connections);
        Assert.Equal(0, server.Count("MAIL"));
    }

    [Fact]
    public async Task Urgent_mail_isn_t_held_back_by_bulk_mail_at_the_relay_s_rate()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = sink.Relay + "&connections=4&rate=20" });
        await app.Send(Messages.Mailing("cut/1", 2_000, MailingPriority.Bulk));
        await Eventually.Get(() => app.Books(Bulk), b => b.Accepted > 10, 60);

        await app.Send(Messages.Mailing("post/1", 4, MailingPriority.Urgent));
        await app.Completed(Urgent);

        var mailing = (await app.Mailing(Urgent))!;
        var books = await app.Books(Urgent);
        Assert.InRange(books.LastAt!.Value - mailing.HeardAt, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        var (at, before) = (TimeProvider.System.GetTimestamp(), (await sink.MailsAsync(TestContext.Current.CancellationToken)).Count);
        var after = await Eventually.Get(async () => (await sink.MailsAsync(TestContext.Current.CancellationToken)).Count, n => n >= before + 60, 30);
        Assert.InRange((after - before) / TimeProvider.System.GetElapsedTime(at).TotalSeconds, 5, 25);
    }

    [Fact]
    public async Task A_relay_that_goes_and_comes_back_is_left_alone_and_taken_up_again()
    {
        await using var first = await SmtpSink.StartAsync();
        await using var second = await SmtpSink.StartAsync();
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = first.Relay + "&rate=200", ["Smtp:Relays:1"] = second.Relay + "&rate=200" });
        await app.Send(Messages.Mailing("post/1", 1_500));
        await Eventually.Get(() => app.Books(Urgent), b => b.Accepted > 50, 60);

        await first.KillAsync();
        await app.Completed(Urgent);
        var relays = app.Services.GetRequiredService<Relays>().All;
        Assert.NotNull(relays[0].DownBecause);
        Assert.Null(relays[1].DownBecause);
        var without = (await first.MailsAsync(TestContext.Current.CancellationToken)).Count;

        await first.StartAgainAsync();
        for (var i = 2; relays[0].DownBecause is not null && i < 60; i++)
        {
            await app.Send(Messages.Mailing($"post/{i}", 200));
            await app.Completed(MailingId.Of($"post/{i}"));
        }

        Assert.Null(relays[0].DownBecause);
        Assert.True((await first.MailsAsync(TestContext.Current.CancellationToken)).Count > without);
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task A_relay_that_takes_three_connections_gets_all_the_mail_over_three()
    {
        await using var server = new ScriptedSmtp(said => said is { Command: "CONNECT", Open: > 3 } ? "421 4.7.0 too many connections" : null);
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = server.Relay + "&connections=12" });
        await app.Send(Messages.Mailing("post/1", 1_000));

        await app.Completed(Urgent);

        Assert.All(await app.Rows(Urgent), r => Assert.Equal((DeliveryState.Accepted, 1), (r.State, r.Attempts)));
        Assert.InRange(app.Services.GetRequiredService<Relays>().All[0].Allowed, 2, 8);
    }

    [Fact]
    public async Task Only_the_domain_that_refuses_mail_for_now_is_left_alone()
    {
        await using var server = new ScriptedSmtp(said => said.Command == "RCPT" && said.Line.Contains("@grey.example", StringComparison.Ordinal) ? "450 4.2.0 greylisted" : null);
        var readers = Messages.Readers(400);
        await using var app = await DeliveryApp.CreateAsync(start: false, new() { ["Smtp:Relays:0"] = server.Relay });
        foreach (var reader in readers[..200])
        {
            app.Readers.Known[reader] = new Reachable($"{reader:N}@grey.example", null);
        }

        await app.StartAsync();
        var batch = Messages.Batch("post/1", 1, readers);
        await app.Send(Messages.Prepared("post/1"), batch, Messages.Sealed("post/1", batch));

        var books = await Eventually.Get(() => app.Books(Urgent), b => b.Accepted + b.Deferred == 400, 60);

        Assert.Equal(200, books.Accepted);
        var asked = server.Heard.Count(s => s.Command == "RCPT" && s.Line.Contains("@grey.example", StringComparison.Ordinal));
        Assert.InRange(asked, 5, 100);
        Assert.All((await app.Rows(Urgent)).Where(r => r.State == DeliveryState.Deferred), r => Assert.Contains("450 4.2.0 greylisted", r.LastReply, StringComparison.Ordinal));
        Assert.Null(app.Services.GetRequiredService<Relays>().All[0].DownBecause);
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task No_more_mails_are_on_their_way_to_a_domain_than_its_cap_allows()
    {
        var (under, most) = (0, 0);
        await using var server = new ScriptedSmtp(async said =>
        {
            if (said.Command == "." && said.Line.EndsWith("@slow.example", StringComparison.Ordinal))
            {
                most = Math.Max(most, Interlocked.Increment(ref under));
                await Task.Delay(20, TestContext.Current.CancellationToken);
                Interlocked.Decrement(ref under);
            }

            return null;
        });
        var readers = Messages.Readers(200);
        await using var app = await DeliveryApp.CreateAsync(start: false, new() { ["Smtp:Relays:0"] = server.Relay, ["Smtp:Domains:slow.example:Connections"] = "2" });
        foreach (var reader in readers[..100])
        {
            app.Readers.Known[reader] = new Reachable($"{reader:N}@slow.example", null);
        }

        await app.StartAsync();
        var batch = Messages.Batch("post/1", 1, readers);
        await app.Send(Messages.Prepared("post/1"), batch, Messages.Sealed("post/1", batch));
        await app.Completed(Urgent);

        Assert.Equal(2, most);
        Assert.Equal(200, server.Taken.Distinct().Count());
        Assert.EndsWith("@slow.example", server.Taken.Last(), StringComparison.Ordinal);
        await app.AssertBooksBalance();
    }

    private static DomainCaps Caps(params (string Key, string Value)[] caps) => DomainCaps.Read(
        new ConfigurationBuilder().AddInMemoryCollection(caps.Select(c => KeyValuePair.Create($"Smtp:Domains:{c.Key}", (string?)c.Value))).Build());

    private static void Grow(Relay relay)
    {
        for (var i = 0; i < relay.Connections; i++)
        {
            relay.Opened();
        }

        Accept(relay, 200);
    }

    private static void Accept(Relay relay, int mails)
    {
        for (var i = 0; i < mails; i++)
        {
            relay.Accepted(Messages.Then);
        }
    }

    private Relay Relay(string name, int connections, int weight) => new(name, connections, weight, null, () => throw new NotSupportedException(), clock, NullLogger.Instance);

    private Mail[] Mails(Lane lane, int count, string domain = "example.net")
    {
        var mailing = new Mailing { Id = Guid.CreateVersion7(), HeardAt = Messages.Then };
        mailing.Prepare(Messages.Prepared("post/1", lane.Word()));
        var batch = new HeldBatch(new BatchKey(mailing.Id, 1), new HeldMailing(mailing, null, null), count, Messages.Then.AddHours(1));
        var rows = Messages.Readers(count).Select(r => new LedgerRow { MailingId = mailing.Id, SubscriberId = r, Batch = 1 });
        var chunk = new Chunk(batch, rows, new Readers(), clock);
        foreach (var mail in chunk.Mails)
        {
            mail.Address = $"{mail.SubscriberId:N}@{domain}";
        }

        return [.. chunk.Mails];
    }
}
