namespace Alerts.Digests.Cuts;

/// <summary>
/// The readers of a stretch in the order they came, by their edition and by their move: 32 bytes each, in flat arrays that are used again for the next stretch. A list for
/// each edition would leave megabytes of large objects behind, which are seldom collected.
/// </summary>
internal sealed class StretchReaders
{
    /// <summary>Grown twice it is as long as a stretch.</summary>
    private const int Few = 3_125;

    private const int Growth = 8;

    private readonly Groups<EditionDraft> editions = new();
    private readonly Groups<ReaderMove> moves = new();
    private Guid[] ids = new Guid[Few];

    public int Count { get; private set; }

    /// <summary>How many have an edition.</summary>
    public int Owed => editions.Count;

    public IEnumerable<ReaderMove> Moves => moves.All;

    /// <param name="edition">Null: she is owed nothing.</param>
    public void Add(Guid reader, EditionDraft? edition, ReaderMove move)
    {
        if (Count == ids.Length)
        {
            Array.Resize(ref ids, Count * Growth);
        }

        ids[Count] = reader;
        editions.Put(Count, edition);
        moves.Put(Count, move);
        Count++;
    }

    /// <summary>The readers of an edition, so many at a time.</summary>
    public IEnumerable<Guid[]> Of(EditionDraft edition, int atOnce) => Ids(editions.Of(edition, Count), atOnce);

    /// <summary>The readers who make a move, so many at a time.</summary>
    public IEnumerable<Guid[]> Of(ReaderMove move, int atOnce) => Ids(moves.Of(move, Count), atOnce);

    public void Clear()
    {
        editions.Clear();
        moves.Clear();
        Count = 0;
    }

    private IEnumerable<Guid[]> Ids(ArraySegment<int> places, int atOnce)
    {
        for (var passed = 0; passed < places.Count; passed += atOnce)
        {
            yield return Array.ConvertAll(places.Slice(passed, Math.Min(atOnce, places.Count - passed)).ToArray(), place => ids[place]);
        }
    }

    /// <summary>Which reader, by her place, is in which group.</summary>
    private sealed class Groups<T>
        where T : notnull
    {
        private const int None = -1;

        private readonly Dictionary<T, int> numbers = [];
        private readonly List<int> counts = [];
        private readonly List<int> ends = [];
        private int[] groups = new int[Few];

        /// <summary>The places, group by group, once they were asked for.</summary>
        private int[] sorted = [];
        private bool isSorted;

        public IEnumerable<T> All => numbers.Keys;

        /// <summary>Of readers who are in a group.</summary>
        public int Count { get; private set; }

        public void Put(int place, T? group)
        {
            if (place == groups.Length)
            {
                Array.Resize(ref groups, place * Growth);
            }

            isSorted = false;
            groups[place] = group is null ? None : NumberOf(group);
        }

        public ArraySegment<int> Of(T group, int readers)
        {
            if (!isSorted)
            {
                Sort(readers);
            }

            return numbers.TryGetValue(group, out var number) ? new ArraySegment<int>(sorted, ends[number] - counts[number], counts[number]) : [];
        }

        public void Clear()
        {
            numbers.Clear();
            counts.Clear();
            Count = 0;
        }

        private int NumberOf(T group)
        {
            if (!numbers.TryGetValue(group, out var number))
            {
                number = counts.Count;
                numbers.Add(group, number);
                counts.Add(0);
            }

            counts[number]++;
            Count++;
            return number;
        }

        /// <summary>By counting: each group's places begin where those of the groups before it end.</summary>
        private void Sort(int readers)
        {
            if (sorted.Length < groups.Length)
            {
                sorted = new int[groups.Length];
            }

            ends.Clear();
            var begin = 0;
            foreach (var count in counts)
            {
                ends.Add(begin);
                begin += count;
            }

            for (var place = 0; place < readers; place++)
            {
                if (groups[place] != None)
                {
                    sorted[ends[groups[place]]++] = place;
                }
            }

            isSorted = true;
        }
    }
}
