using System.Text.Json;
using System.Text.Json.Serialization;

namespace Traffic.Intake;

/// <summary>How incoming JSON is read: strictly. Unknown or doubled members and numbers in quotes are refused.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NewViolation))]
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
