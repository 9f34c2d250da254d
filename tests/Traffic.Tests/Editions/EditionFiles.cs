using System.Security.Cryptography;
using System.Text;
using Traffic.Reporting.Editions;

namespace Traffic.Tests.Editions;

/// <summary>An edition and its export as files, held against each other without the server.</summary>
static class EditionFiles
{
    public static string Address(string edition) => $"/api/v1/reports/editions/{edition}";

    /// <summary>The lines of an edition's export.</summary>
    public static async Task<List<string>> Exported(this TrafficApp app, string id) =>
        [.. Encoding.UTF8.GetString(await app.Http.GetByteArrayAsync($"{Address(id)}/records")).Split("\r\n")[..^1]];

    public static EditionVerdict Verify(byte[] edition, IReadOnlyList<string> lines) => EditionCheck.Verify(
        new MemoryStream(edition), new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\r\n")))));

    /// <summary>The edition with another text, sealed anew, and its export naming the new digest.</summary>
    public static EditionVerdict Forged(byte[] file, List<string> lines, string text)
    {
        EditionSeal.Edition(file, out var index, out _);
        var bytes = Encoding.UTF8.GetBytes(text);
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return Verify(EditionSeal.File(bytes, index, EditionModel.FormatName).ToArray(),
            [.. lines.Select(line => line.StartsWith("digest,", StringComparison.Ordinal) ? $"digest,{digest}" : line)]);
    }
}
