using System.Text;
using NUnit.Framework;
using Traffic.Platform;
using Traffic.Reporting;

namespace Traffic.Tests.Reporting;

/// <summary>A campaign's file keeps its promises, or the host does not start and says which line is at fault.</summary>
public sealed class CampaignFileTests
{
    static readonly string Good = File.ReadAllText(Path.Combine(Repository.Root, "schemas/targets/summer-2022-offences.json"));

    [Test]
    public void The_files_on_record_have_one_raise_two_zeros_three_drops()
    {
        var campaigns = CampaignReader.ReadAll(new SchemaFiles(Path.Combine(Repository.Root, "schemas")));

        Assert.That(campaigns.Select(campaign => campaign.Id), Is.EqualTo(["last-hundred-days", "summer-2022-offences", "summer-2022", "yunnan-2021", "mps-2019", "hundred-days"]));
        Assert.That(campaigns.Select(campaign => campaign.Lines.Count), Is.All.EqualTo(6));
    }

    [TestCase("\"direction\": \"raise\"", "\"direction\": \"zero\"", "one raise, two zeros and three drops")]
    [TestCase("\"direction\": \"raise\"", "\"direction\": \"up\"", "raise, zero or drop")]
    [TestCase("\"to\": \"2022-10-02\"", "\"to\": \"2022-06-24\"", "ends before it begins")]
    [TestCase("\"unit\": \"records\"", "\"unit\": \"percent\"", "divide by nothing")]
    [TestCase("\"denominator\": null", "\"denominator\": {}", "names no cube")]
    [TestCase("\"cube\": \"violations\"", "\"cube\": \"violation\"", "'violation', which is no cube")]
    [TestCase("\"cube\": \"violations\"", "\"cube\": \"activityReports\"", "'activityReports', which counts reports whatever they are about")]
    [TestCase("\"where\": { \"entry\"", "\"where\": { \"entries\"", "the cube violations has no dimension 'entries'")]
    [TestCase("\"where\": { \"entry\": [", "\"where\": { \"shift\": [\"evening\", ", "'evening' is no value of shift in the cube violations")]
    [TestCase("\"comparison\": { \"kind\": \"yearOnYear\" }", "\"comparison\": { \"kind\": \"whenever\" }", "no comparison")]
    [TestCase("\"comparison\": { \"kind\": \"yearOnYear\" }", "\"comparison\": { \"kind\": \"none\" }", "something to compare with")]
    [TestCase("\"goal\": { \"changePercentMin\": 0, \"margin\": 5 }", "\"goal\": { \"margin\": 5 }", "exactly one bound")]
    [TestCase("\"validFrom\": \"2022-06-25\"", "\"validFrom\": \"2022-06-31\"", "no day")]
    public void A_wrong_file_is_refused_with_its_line(string right, string wrong, string why)
    {
        var at = Good.IndexOf(right, StringComparison.Ordinal);
        Assert.That(at, Is.Positive, "the file no longer says what this test changes");
        var text = Good[..at] + wrong + Good[(at + right.Length)..];

        var refused = Assert.Throws<StartRefusedException>(() => Read(text));

        Assert.That(refused!.Message, Does.Contain(why).And.Match("^targets/summer-2022-offences.json, line [0-9]+: "));
    }

    [Test]
    public void The_line_named_is_the_line_at_fault()
    {
        var lines = Good.Split('\n');
        var second = Array.FindIndex(lines, line => line.Contains("\"zero.coach-overload\"", StringComparison.Ordinal));
        var at = Array.FindIndex(lines, second, line => line.Contains("\"direction\"", StringComparison.Ordinal));
        lines[at] = "      \"direction\": \"down\",";

        Assert.That(Assert.Throws<StartRefusedException>(() => Read(string.Join('\n', lines)))!.Message, Does.Contain($"line {at + 1}:"));
    }

    [Test]
    public void A_line_without_a_source_is_refused()
    {
        var at = Good.LastIndexOf("\"source\": \"", StringComparison.Ordinal);
        var text = Good[..at] + "\"origin\": \"" + Good[(at + 11)..];

        Assert.That(Assert.Throws<StartRefusedException>(() => Read(text))!.Message, Does.Contain("'source' is missing"));
    }

    [Test]
    public void A_later_version_takes_over_on_its_first_day_and_says_who_and_why()
    {
        var campaign = Read(Superseded("\"validFrom\": \"2022-08-01\", \"validTo\": null"));

        Assert.Multiple(() =>
        {
            Assert.That(campaign.Definitions, Has.Count.EqualTo(7));
            Assert.That(campaign.Lines, Has.Count.EqualTo(6));
            Assert.That(Fatigue(campaign, new(2022, 7, 31)).Version, Is.EqualTo(1));
            Assert.That(Fatigue(campaign, new(2022, 8, 1)).Version, Is.EqualTo(2));
            Assert.That(campaign.Definitions.Single(one => one is { Id: "drop.fatigue", Version: 1 }).ValidTo, Is.EqualTo(new DateOnly(2022, 7, 31)));
            Assert.That(Fatigue(campaign, new(2022, 8, 1)).Supersedes, Is.EqualTo(new Supersession("commissar", "a test")));
        });

        static TargetDefinition Fatigue(Campaign campaign, DateOnly day) => campaign.LinesOn(day).Single(line => line.Id == "drop.fatigue");
    }

