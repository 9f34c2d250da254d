using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Traffic.Intake;
using Traffic.Platform;
using Traffic.Reporting;
using Traffic.WebConsole;

namespace Traffic.Tests.Pages;

/// <summary>Every text for people is there in Chinese and in English.</summary>
public sealed partial class WordsTests
{
    static readonly Words All = Words.Load(
        typeof(IntakeModule).Assembly, typeof(Traffic.Register.RegisterModule).Assembly, typeof(Traffic.Casework.CaseworkModule).Assembly, typeof(ReportingModule).Assembly,
        typeof(WebConsoleModule).Assembly, typeof(Traffic.Host.Import.ImportVerb).Assembly);

    static IEnumerable<string> Keys => All.Keys;

    [TestCaseSource(nameof(Keys))]
    public void A_text_stands_in_both_languages_with_the_same_places(string key)
    {
        var (zh, en) = (All.Get(key, "zh"), All.Get(key, "en"));

        Assert.That((zh.Trim(), en.Trim()), Is.Not.EqualTo(("", "")).And.Not.EqualTo((key, key)));
        Assert.That(Places(zh), Is.EquivalentTo(Places(en)), "a place is filled in one language only");
    }

    static IEnumerable<string> Sources => Directory.EnumerateFiles(Path.Combine(Repository.Root, "schemas", "targets"), "*.json")
        .Select(file => JsonNode.Parse(File.ReadAllText(file))).OfType<JsonObject>().SelectMany(one => one["lines"]!.AsArray().Select(line => (string)line!["source"]!)).Distinct();

    [TestCaseSource(nameof(Sources))]
    public void Where_a_target_comes_from_is_said_in_Chinese_too(string source) => Assert.That(All.Get(source, "zh"), Is.Not.EqualTo(source));

    static IEnumerable<string> CatalogueSources => Directory.EnumerateFiles(Path.Combine(Repository.Root, "schemas", "catalogue"), "*.json", SearchOption.AllDirectories)
        .SelectMany(file => JsonNode.Parse(File.ReadAllText(file))!["sources"]?.AsObject().Select(one => (string)one.Value!) ?? []).Distinct();

    [TestCaseSource(nameof(CatalogueSources))]
    public void Where_a_rule_of_the_catalogue_comes_from_is_said_in_both_languages(string source)
    {
        Assert.That(All.Get(source, "zh"), Is.Not.EqualTo(source));
        Assert.That(All.Get(source, "en"), Does.Not.Match("\\p{IsCJKUnifiedIdeographs}"));
    }

    [Test]
    public void Every_key_that_the_code_names_has_its_text()
    {
        var missing = new[] { "Traffic.Intake", "Traffic.Register", "Traffic.Casework", "Traffic.Reporting", "Traffic.WebConsole", "Traffic.Host" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", project), "*", SearchOption.AllDirectories))
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".razor", StringComparison.Ordinal))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .SelectMany(file => Named().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Distinct().Except(All.Keys).ToList();

        Assert.That(missing, Is.Empty);
    }

    [TestCase("en", 1, "1 figure")]
    [TestCase("en", 2, "2 figures")]
    [TestCase("zh", 1, "1 个数字")]
    public void One_of_a_thing_is_said_as_one(string language, int count, string said) =>
        Assert.That(new Reader(All, language, "").Count("console.counts.figures", count, count), Is.EqualTo(said));

    [TestCase("vehicleType", "missing: vehicle type")]
    [TestCase("speed,roadKind", "missing: speed; missing: kind of road")]
    [TestCase("same-act: 0a", "The same act as another record (0a)")]
    [TestCase("plate dirty, cannot be read", "plate dirty, cannot be read", Description = "what a person wrote")]
    public void A_reason_is_said_in_words(string reason, string said) => Assert.That(RecordWords.Reason(new Reader(All, "en", ""), reason), Is.EqualTo(said));

    static List<string> Places(string text) => [.. Regex.Matches(text, "\\{[0-9]\\}").Select(place => place.Value)];

    [GeneratedRegex("(?:T|Get|Fault|Exception)\\((?:[^\"()]*, )?\"((?:console|reporting|intake|register|casework|import)\\.[a-zA-Z.-]*[a-zA-Z])\"")]
    private static partial Regex Named();
}
