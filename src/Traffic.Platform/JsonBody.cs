using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Traffic.Platform;

/// <summary>How bodies are read: strictly, and every fault of one is named at once.</summary>
public static class JsonBody
{
    static readonly JsonSerializerOptions Strict = MakeStrict();

    static JsonSerializerOptions MakeStrict()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false,
            PropertyNameCaseInsensitive = false, NumberHandling = JsonNumberHandling.Strict,
            Converters = { new EachOneWord(), new InstantWithOffset() },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    /// <summary>The body, one object, or the answer that refuses it: 415, or 400 with its faults.</summary>
    /// <param name="request">Whose body.</param>
    /// <param name="words">Where the texts are.</param>
    /// <param name="title">The word that says what is refused.</param>
    /// <param name="rules">What is wrong with a body that can be read; of one that cannot, with what could be read of it.</param>
    /// <param name="cancel">Cancels.</param>
    /// <param name="alsoReads">By the code of a rule: the members it looks at beside the one it names.</param>
    /// <exception cref="BadHttpRequestException">408: it did not come in time.</exception>
    public static async Task<(T? Sent, IResult? Refused)> Read<T>(
        HttpRequest request, Words words, string title, Func<T, IEnumerable<Fault>>? rules, CancellationToken cancel,
        IReadOnlyDictionary<string, string[]>? alsoReads = null) where T : class
    {
        var language = Words.Language(request.HttpContext);
        if (!request.IsJson())
            return (null, Results.Problem(new ProblemDetails
            {
                Status = StatusCodes.Status415UnsupportedMediaType, Type = "urn:traffic:refused", Title = words.Get("body.contentType", language),
            }));
        var body = await ReadAll(request.BodyReader, cancel);
        try
        {
            var type = Strict.GetTypeInfo(typeof(T));
            IReadOnlyList<Fault> faults;
            if (One<T>(body, type) is { } sent)
            {
                faults = [.. rules?.Invoke(sent) ?? []];
                if (faults.Count == 0)
                    return (sent, null);
            }
            else
            {
                (faults, var rest) = MemberByMember.Read<T>(body, type);
                if (rest is not null && rules is not null)
                    faults = [.. faults, .. MemberByMember.Beside(faults, rules(rest), alsoReads)];
            }
            return (null, Results.Problem(words.Refused(faults, language, title)));
        }
        finally
        {
            request.BodyReader.AdvanceTo(body.End);
        }
    }

    /// <summary>The value in a text.</summary>
    /// <returns>Null if it is not one value of that shape alone.</returns>
    public static T? One<T>(ReadOnlySequence<byte> json, JsonTypeInfo type) where T : class
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            var sent = (T?)JsonSerializer.Deserialize(ref reader, type);
            return reader.Read() ? null : sent;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The whole body; the server bounds its length. The reader must be advanced to its end afterwards.</summary>
    /// <exception cref="BadHttpRequestException">408: it did not come in time, so nothing was taken.</exception>
    public static async Task<ReadOnlySequence<byte>> ReadAll(PipeReader body, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                var read = await body.ReadAsync(cancel);
                if (read.IsCompleted)
                    return WithoutMark(read.Buffer);
                body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (OperationCanceledException)
        {
            throw new BadHttpRequestException("The body did not come in time.", StatusCodes.Status408RequestTimeout);
        }
    }

    /// <summary>Some programs put a byte order mark before UTF-8: it says nothing (RFC 8259, 8.1).</summary>
    static ReadOnlySequence<byte> WithoutMark(ReadOnlySequence<byte> body)
    {
        Span<byte> begin = stackalloc byte[3];
        if (body.Length < begin.Length)
            return body;
        body.Slice(0, begin.Length).CopyTo(begin);
        return begin.SequenceEqual(Encoding.UTF8.Preamble) ? body.Slice(begin.Length) : body;
    }
}