    [TestCase("\"validFrom\": \"2022-06-25\", \"validTo\": null", "overlap")]
    [TestCase("\"validFrom\": \"2022-06-01\", \"validTo\": null", "overlap")]
    public void Versions_that_overlap_are_refused(string validity, string why) =>
        Assert.That(Assert.Throws<StartRefusedException>(() => Read(Superseded(validity)))!.Message,
            Does.Contain(why).And.Match("^targets/summer-2022-offences.json, line 1[0-9][0-9]: "));

    [TestCase("\"version\": 2,", "\"version\": 3,", "must be version 2")]
    [TestCase("\"version\": 2,", "", "must be version 2")]
    [TestCase("\"supersedes\": { \"by\": \"commissar\", \"why\": \"a test\" },", "", "by whom and why")]
    public void A_version_out_of_turn_or_without_its_reason_is_refused(string right, string wrong, string why) =>
        Assert.That(Assert.Throws<StartRefusedException>(() => Read(Superseded("\"validFrom\": \"2022-08-01\", \"validTo\": null")
            .Replace(right, wrong, StringComparison.Ordinal)))!.Message, Does.Contain(why));

    /// <summary>The file with a second version of its last line.</summary>
    static string Superseded(string validity)
    {
        var at = Good.LastIndexOf("\n    {", StringComparison.Ordinal);
        var line = Good[at..Good.LastIndexOf("\n  ]", StringComparison.Ordinal)];
        var second = line.Replace("\"direction\"", "\"version\": 2,\n      \"supersedes\": { \"by\": \"commissar\", \"why\": \"a test\" },\n      \"direction\"", StringComparison.Ordinal)
            .Replace("\"validFrom\": \"2022-06-25\",\n      \"validTo\": null", validity, StringComparison.Ordinal);
        return Good.Replace(line, $"{line},{second}", StringComparison.Ordinal);
    }

    [Test]
    public void A_definition_in_use_is_superseded_and_never_edited()
    {
        var today = new DateOnly(2022, 7, 8);
        var now = new DateTimeOffset(2022, 7, 8, 4, 0, 0, TimeSpan.Zero);
        var kept = KeepDefinitions.Changes(Read(Good), [], today, now).ToList();
        Assert.That(kept, Has.Count.EqualTo(6));
        Assert.That(KeepDefinitions.Changes(Read(Good), kept, today, now), Is.Empty, "the same file again");

        var edited = Assert.Throws<StartRefusedException>(() => KeepDefinitions.Changes(
            Read(Good.Replace("\"fatigue\"] } }", "\"fatigue\", \"speeding\"] } }", StringComparison.Ordinal)), kept, today, now).ToList());
        Assert.That(edited!.Message, Does.Match("^targets/summer-2022-offences.json, line 9[0-9]: version 1 of drop.fatigue is in use")
            .And.Contain("version 2 with validFrom (2022-07-08 or later)"));

        var added = KeepDefinitions.Changes(Read(Superseded("\"validFrom\": \"2022-07-08\", \"validTo\": null")), kept, today, now).ToList();
        Assert.That(added.Select(one => (one.Version, one.ValidTo, one.RecordedBy)), Is.EqualTo(new[]
        {
            (2, null, "commissar"), (1, (DateOnly?)new DateOnly(2022, 7, 7), "file"),
        }));
        Assert.That(Assert.Throws<StartRefusedException>(() => KeepDefinitions.Changes(
            Read(Superseded("\"validFrom\": \"2022-07-07\", \"validTo\": null")), kept, today, now).ToList())!.Message, Does.Contain("already judged"));
        Assert.That(Assert.Throws<StartRefusedException>(() => KeepDefinitions.Changes(Read(Good), [.. kept, added[0]], today, now).ToList())!.Message,
            Does.Contain("version 2 of drop.fatigue is in use and no longer there"));
    }

    [Test]
    public void What_is_no_JSON_is_refused_with_its_line() =>
        Assert.That(Assert.Throws<StartRefusedException>(() => Read(Good.Replace("\"order\": 2,", "\"order\": 2", StringComparison.Ordinal)))!.Message,
            Does.Contain("line 4:"));

    [TestCase("2022-07-08", "2022-06-25", "2022-07-08", Description = "while it runs it is answered for up to today")]
    [TestCase("2022-10-02", "2022-06-25", "2022-10-02")]
    [TestCase("2023-01-01", "2022-06-25", "2022-10-02", Description = "afterwards for the whole of it")]
    [TestCase("2022-06-01", "2022-06-25", "2022-06-25", Description = "before it begins for its first day")]
    public void A_campaign_is_answered_for_up_to_today(DateTime today, DateTime from, DateTime to) =>
        Assert.That(Read(Good).Window(DateOnly.FromDateTime(today)), Is.EqualTo((DateOnly.FromDateTime(from), DateOnly.FromDateTime(to))));

    static Campaign Read(string text) => CampaignReader.Read("summer-2022-offences", "summer-2022-offences.json", Encoding.UTF8.GetBytes(text), Cubes.Load(new SchemaFiles(Path.Combine(Repository.Root, "schemas"))));
}
