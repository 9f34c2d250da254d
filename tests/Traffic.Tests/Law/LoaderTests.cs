using NUnit.Framework;
using Traffic.Catalogue;
using Traffic.Host;

namespace Traffic.Tests.Law;

/// <summary>A catalogue that does not keep its promises is refused, and the refusal names file and line.</summary>
public sealed class LoaderTests
{
    const string File22 = "2022-04-01.json";

    string folder = "";

    [SetUp]
    public void Copy()
    {
        folder = Directory.CreateTempSubdirectory("catalogue").FullName;
        foreach (var file in Traffic.Catalogue.Catalogue.FilesOf(Path.Combine(Repository.Root, "schemas", "catalogue")))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file.Name))!);
            File.WriteAllBytes(Path.Combine(folder, file.Name), file.Bytes);
        }
    }

    [TearDown]
    public void Delete() => Directory.Delete(folder, recursive: true);

    [Test]
    public void The_catalogue_itself_is_whole()
    {
        var catalogue = Traffic.Catalogue.Catalogue.Load(folder);

        Assert.That(catalogue.Editions.Select(edition => edition.Id), Is.EqualTo(["2013-01-01", "2022-04-01"]));
        Assert.That(catalogue.Items, Has.Count.EqualTo(18));
        Assert.That(catalogue.Editions.SelectMany(edition => edition.Entries).All(entry => entry.Zh.Length > 0 && entry.En.Length > 0));
        Assert.That(catalogue.Version, Is.EqualTo(Example.Catalogue.Version), "the same files are the same version");
    }

    [TestCase("a gap between tiers", "speeding.b.other.20", "\"tier\": { \"from\": 20, \"under\": 50 }", "\"tier\": { \"from\": 25, \"under\": 50 }", "gap")]
    [TestCase("an overlap of tiers", "speeding.b.other.20", "\"tier\": { \"from\": 20, \"under\": 50 }", "\"tier\": { \"from\": 15, \"under\": 50 }", "overlap")]
    [TestCase("a first tier that begins too late", "speeding.b.any.0", "\"tier\": { \"above\": 0, \"under\": 10 }", "\"tier\": { \"from\": 1, \"under\": 10 }", "gap")]
    [TestCase("a last tier that ends", "speeding.b.other.50", "\"tier\": { \"from\": 50 }", "\"tier\": { \"from\": 50, \"under\": 70 }", "gap")]
    [TestCase("a tier that ends before it begins", "speeding.b.other.20", "\"under\": 50", "\"under\": 5", "before it begins")]
    [TestCase("no source", "red-light.motor", "\"sources\": [\"M163-8-10\", \"REC2022\"]", "\"sources\": []", "no source")]
    [TestCase("a source that is not there", "red-light.motor", "\"M163-8-10\", \"REC2022\"", "\"HEARSAY\"", "HEARSAY")]
    [TestCase("a code twice", "red-light.non-motor", "\"2007\"", "\"1625\"", "1625")]
    [TestCase("points of no level", "red-light.motor", "\"points\": 6", "\"points\": 5", "5 points")]
    [TestCase("a misspelt member", "red-light.motor", "\"points\":", "\"piont\": 6, \"points\":", "piont")]
    [TestCase("an id twice", "red-light.non-motor", "\"id\": \"red-light.non-motor\"", "\"id\": \"red-light.motor\"", "twice")]
    [TestCase("a fine that is none", "red-light.motor", "\"min\": 20, \"max\": 200", "\"min\": 200, \"max\": 20", "fine")]
    public void Refuses(string what, string entry, string from, string to, string reason)
    {
        var line = Change(entry, from, to);

        var fault = Assert.Throws<CatalogueException>(() => Traffic.Catalogue.Catalogue.Load(folder), what);

        Assert.That(fault!.Message, Does.Contain(File22).And.Contain(reason));
        Assert.That(fault.Line, Is.InRange(line.Entry, line.Changed + 22), "the line of the entry, of the member, or of the next entry");
    }

    [Test]
    public void Refuses_what_is_no_json_and_says_where()
    {
        var path = Path.Combine(folder, File22);
        var lines = File.ReadAllLines(path);
        lines[41] += ",,";
        File.WriteAllLines(path, lines);

        Assert.That(Assert.Throws<CatalogueException>(() => Traffic.Catalogue.Catalogue.Load(folder))!.Line, Is.InRange(42, 43));
    }

    [Test]
    public void Refuses_editions_that_do_not_join()
    {
        Replace("2013-01-01.json", "\"inForceUntil\": \"2022-03-31\"", "\"inForceUntil\": \"2022-03-30\"");

        var fault = Assert.Throws<CatalogueException>(() => Traffic.Catalogue.Catalogue.Load(folder));

        Assert.That((fault!.File, fault.Line), Is.EqualTo(("2013-01-01.json", 3)));
    }

    [Test]
    public void Refuses_an_item_no_entry_leads_to()
    {
        Replace(File22, "\"items\": [\"emergency-lane\"]", "\"items\": []");

        Assert.That(Assert.Throws<CatalogueException>(() => Traffic.Catalogue.Catalogue.Load(folder))!.Message,
            Does.Contain("emergency-lane"));
    }

    [Test]
    public void A_check_names_every_fault_with_file_and_line_and_fails()
    {
        Change("red-light.motor", "\"points\": 6", "\"points\": 5");
        Change("speeding.b.other.20", "\"under\": 50", "\"under\": 45");
        Replace("2013-01-01.json", "\"codes\": [\"1721\"]", "\"codes\": [\"1636\"]");
        var (said, faulty) = (new StringWriter(), new StringWriter());

        var exit = CatalogueVerb.Check(folder, said, faulty);

        var lines = faulty.ToString().TrimEnd().Split('\n');
        Assert.That((exit, said.ToString()), Is.EqualTo((1, "")));
        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That(lines, Has.All.Match(@"^.*\.json:\d+: .+$"));
        Assert.That(string.Join('\n', lines), Does.Contain("1636").And.Contain("gap").And.Contain("5 points"));
    }

    [Test]
    public void A_check_of_the_catalogue_itself_finds_nothing()
    {
        var said = new StringWriter();

        Assert.That(CatalogueVerb.Check(folder, said, TextWriter.Null), Is.Zero);
        Assert.That(said.ToString(), Does.Contain("2013-01-01").And.Contain("no fault"));
    }

    [Test]
    public void The_same_files_in_memory_are_the_same_catalogue() => Assert.That(
        Traffic.Catalogue.Catalogue.Read([.. Traffic.Catalogue.Catalogue.FilesOf(folder).Reverse()]).Version,
        Is.EqualTo(Example.Catalogue.Version));

    [Test]
    public void Refuses_an_empty_folder()
    {
        foreach (var file in Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories))
            File.Delete(file);

        Assert.Throws<CatalogueException>(() => Traffic.Catalogue.Catalogue.Load(folder));
    }

    /// <summary>Changes the first such text after the entry's id; the lines (from 1) of the entry and of the change.</summary>
    (int Entry, int Changed) Change(string entry, string from, string to)
    {
        var path = Path.Combine(folder, File22);
        var text = File.ReadAllText(path);
        var start = text.IndexOf($"\"id\": \"{entry}\"", StringComparison.Ordinal);
        var at = text.IndexOf(from, start, StringComparison.Ordinal);
        Assert.That(start >= 0 && at >= start, "the entry has no such text");
        File.WriteAllText(path, text[..at] + to + text[(at + from.Length)..]);
        return (text[..start].Count(c => c == '\n'), text[..at].Count(c => c == '\n') + 1);
    }

    void Replace(string file, string from, string to)
    {
        var path = Path.Combine(folder, file);
        var text = File.ReadAllText(path);
        Assert.That(text, Does.Contain(from));
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }
}
