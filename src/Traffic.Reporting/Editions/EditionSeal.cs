using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Traffic.Reporting.Editions;

/// <summary>Where a member of an edition stands in its file.</summary>
readonly record struct Section(string Name, int Start, int End);

/// <summary>A file that is no JSON object any more, and the member in which it ceases to be one.</summary>
sealed class SectionUnreadableException(string? section, JsonException why) : Exception(why.Message, why)
{
    public string? Section { get; } = section;
}

/// <summary>What binds every byte of an edition.</summary>
/// <param name="Digest">SHA-256 of the edition's bytes as given with <c>index=false</c>, hexadecimal: what is signed, and what its export names.</param>
/// <param name="Sections">SHA-256 of each member's value, byte for byte: names the one that was changed.</param>
sealed record EditionSeal(string Digest, IReadOnlyDictionary<string, string> Sections)
{
    const string Index = "index";

    public static EditionSeal Of(ReadOnlySpan<byte> edition)
    {
        var sections = new Dictionary<string, string>();
        foreach (var section in SectionsOf(edition))
            sections[section.Name] = Hash(edition[section.Start..section.End]);
        return new EditionSeal(Hash(edition), sections);
    }

    /// <summary>The file that is given out and verified: the edition, then the index of its leaves, then its seal.</summary>
    public static MemoryStream File(byte[] edition, byte[] index, string format)
    {
        var file = new MemoryStream(edition.Length + index.Length * 4 / 3 + 4_096);
        file.Write(edition.AsSpan(0, edition.Length - 1));
        file.Write(Tail(index, format == EditionModel.FirstFormat ? null : Of(edition)));
        return file;
    }

    /// <summary>What follows the edition's own members.</summary>
    static byte[] Tail(byte[] index, EditionSeal? seal) => Encoding.UTF8.GetBytes(
        $",\"{Index}\":\"{Convert.ToBase64String(index)}\"{(seal is null ? "" : $",\"seal\":{JsonSerializer.Serialize(seal, EditionModel.Json)}")}}}");

    /// <summary>Takes a file apart again.</summary>
    /// <param name="seal">Null where it has none: so were the first ones given out.</param>
    /// <exception cref="JsonException">It is no such file.</exception>
    /// <exception cref="SectionUnreadableException">It is no JSON.</exception>
    public static byte[] Edition(byte[] file, out byte[] index, out EditionSeal? seal)
    {
        var members = SectionsOf(file);
        if (members.Count == 0 || members.FindIndex(one => one.Name == Index) is not (> 0 and var at))
            throw new JsonException("The edition was saved without its index.");
        byte[] edition = [.. file.AsSpan(0, members[at - 1].End), (byte)'}'];
        index = JsonSerializer.Deserialize<byte[]>(file.AsSpan(members[at].Start, members[at].End - members[at].Start))!;
        seal = members.FindIndex(one => one.Name == "seal") is > 0 and var last
            ? JsonSerializer.Deserialize<EditionSeal>(file.AsSpan(members[last].Start, members[last].End - members[last].Start), EditionModel.Json) : null;
        if (!file.AsSpan(members[at - 1].End).SequenceEqual(Tail(index, seal)))
            throw new JsonException("What follows the edition's own members is not as it was given out.");
        return edition;
    }

    /// <summary>The first section of which the edition says otherwise than its seal; null where it is as it was sealed.</summary>
    public string? Broken(ReadOnlySpan<byte> edition)
    {
        var now = Of(edition);
        foreach (var (name, hash) in now.Sections)
            if (Sections.GetValueOrDefault(name) != hash)
                return name;
        return Sections.Keys.FirstOrDefault(name => !now.Sections.ContainsKey(name)) ?? (Digest == now.Digest ? null : "seal");
    }

    /// <summary>The members of a file and where their values stand.</summary>
    static List<Section> SectionsOf(ReadOnlySpan<byte> file)
    {
        var sections = new List<Section>();
        string? name = null;
        try
        {
            var reader = new Utf8JsonReader(file);
            reader.Read();
            while (reader.TokenType == JsonTokenType.StartObject && reader.CurrentDepth == 0 || reader.CurrentDepth > 0)
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.PropertyName)
                    break;
                name = reader.GetString()!;
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                sections.Add(new Section(name, start, (int)reader.BytesConsumed));
            }
            while (reader.Read())
            {
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            throw new SectionUnreadableException(name, unreadable as JsonException ?? new JsonException(unreadable.Message, unreadable));
        }
        return sections;
    }

    static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
