using System.Text.Json;

namespace Traffic.Host.Import;

/// <summary>
/// Rows of a JSON file: the objects of a list, found by its path. A column is a member of the row, <c>a.b</c> a member within one,
/// <c>../a</c> a member of the object in which the list stands.
/// </summary>
static class JsonTable
{
    /// <summary>The whole file is held in memory while it is read.</summary>
    public const long LargestBytes = 256L * 1024 * 1024;

    /// <exception cref="TableException">It is no JSON, too large, or has no such list.</exception>
    public static IEnumerable<SourceRow> Rows(Stream file, TableForm form, IReadOnlyList<string> columns)
    {
        using var document = Open(file, form);
        var found = new List<JsonElement[]>();
        Collect([document.RootElement], Steps(form.RowsPath!), found);
        for (var i = 0; i < found.Count; i++)
            yield return Row(i + 1, found[i], columns);
    }

    static JsonDocument Open(Stream file, TableForm form)
    {
        if (file.CanSeek && file.Length > LargestBytes)
            throw new TableException("import.file.large", "256 MiB");
        using var text = new StreamReader(file, form.Encoding, detectEncodingFromByteOrderMarks: true);
        try
        {
            return JsonDocument.Parse(text.ReadToEnd());
        }
        catch (JsonException unreadable)
        {
            throw new TableException("import.file.json", $"{unreadable.LineNumber + 1}");
        }
    }

    /// <summary><c>result.lists[]</c> becomes result, lists, each.</summary>
    static string?[] Steps(string path) =>
        [.. path.Split('.').SelectMany(step => step.EndsWith("[]", StringComparison.Ordinal) ? new[] { step[..^2], null } : [step])
            .Where(step => step != "")];

    /// <param name="above">The root, and every object passed on the way down.</param>
    static void Collect(JsonElement[] above, ReadOnlySpan<string?> steps, List<JsonElement[]> rows)
    {
        var here = above[^1];
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps[i] is { } member)
            {
                here = Find(here, member) switch
                {
                    [var one] => one,
                    [] => throw new TableException("import.file.noList", member),
                    _ => throw new TableException("import.file.doubled", member),
                };
                if (here.ValueKind == JsonValueKind.Object)
                    above = [.. above, here];
                continue;
            }
            if (here.ValueKind != JsonValueKind.Array)
                throw new TableException("import.file.noList", i > 0 ? steps[i - 1] ?? "" : "");
            foreach (var one in here.EnumerateArray())
                if (i + 1 == steps.Length)
                    rows.Add([.. above, one]);
                else
                    Collect([.. above, one], steps[(i + 1)..], rows);
            return;
        }
    }

    static SourceRow Row(int number, JsonElement[] path, IReadOnlyList<string> columns)
    {
        RowFault? fault = path[^1].ValueKind == JsonValueKind.Object ? null : new RowFault("", "import.notObject");
        var values = new string?[columns.Count];
        for (var i = 0; i < columns.Count && fault is null; i++)
            if (Read(path, columns[i], out values[i]) is { } code)
                fault = new RowFault("", code, columns[i]);
        return new SourceRow(number, values, fault);
    }

    /// <summary>Why it cannot be read; null where it can, or is not there.</summary>
    static string? Read(JsonElement[] path, string column, out string? value)
    {
        const string notText = "import.notText";
        value = null;
        var up = 0;
        while (column.StartsWith("../", StringComparison.Ordinal))
            (column, up) = (column[3..], up + 1);
        if (up >= path.Length)
            return notText;
        var here = path[^(up + 1)];
        foreach (var member in column.Split('.'))
            switch (Find(here, member))
            {
                case [var one]:
                    here = one;
                    break;
                case []:
                    return null;
                default:
                    return "import.doubled";
            }
        switch (here.ValueKind)
        {
            case JsonValueKind.String:
                if (Text(here) is not { } text || text.Contains('\uFFFD', StringComparison.Ordinal))
                    return notText;
                value = text.Trim() is { Length: > 0 } some ? some : null;
                return null;
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                value = here.GetRawText();
                return null;
            default:
                return here.ValueKind == JsonValueKind.Null ? null : notText;
        }
    }

    /// <summary>Every value the object has under the name: more than one where the member stands twice.</summary>
    static List<JsonElement> Find(JsonElement here, string member) =>
        here.ValueKind != JsonValueKind.Object ? [] : [.. here.EnumerateObject().Where(one => IsNamed(one, member)).Select(one => one.Value)];

    static bool IsNamed(JsonProperty one, string member)
    {
        try
        {
            return one.NameEquals(member);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate: no column's name.
            return false;
        }
    }

    /// <summary>Null where it has half a surrogate.</summary>
    static string? Text(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
