using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Traffic.Contracts;

namespace Traffic.Platform;

/// <summary>Every statement that appends to the log outside a migration; bodies are lines of JSON.</summary>
public static class Log
{
    const string AppendRow = "select first_sequence, created_at from platform.append($1, $2, $3, $4, clock_timestamp())";

    /// <summary>Appends one body in the connection's current transaction.</summary>
    public static Task<(long FirstSequence, DateTime CreatedAt)> Append(
        NpgsqlConnection connection, string stream, long position, int items, ReadOnlyMemory<byte> body, CancellationToken cancel) =>
        Append(new RoundTrip(connection), stream, position, items, body, cancel);

    /// <summary>Appends one body in the connection's current transaction, after the statements of the trip.</summary>
    public static async Task<(long FirstSequence, DateTime CreatedAt)> Append(
        RoundTrip trip, string stream, long position, int items, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        (long FirstSequence, DateTime CreatedAt) appended = default;
        trip.Add(AppendRow, row => appended = (row.GetInt64(0), row.GetDateTime(1)),
            new() { Value = stream }, new() { Value = position }, new() { Value = items },
            new() { Value = body, NpgsqlDbType = NpgsqlDbType.Bytea });
        await trip.Send(cancel);
        return appended;
    }

    /// <summary>The lines of a body, without their line feeds.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> body)
    {
        while (!body.IsEmpty)
        {
            var end = body.Span.IndexOf((byte)'\n');
            if (end < 0)
                end = body.Length;
            yield return body[..end];
            body = body[Math.Min(end + 1, body.Length)..];
        }
    }

    /// <summary>A line of the log <c>register</c> that is a change of standing; null where it is one of an activity.</summary>
    public static StandingChanged? Standing(ReadOnlyMemory<byte> line) =>
        IsActivity(line) ? null : JsonSerializer.Deserialize(line.Span, TrafficJson.Plain.StandingChanged);

    /// <summary>The lines of a body of the log <c>register</c>, each as <see cref="Standing"/> reads it; none where a line cannot be read.</summary>
    public static IReadOnlyList<StandingChanged?> Standings(ReadOnlyMemory<byte> body)
    {
        try
        {
            return [.. Lines(body).Select(Standing)];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>A line of the log <c>register</c> that is a change of an activity; null where it is one of a standing.</summary>
    public static ActivityChanged? Activity(ReadOnlyMemory<byte> line) =>
        IsActivity(line) ? JsonSerializer.Deserialize(line.Span, TrafficJson.Plain.ActivityChanged) : null;

    /// <summary>A line of the log <c>alarm</c>.</summary>
    public static AlarmChanged? Alarm(ReadOnlyMemory<byte> line) => JsonSerializer.Deserialize(line.Span, TrafficJson.Plain.AlarmChanged);

    static bool IsActivity(ReadOnlyMemory<byte> line) => line.Span.StartsWith("{\"activityId\":"u8);
}
