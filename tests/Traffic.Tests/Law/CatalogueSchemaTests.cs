using NUnit.Framework;
using Traffic.Catalogue;
using Traffic.Host;

namespace Traffic.Tests.Law;

/// <summary>Catalogue files are held to <c>schemas/catalogue.schema.json</c> in full; what does not fit is named with file and line.</summary>
public sealed class CatalogueSchemaTests
{
    static IReadOnlyList<CatalogueFile> Files => Traffic.Catalogue.Catalogue.FilesOf(Path.Combine(Repository.Root, "schemas", "catalogue"));

    [Test]
    public void Every_file_is_as_its_schema_says() => Assert.That(CatalogueSchema.Faults(Files).Select(fault => fault.Message), Is.Empty);

    [TestCase("2022-04-01.json", "\"pointLevels\": [", "\"pointLevels\": [\"x\", ", Description = "a word for a number")]
    [TestCase("2022-04-01.json", "\"codeList\":", "\"codeLists\":", Description = "a member that is not known, one that is missing")]
    [TestCase("2013-01-01.json", "\"inForceFrom\":", "\"inForceTo\": null, \"inForceFrom\":")]
    [TestCase("local/15-2013-01-01.json", "\"division\": \"15\"", "\"division\": 15")]
    [TestCase("overlays/2021-06-25.json", "\"months\": 12", "\"months\": \"12\"")]
    public void What_is_not_is_named_with_its_line(string file, string text, string instead)
    {
        var right = System.Text.Encoding.UTF8.GetString(Files.Single(one => one.Name == file).Bytes);
        Assert.That(right, Does.Contain(text));
        var at = right.IndexOf(text, StringComparison.Ordinal);
        var wrong = right[..at] + instead + right[(at + text.Length)..];

        var faults = CatalogueSchema.Faults([new CatalogueFile(file, System.Text.Encoding.UTF8.GetBytes(wrong))]).ToList();

        var line = right[..at].Count(one => one == '\n') + 1;
        Assert.That(faults.Select(fault => (fault.File, fault.Line)), Has.Some.EqualTo((file, line)), string.Join('\n', faults.Select(fault => fault.Message)));
    }
}
