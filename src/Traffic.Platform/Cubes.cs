using System.Text.Json;
using System.Text.Json.Serialization;

namespace Traffic.Platform;

/// <summary>One table of counts.</summary>
/// <param name="Id">Its name in <c>register.cell</c>.</param>
/// <param name="Measure">What is added up: <c>records</c>, <c>persons</c>, <c>CNY</c>, <c>minutes</c>, …</param>
/// <param name="Dimensions">What <c>keys</c> holds, joined by <c>|</c>, beside day and division.</param>
/// <param name="MultiBucket">True where one record may stand in several cells, so that the cells do not add up to the records.</param>
/// <param name="Of">What its cells are moved by: <c>violation</c>; a kind of activity, e.g. <c>crash</c>; or <c>activity</c>, every report of any kind.</param>
/// <param name="Stock">
/// True where the cells are what came in (above 0) and went out (below 0) on a day: the sum of all days up to one is what was
/// there at its end.
/// </param>
/// <param name="Moves">
/// The dimension of a stock that tells what came in from what went out: where it is told apart, a stock of which all went out is 0; null
/// of a cube frozen before it was named, and there such a stock says nothing.
/// </param>
/// <param name="Evidence">
/// The cube whose rows show that somebody looked: where it has any, no row here means 0 (crashes in which nobody died); null
/// where no row means that nothing is known.
/// </param>
public sealed record Cube(
    string Id, string Measure, IReadOnlyList<string> Dimensions, bool MultiBucket, string Of = "violation", bool Stock = false,
    string? Evidence = null, string? Moves = null)
{
    /// <summary>True where its cells count violations; else what each activity counts for is kept beside it.</summary>
    [JsonIgnore]
    public bool CountsViolations => Of == "violation";
}

/// <summary>The cubes declared in <c>schemas/targets/cubes.json</c>.</summary>
/// <param name="all">All of them.</param>
public sealed class Cubes(IReadOnlyList<Cube> all)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<Cube> All { get; } = all;

    /// <summary>A cube by name; null where nothing counts such things yet.</summary>
    public Cube? Find(string id) => All.FirstOrDefault(cube => cube.Id == id);

    /// <summary>Reads the declaration.</summary>
    /// <exception cref="StartRefusedException">It is not as it must be; names file and line.</exception>
    public static Cubes Load(SchemaFiles schemas)
    {
        try
        {
            return new(JsonSerializer.Deserialize<List<Cube>>(File.ReadAllText(schemas.PathOf("targets", "cubes.json")), Json)!);
        }
        catch (JsonException unreadable)
        {
            throw new StartRefusedException($"targets/cubes.json, line {unreadable.LineNumber + 1}: it cannot be read as cubes.", unreadable);
        }
    }
}
