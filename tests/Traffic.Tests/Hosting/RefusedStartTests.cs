using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Traffic.Tests.Hosting;

/// <summary>What is wrong in a file of the law or of a target stops the executable: exit 2, and one sentence with file and line.</summary>
[Category("Postgres")]
public sealed partial class RefusedStartTests
{
    string schemas = "";

    [SetUp]
    public void Copy()
    {
        schemas = Directory.CreateTempSubdirectory("traffic-schemas").FullName;
        var from = Path.Combine(Repository.Root, "schemas");
        foreach (var file in Directory.EnumerateFiles(from, "*.json", SearchOption.AllDirectories))
        {
            var to = Path.Combine(schemas, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }

    [TearDown]
    public void Delete() => Directory.Delete(schemas, recursive: true);

    [TestCase("a gap between tiers", +1)]
    [TestCase("an overlap of tiers", -1)]
    public async Task A_catalogue_whose_tiers_do_not_join(string what, int moved)
    {
        var file = Newest("catalogue");
        var lines = await File.ReadAllLinesAsync(file);
        var at = Array.FindIndex(lines, line => Tier().IsMatch(line));
        lines[at] = Tier().Replace(lines[at], tier => $"{tier.Groups[1]}{int.Parse(tier.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture) + moved}{tier.Groups[3]}", 1);
        await File.WriteAllLinesAsync(file, lines);

        await IsRefused(file, what);
    }

    [Test]
    public async Task A_catalogue_with_an_entry_without_a_source()
    {
        var file = Newest("catalogue");
        var text = await File.ReadAllTextAsync(file);
        var entries = text.IndexOf("\"entries\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text[..entries] + Sources().Replace(text[entries..], "\"sources\": []", 1));

        await IsRefused(file, "no source");
    }

    [Test]
    public async Task A_target_file_with_a_direction_that_is_none()
    {
        var file = Path.Combine(schemas, "targets", "summer-2022.json");
        var text = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, text.Replace("\"direction\": \"raise\"", "\"direction\": \"up\"", StringComparison.Ordinal));

        await IsRefused(file, "raise, zero or drop");
    }

    [Test]
    public async Task A_cube_that_is_no_JSON()
    {
        var file = Path.Combine(schemas, "targets", "cubes.json");
        await File.AppendAllTextAsync(file, ",");

        await IsRefused(file, "cubes.json");
    }

    [Test]
    public async Task A_module_that_is_none()
    {
        await using var database = await TestCluster.CreateDatabase();
        var (exit, _, complained) = await Executable.Run(
            ["serve"], ("ConnectionStrings:Traffic", database.ConnectionString), ("Traffic:Modules", "intake,regster"));

        Assert.That((exit, complained.Trim().Split('\n').Length, complained.Contains("'regster'")), Is.EqualTo((2, 1, true)), complained);
    }

    [TestCase("127.0.0.1")]
    [TestCase("localhost")]
    public async Task An_address_where_somebody_listens_already_before_anything_is_made(string host)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var data = Path.Combine(schemas, "data");
        var (exit, said, complained) = await Executable.Run(
            ["serve"], ("ConnectionStrings:Traffic", null), ("Traffic:Data", data),
            ("ASPNETCORE_URLS", $"http://127.0.0.1:0;http://{host}:{((IPEndPoint)listener.LocalEndpoint).Port}"));

        Assert.That((exit, said, complained.Contains("ASPNETCORE_URLS")), Is.EqualTo((2, "", true)), complained);
        Assert.That(complained.Trim().Split('\n'), Has.Length.EqualTo(1), "a sentence, not a stack trace");
        Assert.That(Directory.Exists(data), Is.False);
    }

    string Newest(string folder) => Directory.EnumerateFiles(Path.Combine(schemas, folder), "*-*-*.json").Order(StringComparer.Ordinal).Last();

    async Task IsRefused(string file, string what)
    {
        await using var database = await TestCluster.CreateDatabase();

        var (exit, said, complained) = await Executable.Run(
            ["serve", "--urls=http://127.0.0.1:0"], ("ConnectionStrings:Traffic", database.ConnectionString), ("Traffic:Schemas", schemas));

        Assert.That(exit, Is.EqualTo(2), said + complained);
        Assert.That(complained.Trim(), Does.Contain(Path.GetFileName(file)).And.Match("(line |:)[0-9]+"), what);
        Assert.That(complained, Does.Not.Contain("   at "), "a sentence, not a stack trace");
    }

    [GeneratedRegex("(\"tier\": \\{ \"from\": )([0-9]+)(, \"under\": [0-9]+ \\})")]
    private static partial Regex Tier();

    [GeneratedRegex("\"sources\": \\[[^\\]]+\\]")]
    private static partial Regex Sources();
}
