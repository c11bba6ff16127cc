using Alerts.Digests.Cuts;
using Alerts.Digests.Editions;
using Alerts.Tests.Unit.Mailings;

namespace Alerts.Tests.Unit.Digests;

public sealed class StretchReadersTests
{
    [Fact]
    public void Every_reader_is_found_again_once_in_order_by_her_edition_and_by_her_move_also_in_the_next_stretch()
    {
        EditionDraft[] editions = [.. new[] { Rhythm.Daily, Rhythm.Weekly, Rhythm.Last }.Select(rhythm => new EditionDraft(new EditionHolds([], [], rhythm), []))];
        ReaderMove[] moves = [new(true, false, Given.Now, null), new(false, true, null, Given.Now)];
        var random = new Random(7);
        var readers = new StretchReaders();

        // The first grows twice; the second is smaller, so that what the first left would show.
        foreach (var many in new[] { 30_000, 4_000 })
        {
            readers.Clear();
            var (byEdition, byMove) = (editions.ToDictionary(e => e, _ => new List<Guid>()), moves.ToDictionary(m => m, _ => new List<Guid>()));
            for (var i = 0; i < many; i++)
            {
                var (id, edition, move) = (new Guid(i, (short)many, 0, new byte[8]), random.Next(4), moves[random.Next(2)]);
                readers.Add(id, edition < 3 ? editions[edition] : null, move);
                byMove[move].Add(id);
                if (edition < 3)
                {
                    byEdition[editions[edition]].Add(id);
                }
            }

            Assert.Equal((many, byEdition.Values.Sum(hers => hers.Count)), (readers.Count, readers.Owed));
            Assert.All(editions, edition => Assert.Equal(byEdition[edition], readers.Of(edition, 500).SelectMany(some => some)));
            Assert.All(readers.Of(editions[0], 500).SkipLast(1), some => Assert.Equal(500, some.Length));
            Assert.Equal(moves.ToHashSet(), readers.Moves.ToHashSet());
            Assert.All(moves, move => Assert.Equal(byMove[move], readers.Of(move, 5_000).SelectMany(some => some)));
        }

        readers.Clear();
        Assert.Empty(readers.Of(editions[0], 500));
    }
}
