using NUnit.Framework;
using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>A decision says why: the trace for machines, sentences for people.</summary>
public sealed class TraceTests
{
    static readonly ReportedViolation Speeding = Example.Car().Speeding(96, 80, RoadKind.NationalOrProvincial);

    [Test]
    public void A_trace_names_rule_edition_and_inputs() => Assert.That(Speeding.Decide().Trace, Is.EqualTo(
        """{"rule":"speeding.b.other.20","v":"2022-04-01","by":"measure","in":{"speed":"96","speedLimit":"80","group":"B","road":"nationalOrProvincial","vehicleType":"K33","useNature":"A","ratedPersons":"5"}}"""));

    [Test]
    public void Trailing_zeros_do_not_change_a_trace() => Assert.That(
        Example.Car().Speeding(96.0m, 80.00m, RoadKind.NationalOrProvincial).Decide().Trace, Is.EqualTo(Speeding.Decide().Trace));

    [Test]
    public void What_a_reporter_writes_cannot_break_a_trace()
    {
        var rude = (Example.Car() with { OffenceKind = "\"},{\\\n超速", OffenceCode = new string('9', 500) }).Decide().Trace;

        Assert.That(rude, Does.Contain("?},{????"));
        Assert.That(rude, Has.Length.LessThanOrEqualTo(300));
    }

    [Test]
    public void A_trace_is_told_in_both_languages()
    {
        var trace = Speeding.Decide().Trace;

        var zh = string.Concat(Explain.Sentences(trace, "zh", Example.Catalogue));
        Assert.That(zh, Does.Contain("2022-04-01").And.Contain("超过20%").And.Contain("其他机动车在其他道路超速20%以上未达50%").And.Contain("国道、省道"));
        var en = string.Join(' ', Explain.Sentences(trace, "en", Example.Catalogue));
        Assert.That(en, Does.Contain("speed, km/h 96, limit, km/h 80: 20 % over").And.Contain("other motor vehicle, other road, 20 % to under 50 %"));
    }

    [Test]
    public void What_is_missing_is_told_in_words()
    {
        var undecided = (Speeding with { RoadKind = null }).Decide().Trace;

        Assert.That(Explain.Sentences(undecided, "zh")[^1], Does.Contain("道路种类"));
        Assert.That(Explain.Sentences(undecided, "en")[^1], Does.Contain("kind of road"));
        Assert.That(Explain.Sentences("not json", "en"), Is.EqualTo(["not json"]));
    }

    [Test]
    public void Every_sentence_has_words_in_both_languages()
    {
        var contradicted = (Speeding with { OffenceCode = "1636" }).Decide().Trace;

        Assert.That(string.Concat(Explain.Sentences(contradicted, "zh", Example.Catalogue)), Does.Contain("代码与道路不符"));
        Assert.That(string.Concat(Explain.Sentences(contradicted, "en", Example.Catalogue)), Does.Contain("code and road disagree"));
    }
}
