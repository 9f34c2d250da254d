using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Reporting.Editions;

namespace Traffic.Tests.Editions;

/// <summary>Editions and exports as earlier programs gave them out (<c>earlier/</c>): they are on somebody's disk for ever.</summary>
public sealed class EarlierFormatTests
{
    [TestCase("first", "traffic-edition/1")]
    [TestCase("second", "traffic-edition/2")]
    [TestCase("third", "traffic-edition/3")]
    public void An_edition_of_an_earlier_format_still_verifies(string name, string format)
    {
        var folder = Path.Combine(Repository.Root, "tests", "Traffic.Tests", "Editions", "earlier");
        var (edition, export) = (File.ReadAllBytes(Path.Combine(folder, $"{name}.json")), Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, $"{name}.csv"))));
        var lines = export.Split("\r\n")[..^1].ToList();
        Assert.That((string)JsonNode.Parse(edition)!["format"]!, Is.EqualTo(format));

        Assert.That(Verify(edition, lines), Has.Property("Ok").True);

        var late = lines.FindIndex(line => line.StartsWith("late,", StringComparison.Ordinal));
        Assert.That(late, Is.Positive, "it has late ones");
        var changed = Verify(edition, [.. lines[..late], lines[late].Replace(",2026-", ",2025-", StringComparison.Ordinal), .. lines[(late + 1)..]]);
        Assert.That((changed.Ok, changed.Why, changed.Record), Is.EqualTo((false, "changed", lines[late].Split(',')[1])));
    }

    static EditionVerdict Verify(byte[] edition, IReadOnlyList<string> lines) => EditionCheck.Verify(
        new MemoryStream(edition), new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\r\n")))));
}
