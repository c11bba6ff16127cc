using System.Text;
using Alerts.Contracts;
using Alerts.Publishing.Posts;
using Alerts.Subscriptions;
using Alerts.Subscriptions.Import;
using Alerts.Subscriptions.Lists;

namespace Alerts.App.Demo;

/// <summary>Something alive for the first five minutes: two lists, a few dozen readers, four posts published now. Only ever into an empty database.</summary>
internal sealed class DemoNewsroom(SubscriptionsDb db, SubscriberImport import, PostEditing editing, IAudience audience, TimeProvider clock)
{
    private static readonly (string List, string Title, string Text, bool Urgent)[] Posts =
    [
        ("detentions", "What we know about the Harbour Street detentions", """
            Eleven people were taken from a shelter on Harbour Street on Tuesday morning. Three are minors. Their lawyers were told of the charges nine hours later,
            well past the four hours that the law allows.

            We have spoken to two families and seen the transfer orders. **We don't publish names** until the families agree.

            - Tuesday 06:40: officers enter the shelter
            - 08:10: eleven people are moved to the regional centre
            - 15:50: lawyers are admitted
            """, false),
        ("detentions", "Hearing moved to Thursday: courtroom 4, 9 a.m.", """
            The court has moved the hearing of the Harbour Street eleven from Friday to **Thursday, 9 a.m., courtroom 4**. It is open to the public. Bring an identity card;
            phones must be left at the entrance.
            """, true),
        ("newsroom", "How we check a video before we publish it", """
            A video reaches us by four hands on average before we see it. We look for the first upload, the shadows, the accents and the shop signs, and we ask two people who
            know the street. Of the last forty videos we were sent, we could place thirty-one and published nineteen.

            > "The date on the file is the least reliable thing about it."

            The full method, with examples, is on our site.
            """, false),
        ("newsroom", "Quarterly report: 214 cases, 63 closed", """
            Between July and September volunteers documented 214 cases. 63 are closed: 41 people were released, 15 sentenced, and 7 left the country. The report has the tables,
            the method, and what we could not find out.
            """, false),
    ];

    /// <returns>False, and nothing is done, when there is a list already.</returns>
    public async Task<bool> LoadAsync(CancellationToken cancellationToken)
    {
        if (!await IsEmptyAsync(cancellationToken))
        {
            return false;
        }

        await AddListAsync("detentions", "Detentions", "Arrests, hearings and releases, as soon as we can confirm them.", cancellationToken);
        await AddListAsync("newsroom", "From the newsroom", "How we work, and longer reads.", cancellationToken);
        await AddReadersAsync("detentions", 40, cancellationToken);
        await AddReadersAsync("newsroom", 30, cancellationToken);
        foreach (var (list, title, text, urgent) in Posts)
        {
            var request = new PostRequest { Title = title, Markdown = text, Lists = [list], Urgent = urgent, PublishAt = clock.GetUtcNow() };
            await editing.WriteAsync(request, requestKey: null, cancellationToken);
        }

        return true;
    }

    public async Task<bool> IsEmptyAsync(CancellationToken cancellationToken) => (await audience.ListsAsync(null, cancellationToken)).Count == 0;

    private Task<string?> AddListAsync(string slug, string name, string description, CancellationToken cancellationToken) =>
        ListVerbs.AddAsync(db, clock, new NewList { Slug = slug, Name = name, Description = description, Visibility = "public" }, cancellationToken);

    /// <summary>Every third has it at once, the others daily or weekly; some read both lists.</summary>
    private async Task AddReadersAsync(string list, int count, CancellationToken cancellationToken)
    {
        string[] frequencies = ["immediate", "daily", "weekly"];
        string[] zones = ["Europe/Berlin", "America/New_York", "Asia/Seoul", "UTC"];
        var csv = new StringBuilder("email,name,frequency,zone\n");
        for (var i = 1; i <= count; i++)
        {
            csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"reader{i}@example.org,Reader {i},{frequencies[i % 3]},{zones[i % 4]}\n");
        }

        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString()));
        await import.RunAsync(stream, new ImportOrder { List = list, Confirmed = true }, new ImportProgress(), static (_, _, _) => Task.CompletedTask, cancellationToken);
    }
}
