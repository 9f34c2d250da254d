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

        Assert.That(campaigns.Select(campaign => campaign.Id), Is.EqualTo(["last-hundred-days", "summer-2022-offences", "summer-2022", "yunnan-2021", "mps-2019"]));
        Assert.That(campaigns.Select(campaign => campaign.Lines.Count), Is.All.EqualTo(6));
    }

    [TestCase("\"direction\": \"raise\"", "\"direction\": \"zero\"", "one raise, two zeros and three drops")]
    [TestCase("\"direction\": \"raise\"", "\"direction\": \"up\"", "raise, zero or drop")]
    [TestCase("\"to\": \"2022-10-02\"", "\"to\": \"2022-06-24\"", "ends before it begins")]
    [TestCase("\"unit\": \"records\"", "\"unit\": \"percent\"", "divide by nothing")]
    [TestCase("\"denominator\": null", "\"denominator\": {}", "names no cube")]
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
    public void What_is_no_JSON_is_refused_with_its_line() =>
        Assert.That(Assert.Throws<StartRefusedException>(() => Read(Good.Replace("\"order\": 2,", "\"order\": 2", StringComparison.Ordinal)))!.Message,
            Does.Contain("line 4:"));

    [TestCase("2022-07-08", "2022-06-25", "2022-07-08", Description = "while it runs it is answered for up to today")]
    [TestCase("2022-10-02", "2022-06-25", "2022-10-02")]
    [TestCase("2023-01-01", "2022-06-25", "2022-10-02", Description = "afterwards for the whole of it")]
    [TestCase("2022-06-01", "2022-06-25", "2022-06-25", Description = "before it begins for its first day")]
    public void A_campaign_is_answered_for_up_to_today(DateTime today, DateTime from, DateTime to) =>
        Assert.That(Read(Good).Window(DateOnly.FromDateTime(today)), Is.EqualTo((DateOnly.FromDateTime(from), DateOnly.FromDateTime(to))));

    static Campaign Read(string text) => CampaignReader.Read("summer-2022-offences", "summer-2022-offences.json", Encoding.UTF8.GetBytes(text));
}
