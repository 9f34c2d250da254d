using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Traffic.Contracts;

/// <summary>How everything of ours is written as JSON: camelCase, enums as words, absent members left out, Chinese as itself.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReportedViolation))]
[JsonSerializable(typeof(SealedMembers))]
[JsonSerializable(typeof(StandingChanged))]
[JsonSerializable(typeof(StandingsChanged))]
[JsonSerializable(typeof(PersonDecided))]
[JsonSerializable(typeof(ReportedActivity))]
[JsonSerializable(typeof(ActivityChanged))]
[JsonSerializable(typeof(ActivitiesChanged))]
[JsonSerializable(typeof(AlarmChanged))]
[JsonSerializable(typeof(LogAppended))]
public sealed partial class TrafficJson : JsonSerializerContext
{
    /// <summary>The context to use: source generated, with relaxed escaping so that a log body can be read.</summary>
    public static TrafficJson Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
