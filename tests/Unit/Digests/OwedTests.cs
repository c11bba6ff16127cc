using Alerts.Contracts;
using Alerts.Digests.Cuts;
using CsCheck;

namespace Alerts.Tests.Unit.Digests;

public sealed class OwedTests
{
    private static readonly Guid Reader = Guid.NewGuid();

    private static HeldSubscription Held(string list, Frequency frequency, long from, long to = long.MaxValue) => new(Reader, list, frequency, from, to);

    private static OwedPost Post(long seq, long revision, params string[] lists) => new(seq, new Guid((int)seq, 0, 0, new byte[8]), 1, revision, lists);

    private static IEnumerable<long> SeqsOf(OwedPosts owed) => owed.Posts.Select(p => p.Seq);

    [Fact]
    public void A_reader_is_owed_what_was_published_while_she_had_it_in_this_way()
    {
        var held = new[] { Held("a", Frequency.Immediate, 1, 10), Held("a", Frequency.Daily, 10, 20), Held("a", Frequency.Weekly, 20) };
        var posts = new[] { Post(1, 9, "a"), Post(2, 10, "a"), Post(3, 19, "a"), Post(4, 20, "a"), Post(5, 0, "a") };

        Assert.Equal([2, 3], SeqsOf(Owed.To(held, posts, new Span(0, 5), Span.Empty)));
        Assert.Equal([4], SeqsOf(Owed.To(held, posts, Span.Empty, new Span(0, 5))));
        Assert.Equal([2, 3, 4], SeqsOf(Owed.To(held, posts, new Span(0, 5), new Span(0, 5))));
    }

    [Fact]
    public void The_fastest_of_several_lists_counts()
    {
        var held = new[] { Held("a", Frequency.Weekly, 1), Held("b", Frequency.Daily, 1), Held("c", Frequency.Immediate, 1) };
        var posts = new[] { Post(1, 5, "a"), Post(2, 5, "a", "b"), Post(3, 5, "a", "b", "c"), Post(4, 5, "d") };

        Assert.Equal([2], SeqsOf(Owed.To(held, posts, new Span(0, 4), Span.Empty)));
        Assert.Equal([1], SeqsOf(Owed.To(held, posts, Span.Empty, new Span(0, 4))));
    }

    [Fact]
    public void Only_what_lies_past_the_cursor_and_up_to_the_cut_is_owed() =>
        Assert.Equal(
            [2, 3],
            SeqsOf(Owed.To([Held("a", Frequency.Daily, 1)], [Post(1, 5, "a"), Post(2, 5, "a"), Post(3, 5, "a"), Post(4, 5, "a")], new Span(1, 3), Span.Empty)));

    [Fact]
    public void What_she_left_goes_nowhere_and_the_rest_still_comes()
    {
        var held = new[] { Held("a", Frequency.Daily, 1, 9), Held("b", Frequency.Daily, 1) };
        var posts = new[] { Post(1, 5, "a"), Post(2, 5, "b") };

        var owed = Owed.To(held, posts, new Span(0, 2), Span.Empty);
        Assert.Equal([2], SeqsOf(owed));
        Assert.False(owed.Left);

        var left = Owed.To(held, posts[..1], new Span(0, 2), Span.Empty);
        Assert.Equal([1], SeqsOf(left));
        Assert.True(left.Left);
    }

    private enum Act { Subscribe, Leave, Publish, Withdraw, CutDaily, CutWeekly, CutNow }

    /// <summary>
    /// Any history of one reader: what a diary notes on the day of publication (how did she have it right then?) and what the rule finds afterwards from revisions and cursors
    /// are the same, and each post comes once.
    /// </summary>
    [Fact]
    public void In_any_history_she_gets_each_of_her_posts_exactly_once()
    {
        var act = Gen.Select(Gen.Int[0, 6], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[1, 7], (what, list, frequency, lists) => ((Act)what, list, (Frequency)frequency, lists));
        act.List[1, 60].Sample(Check, seed: "0002Rivers00", iter: 20_000);

        static void Check(List<(Act What, int List, Frequency Frequency, int Lists)> history)
        {
            var rows = new List<HeldSubscription>();
            var posts = new List<OwedPost>();
            var withdrawn = new HashSet<long>();
            var diary = new Dictionary<long, Frequency?>();
            var got = new List<long>();
            var (revision, daily, weekly) = (0L, 0L, 0L);
            foreach (var (what, list, frequency, lists) in history)
            {
                var name = ((char)('a' + list)).ToString();
                switch (what)
                {
                    case Act.Subscribe or Act.Leave:
                        revision++;
                        var old = rows.FindIndex(r => r.List == name && r.ToRevision == long.MaxValue);
                        if (old >= 0)
                        {
                            rows[old] = rows[old] with { ToRevision = revision };
                        }

                        if (what == Act.Subscribe)
                        {
                            rows.Add(Held(name, frequency, revision));
                        }

                        break;
                    case Act.Publish:
                        var slugs = Enumerable.Range(0, 3).Where(bit => (lists & (1 << bit)) != 0).Select(bit => ((char)('a' + bit)).ToString()).ToArray();
                        posts.Add(Post(posts.Count + 1, revision, slugs));
                        diary[posts.Count] = rows.Where(r => r.ToRevision == long.MaxValue && slugs.Contains(r.List)).Select(r => (Frequency?)r.Frequency).Min();
                        break;
                    case Act.Withdraw when posts.Count > 0:
                        withdrawn.Add(posts.Count);
                        break;
                    case Act.CutDaily or Act.CutWeekly or Act.CutNow:
                        var spans = (Daily: what != Act.CutWeekly ? new Span(daily, posts.Count) : Span.Empty, Weekly: what != Act.CutDaily ? new Span(weekly, posts.Count) : Span.Empty);
                        var owed = Owed.To(rows, posts.Where(p => !withdrawn.Contains(p.Seq)), spans.Daily, spans.Weekly);
                        var expected = posts
                            .Where(p => !withdrawn.Contains(p.Seq) && !got.Contains(p.Seq) && p.Seq > (diary[p.Seq] == Frequency.Daily ? daily : weekly))
                            .Where(p => (diary[p.Seq] == Frequency.Daily && what != Act.CutWeekly) || (diary[p.Seq] == Frequency.Weekly && what != Act.CutDaily))
                            .Where(p => rows.Exists(r => r.ToRevision == long.MaxValue && p.Lists.Contains(r.List)))
                            .Select(p => p.Seq).ToList();
                        Assert.Equal(expected, owed.Left ? [] : SeqsOf(owed));
                        got.AddRange(expected);
                        daily = what != Act.CutWeekly ? posts.Count : daily;
                        weekly = what != Act.CutDaily ? posts.Count : weekly;
                        break;
                    default:
                        break;
                }
            }

            Assert.Equal(got.Distinct(), got);
        }
    }
}
