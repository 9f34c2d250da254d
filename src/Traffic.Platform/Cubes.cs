using System.Text.Json;

namespace Traffic.Platform;

/// <summary>One table of counts.</summary>
/// <param name="Id">Its name in <c>register.cell</c>.</param>
/// <param name="Measure">What is added up: <c>records</c>, later deaths, injured, checked.</param>
/// <param name="Dimensions">What <c>keys</c> holds, joined by <c>|</c>, beside day and division.</param>
/// <param name="MultiBucket">True where one record may stand in several cells, so that the cells do not add up to the records.</param>
public sealed record Cube(string Id, string Measure, IReadOnlyList<string> Dimensions, bool MultiBucket);

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
    public static Cubes Load(SchemaFiles schemas) =>
        new(JsonSerializer.Deserialize<List<Cube>>(File.ReadAllText(schemas.PathOf("targets", "cubes.json")), Json)!);
}
