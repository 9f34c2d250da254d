using System.Globalization;

namespace Traffic.Catalogue;

/// <summary>
/// Writes a trace: compact JSON, ASCII, at most <see cref="MaxBytes"/> bytes, the same for the same record. What does not
/// fit is left out whole and the trace says so with <c>"more":1</c>.
/// </summary>
ref struct Trace
{
    public const int MaxBytes = 300;

    /// <summary>Room for what closes a trace.</summary>
    const int Tail = 12;

    /// <summary>A reporter's words are cut to this.</summary>
    const int MaxText = 24;

    readonly Span<char> buffer;
    int length;
    bool inside, more, itemsFit, firstItem;

    public Trace(Span<char> buffer, string rule, string? edition)
    {
        this.buffer = buffer;
        Raw("{\"rule\":\"");
        Text(rule, 64);
        Raw("\"");
        if (edition is not null)
        {
            Raw(",\"v\":\"");
            Raw(edition);
            Raw("\"");
        }
    }

    public void Say(string name, string value)
    {
        if (Fits(name.Length + Math.Min(value.Length, 64) + 6))
            Pair(name, value, 64);
    }

    public void Say(string name, List<string> values)
    {
        BeginList(name);
        foreach (var value in values)
            Item(value);
        EndList();
    }

    public void BeginList(string name)
    {
        Raw(",\"");
        Raw(name);
        Raw("\":[");
        (itemsFit, firstItem) = (true, true);
    }

    /// <summary>The next value; null for none. Where one does not fit, no later one is written.</summary>
    public void Item(string? value)
    {
        if (value is null || !itemsFit)
            return;
        itemsFit = Fits(value.Length + 5);
        if (!itemsFit)
            return;
        Raw(firstItem ? "\"" : ",\"");
        firstItem = false;
        Text(value, 32);
        Raw("\"");
    }

    public void EndList() => Raw("]");

    /// <summary>An input of the decision.</summary>
    public void In(string name, string? value)
    {
        if (value is null || !Fits(name.Length + Math.Min(value.Length, MaxText) + 13))
            return;
        Open();
        Pair(name, value, MaxText);
    }

    public void In(string name, decimal? value)
    {
        if (value is not { } number || !Fits(name.Length + 44))
            return;
        Open();
        Raw(buffer[length - 1] == '{' ? "\"" : ",\"");
        Raw(name);
        Raw("\":\"");
        // 96 and 96.0 are the same input: trailing zeros would make two traces of one fact.
        (number.Scale == 0 ? number : number / 1.0000000000000000000000000000m).TryFormat(buffer[length..], out var written, default, CultureInfo.InvariantCulture);
        length += written;
        Raw("\"");
    }

    public string End()
    {
        if (inside)
            Raw("}");
        if (more)
            Raw(",\"more\":1");
        Raw("}");
        return new string(buffer[..length]);
    }

    void Open()
    {
        if (!inside)
            Raw(",\"in\":{");
        inside = true;
    }

    bool Fits(int room)
    {
        var fits = length + room + Tail <= MaxBytes;
        more |= !fits;
        return fits;
    }

    void Pair(string name, string value, int max)
    {
        Raw(buffer[length - 1] == '{' ? "\"" : ",\"");
        Raw(name);
        Raw("\":\"");
        Text(value, max);
        Raw("\"");
    }

    void Raw(string text)
    {
        text.CopyTo(buffer[length..]);
        length += text.Length;
    }

    /// <summary>Anything but printable ASCII becomes a question mark: the trace needs no escapes and its length is known.</summary>
    void Text(string text, int max)
    {
        for (var i = 0; i < text.Length && i < max; i++)
            buffer[length++] = text[i] is >= ' ' and < (char)127 and not '"' and not '\\' ? text[i] : '?';
    }
}
