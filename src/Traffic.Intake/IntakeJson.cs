using System.Text.Json;
using System.Text.Json.Serialization;
using Traffic.Contracts;
using Traffic.Intake.Activities;
using Traffic.Platform;

namespace Traffic.Intake;

/// <summary>
/// How incoming JSON is read: strictly. Unknown or doubled members, numbers in quotes, numbers for words and times without
/// an offset are refused.
/// </summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NewViolation))]
[JsonSerializable(typeof(NewCrash))]
[JsonSerializable(typeof(NewDanger))]
[JsonSerializable(typeof(NewDangerChange))]
[JsonSerializable(typeof(NewObservation))]
[JsonSerializable(typeof(NewSession))]
[JsonSerializable(typeof(NewSessionClosing))]
[JsonSerializable(typeof(NewPoint))]
[JsonSerializable(typeof(NewVisit))]
[JsonSerializable(typeof(NewVoid))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(BatchAnswer))]
sealed partial class IntakeJson : JsonSerializerContext
{
    public static IntakeJson Strict { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        MaxDepth = 8,
        Converters =
        {
            new OneWord<RecordSource>(),
            new OneWord<RoadKind>(),
            new OneWord<PlaceKind>(),
            new OneWord<Quantity>(),
            new OneWord<Signal>(),
            new OneWord<ActivityKind>(),
            new OneWord<ReportVerb>(),
            new OneWord<CrashCause>(),
            new OneWord<CrashOccasion>(),
            new OneWord<DangerKind>(),
            new OneWord<ObservedThing>(),
            new OneWord<PatrolMode>(),
            new OneWord<PointKind>(),
            new InstantWithOffset(),
        },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });
}

/// <summary>Answer to a batch: item by item, in the order sent.</summary>
public sealed record BatchAnswer
{
    /// <summary>How many were new.</summary>
    public required int Accepted { get; init; }

    /// <summary>How many were known already.</summary>
    public required int Duplicate { get; init; }

    /// <summary>How many ids were taken by other records.</summary>
    public required int Conflict { get; init; }

    /// <summary>How many were not as they must be.</summary>
    public required int Rejected { get; init; }

    /// <summary>One for each item.</summary>
    public required IReadOnlyList<Receipt> Results { get; init; }
}
