using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>Which values a dimension of a cube can have, where that is settled: a definition that asks for another would count nothing for ever.</summary>
static class CubeValues
{
    static readonly string[] YesNo = ["yes", "no"];

    /// <summary>By dimension; an entry, a family, an item, a tag, a class of vehicles, a unit or an origin may yet come and is not here.</summary>
    static readonly Dictionary<string, string[]> Known = new()
    {
        ["status"] = Words<StandingStatus>(), ["shift"] = Words<Shift>(), ["source"] = Words<RecordSource>(),
        ["deaths"] = ["0", "1-2", "3-9", "10-29", "30+"], ["deathsFrom5"] = YesNo, ["casualties"] = YesNo, ["keyVehicle"] = YesNo,
        ["roadKind"] = [.. Words<RoadKind>(), "unknown"], ["cause"] = [.. Words<CrashCause>(), "unknown"],
        ["occasion"] = [.. Words<CrashOccasion>(), "none"], ["kind"] = Words<DangerKind>(), ["subject"] = ["vehicle", "driver", "enterprise"],
        ["change"] = Words<DangerState>(), ["thing"] = Words<ObservedThing>(), ["result"] = ["compliant", "other"], ["mode"] = Words<PatrolMode>(),
        ["state"] = ["open", "closed"], ["pointKind"] = Words<PointKind>(), ["activity"] = Words<ActivityKind>(),
    };

    /// <summary>Every value a dimension can have; null where another may yet come.</summary>
    public static string[]? Of(string dimension) => Known.GetValueOrDefault(dimension);

    public static bool IsKnown(Cube cube, string dimension, string value) =>
        cube.Dimensions.Contains(dimension) && Of(dimension)?.Contains(value) != false;

    static string[] Words<T>() where T : struct, Enum => [.. Enum.GetValues<T>().Select(one => one.Word())];
}
