using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using Traffic.Platform;

namespace Traffic.Tests.Register;

/// <summary>Files seed the catalogue at the first start; from then on the version in the register decides, whatever the files say.</summary>
[Category("Postgres")]
public sealed class CatalogueSeedTests
{
    string schemas = "";

    [SetUp]
    public void Copy() => schemas = CatalogueFolders.CopyOfSchemas();

    [TearDown]
    public void Delete() => Directory.Delete(schemas, recursive: true);

    [Test]
    public async Task The_first_start_takes_the_files_as_version_1_byte_for_byte()
    {
        await using var app = await TrafficApp.Start();

        var versions = await app.Rows("select id, kind, state, version from register.catalogue", row => (row.GetInt32(0), row.GetString(1), row.GetString(2), row.GetString(3)));
        Assert.That(versions, Is.EqualTo(new[] { (1, "seed", "done", Law.Example.Catalogue.Version) }));
        var kept = await app.Rows("select name, bytes from register.catalogue_file where catalogue = 1 order by name collate \"C\"",
            row => (row.GetString(0), Convert.ToHexString(row.GetFieldValue<byte[]>(1))));
        Assert.That(kept, Is.EqualTo(Traffic.Catalogue.Catalogue.FilesOf(Path.Combine(Repository.Root, "schemas/catalogue"))
            .Select(file => (file.Name, Convert.ToHexString(file.Bytes)))));
    }

    [TestCase(false, "decides. Another one decides only once it is released", Description = "other files")]
    [TestCase(true, "are not valid and are left aside", Description = "files that are not valid")]
    public async Task Files_that_differ_from_the_version_in_force_are_told_and_not_used(bool broken, string told)
    {
        await using var database = await TestCluster.CreateDatabase();
        await using (var first = await TrafficApp.Start(on: database)) { }
        CatalogueFolders.Replace(schemas, "2022-04-01.json", "red-light.motor", "\"points\": 6", broken ? "\"points\": 5" : "\"points\": 3");
        var log = new Said();

        await using var app = await TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:Schemas"] = schemas }, database,
            services => services.AddSingleton<ILoggerProvider>(log).AddLogging(logging => logging.AddFilter<Said>(null, LogLevel.Information)));
        await app.Officer(app.RedLight());

        Assert.That(await app.Rows("select points from register.violation", row => row.GetInt32(0)), Is.EqualTo(new[] { 6 }));
        Assert.That(await app.Rows("select count(*) from register.catalogue", row => row.GetInt64(0)), Is.EqualTo(new[] { 1L }));
        Assert.That(log.Lines, Has.Some.Contains(told));
    }

    [Test]
    public void Without_any_version_files_that_are_not_valid_stop_the_start_and_name_file_and_line()
    {
        CatalogueFolders.Replace(schemas, "2022-04-01.json", "red-light.motor", "\"points\": 6", "\"points\": 5");

        Assert.That(async () => await TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:Schemas"] = schemas }),
            Throws.TypeOf<StartRefusedException>().With.Message.Match("2022-04-01.json, line [0-9]+: .*5 points"));
    }
}

/// <summary>Catalogues changed for a test.</summary>
static class CatalogueFolders
{
    /// <summary>The folder <c>schemas</c> again, to be changed.</summary>
    public static string CopyOfSchemas()
    {
        var source = Path.Combine(Repository.Root, "schemas");
        var folder = Directory.CreateTempSubdirectory("schemas-").FullName;
        foreach (var file in Directory.EnumerateFiles(source, "*.json", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        return folder;
    }

    /// <summary>Changes the first such text after an entry's id.</summary>
    public static void Replace(string schemas, string file, string entry, string from, string to)
    {
        var path = Path.Combine(schemas, "catalogue", file);
        File.WriteAllText(path, Replaced(File.ReadAllText(path), entry, from, to));
    }

    public static string Replaced(string text, string entry, string from, string to)
    {
        var start = text.IndexOf($"\"id\": \"{entry}\"", StringComparison.Ordinal);
        var at = start < 0 ? -1 : text.IndexOf(from, start, StringComparison.Ordinal);
        Assert.That(at, Is.GreaterThanOrEqualTo(0), $"{entry} has no {from}");
        return text[..at] + to + text[(at + from.Length)..];
    }
}
