using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Traffic.Tests.Register;

/// <summary>The law changed from the command line, by the real executable over a database a host has used.</summary>
[Category("Postgres")]
public sealed class CatalogueVerbTests
{
    string folder = "";
    TestDatabase database = null!;
    Guid record;

    [OneTimeSetUp]
    public async Task Fill()
    {
        folder = CatalogueFolders.CopyOfSchemas();
        CatalogueFolders.Replace(folder, "2022-04-01.json", "red-light.motor", "\"points\": 6", "\"points\": 3");
        database = await TestCluster.CreateDatabase();
        await using var app = await TrafficApp.Start(on: database);
        record = await app.Officer(app.RedLight());
    }

    [OneTimeTearDown]
    public async Task Drop()
    {
        Directory.Delete(folder, recursive: true);
        await database.DisposeAsync();
    }

    string File22 => Path.Combine(folder, "catalogue/2022-04-01.json");

    [Test]
    public async Task A_change_is_previewed_released_listed_and_undone()
    {
        var (exit, said, complained) = await Run("preview", File22, "--json");
        Assert.That(exit, Is.EqualTo(0), complained);
        var preview = JsonNode.Parse(said)!["preview"]!;
        Assert.That(((long)preview["moved"]!["changed"]!, (long)preview["moved"]!["total"]!["pointsAfter"]!), Is.EqualTo((1L, 3L)));
        Assert.That((string?)preview["moved"]!["samples"]![0]!["recordId"], Is.EqualTo($"{record}"));

        (exit, said, complained) = await Run("release", File22, "--by", "analyst-1", "--second", "jurist-2", "--reason", "test", "--retroactive");
        Assert.That(exit, Is.EqualTo(0), complained);
        Assert.That(said, Does.Contain("Version 2").And.Contain("1 changed"));

        (exit, said, _) = await Run("versions");
        Assert.That(said, Does.Match(@"2 \* 2022-04-01\+[0-9a-f]{8}  release").And.Contain("analyst-1 + jurist-2"));

        (exit, said, complained) = await Run("undo", "2", "--by", "analyst-1", "--second", "jurist-2", "--reason", "test", "--json");
        Assert.That(exit, Is.EqualTo(0), complained);
        Assert.That((string?)JsonNode.Parse(said)!["kind"], Is.EqualTo("undo"));
    }

    [Test]
    public async Task A_refusal_is_said_in_both_languages_and_the_exit_is_1()
    {
        var (exit, _, complained) = await Run("release", File22, "--by", "analyst-1", "--reason", "test", "--retroactive");
        Assert.That((exit, complained.Contains("一人不得发布", StringComparison.Ordinal), complained.Contains("One person alone", StringComparison.Ordinal)), Is.EqualTo((1, true, true)), complained);

        var wrong = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}", "2022-04-01.json");
        Directory.CreateDirectory(Path.GetDirectoryName(wrong)!);
        await File.WriteAllTextAsync(wrong, (await File.ReadAllTextAsync(File22)).Replace("\"points\": 3", "\"points\": 5", StringComparison.Ordinal));
        (exit, _, complained) = await Run("preview", wrong);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(complained, Does.Match("2022-04-01.json, line [0-9]+: .*5 points"));
    }

    Task<(int Exit, string Said, string Complained)> Run(params string[] arguments) => Executable.Run(["catalogue", .. arguments],
        ("ConnectionStrings:Traffic", database.ConnectionString), ("Traffic:Data", Path.Combine(Path.GetTempPath(), "traffic-test-keys")));
}
