using System.Text;

namespace Traffic.Reporting.Counts;

/// <summary>Gives each combination of values a number, in the order in which they first come. One writer; what was published stays as it is.</summary>
/// <param name="places">How many values make a combination.</param>
sealed class CountKeys(int places)
{
    readonly Dictionary<byte[], int> numbers = new(BytesComparer.Instance);
    readonly Dictionary<string, int>[] known = [.. Enumerable.Range(0, places).Select(_ => new Dictionary<string, int>())];
    readonly string[][] values = [.. Enumerable.Range(0, places).Select(_ => new string[16])];
    int[] parts = new int[places * 64];

    public int Count { get; private set; }

    /// <param name="key">The values in UTF-8, each ended by a zero byte.</param>
    public int Of(ReadOnlySpan<byte> key)
    {
        var lookup = numbers.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (lookup.TryGetValue(key, out var number))
            return number;
        number = Count;
        if ((number + 1) * places > parts.Length)
            Array.Resize(ref parts, parts.Length * 2);
        var rest = key;
        for (var place = 0; place < places; place++)
        {
            var end = rest.IndexOf((byte)0);
            parts[(number * places) + place] = Value(place, Encoding.UTF8.GetString(rest[..end]));
            rest = rest[(end + 1)..];
        }
        lookup[key] = number;
        Count++;
        return number;
    }

    int Value(int place, string value)
    {
        if (known[place].TryGetValue(value, out var number))
            return number;
        number = known[place].Count;
        if (number == values[place].Length)
            Array.Resize(ref values[place], number * 2);
        values[place][number] = value;
        return known[place][value] = number;
    }

    /// <summary>As of now: what is added later is not in it.</summary>
    public KeyView View() => new(Count, places, parts, [.. values.Select((of, place) => new ArraySegment<string>(of, 0, known[place].Count))]);
}

/// <summary>Combinations as they were published.</summary>
/// <param name="Values">By place: each value under its number.</param>
sealed record KeyView(int Count, int Places, int[] Parts, IReadOnlyList<ArraySegment<string>> Values)
{
    /// <summary>Number of a combination's value.</summary>
    public int Part(int key, int place) => Parts[(key * Places) + place];

    public string Value(int key, int place) => Values[place][Part(key, place)];

    /// <summary>For each value of a place whether it is asked for; null where all are.</summary>
    public bool[]? Accepted(int place, IReadOnlyCollection<string>? asked) =>
        asked is null ? null : [.. Values[place].Select(asked.Contains)];
}
