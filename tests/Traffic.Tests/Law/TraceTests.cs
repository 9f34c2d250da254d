using NUnit.Framework;
using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>A decision says why: the trace for machines, sentences for people.</summary>
public sealed class TraceTests
{
    static readonly ReportedViolation Speeding = Example.Car().Speeding(96, 80, RoadKind.NationalOrProvincial);

    /// <summary>The bytes of some decisions, written down once: the same inputs and the same rules give them for ever.</summary>
    static readonly (string What, ReportedViolation Record, DecisionContext Context, string Trace)[] Golden =
    [
        ("speeding by measure", Speeding, DecisionContext.None,
            """{"rule":"speeding.b.other.20","v":"2022-04-01","by":"measure","layer":"15-2013-01-01","not":["A","crime"],"in":{"speed":"96","speedLimit":"80","group":"B","road":"nationalOrProvincial","vehicleType":"K33","useNature":"A","ratedPersons":"5"}}"""),
        ("a camera's, under the old law", Example.Car() with { OccurredAt = Example.Before, Source = RecordSource.Camera, OffenceCode = "1625" }, DecisionContext.None,
            """{"rule":"red-light.motor","v":"2013-01-01","by":"code","layer":"15-2013-01-01","to":"owner","in":{"code":"1625","group":"motor","vehicleType":"K33","useNature":"A","ratedPersons":"5"}}"""),
        ("outside the layer", Example.Car() with { DivisionCode = "110000", OffenceCode = "1625" }, DecisionContext.None,
            """{"rule":"red-light.motor","v":"2022-04-01","by":"code","in":{"code":"1625","group":"motor","vehicleType":"K33","useNature":"A","ratedPersons":"5"}}"""),
        ("a missing road", Speeding with { RoadKind = null }, DecisionContext.None,
            """{"rule":"undecided","v":"2022-04-01","by":"measure","why":["roadKind"],"in":{"speed":"96","speedLimit":"80","group":"B","vehicleType":"K33","useNature":"A","ratedPersons":"5"}}"""),
        ("drink-driving again", Example.Car().Measured(Quantity.AlcoholBreath, 45), new DecisionContext { PriorDrinkDecisions = 1 },
            """{"rule":"drink.motor.again","v":"2022-04-01","by":"measure","layer":"15-2013-01-01","not":["commercial"],"in":{"alcohol":"45","priors":"1","group":"motor","vehicleType":"K33","useNature":"A","ratedPersons":"5"}}"""),
        ("drunk by breath", Example.Car().Measured(Quantity.AlcoholBreath, 80), DecisionContext.None,
            """{"rule":"drunk.motor","v":"2022-04-01","by":"measure","layer":"15-2013-01-01","to":"criminal","hold":"awaiting-blood","not":["commercial"],"in":{"alcohol":"80","group":"motor","vehicleType":"K33","useNature":"A","ratedPersons":"5"}}"""),
        ("cargo, the fine open", Example.Truck().Measured(Quantity.GrossMass, 26_000) with { PermittedGrossMassKg = 20_000 }, DecisionContext.None,
            """{"rule":"cargo-overload.truck.30","v":"2022-04-01","by":"measure","layer":"15-2013-01-01","open":["load"],"not":["hazmat"],"in":{"grossMass":"26000","permittedGrossMass":"20000","group":"truck","vehicleType":"H11","useNature":"F","ratedPersons":"3"}}"""),
        ("a code against the measure", Example.Car().Speeding(160, 100, RoadKind.Motorway) with { OffenceCode = "1636" }, DecisionContext.None,
            """{"rule":"undecided","v":"2022-04-01","by":"code","why":["code-against-measure"],"named":"speeding.b.controlled.20","measured":"speeding.b.controlled.50","in":{"code":"1636","speed":"160","speedLimit":"100","group":"B","road":"motorway","vehicleType":"K33","useNature":"A"},"more":1}"""),
        ("a driver with a history", Example.Car().Signalled(Signal.RedLight), new DecisionContext { DriverOffences = [new(Example.Before, 6, "red-light", "red-light.motor", true)] },
            """{"rule":"red-light.motor","v":"2022-04-01","by":"signal","layer":"15-2013-01-01","in":{"driverPoints":"6","driverOffences":"1","group":"motor","vehicleType":"K33","useNature":"A","ratedPersons":"5","signal":"redLight"}}"""),
    ];

    [Test]
    public void The_same_inputs_and_rules_give_the_same_bytes_for_ever() => Assert.Multiple(() =>
    {
        foreach (var (what, record, context, trace) in Golden)
        {
            var decided = Classifier.Decide(record, context, Example.Catalogue);
            Assert.That(decided.Trace, Is.EqualTo(trace), what);
            Assert.That(Classifier.Decide(record, context, Example.Catalogue).Trace, Is.EqualTo(trace), "again: " + what);
            Assert.That(System.Text.Encoding.UTF8.GetByteCount(decided.Trace), Is.LessThanOrEqualTo(300), what);
        }
    });

    [TestCase("drunk by breath", "血液", "the blood value is awaited")]
    [TestCase("drunk by breath", "移送", "criminal unit")]
    [TestCase("a camera's, under the old law", "不记分", "no points")]
    [TestCase("speeding by measure", "内蒙古自治区", "Inner Mongolia")]
    [TestCase("speeding by measure", "具体数额未取得", "amount was not obtained")]
    [TestCase("speeding by measure", "已比对而不适用：中型以上载客载货汽车", "Tried and refused: group A")]
    [TestCase("a driver with a history", "此前12个月：记分6分，重点违法1起", "6 points, 1 key offences")]
    public void A_trace_is_told_as_a_sentence(string what, string zh, string en)
    {
        var trace = Golden.Single(one => one.What == what).Trace;

        Assert.That(string.Concat(Explain.Sentences(trace, "zh", Example.Catalogue)), Does.Contain(zh));
        Assert.That(string.Join(' ', Explain.Sentences(trace, "en", Example.Catalogue)), Does.Contain(en));
    }

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
        Assert.That(en, Does.Contain("speed (km/h) 96, limit (km/h) 80: 20 % over").And.Contain("other motor vehicle, other road, 20 % to under 50 %"));
    }

    [TestCase("three-overs-one-fatigue", "三超一疲劳", "Three overs", Description = "an item of the campaign")]
    [TestCase("speeding", "超速", "Speeding", Description = "a family")]
    [TestCase("red-light.motor", "机动车不按交通信号灯指示通行", "Motor vehicle through a red light", Description = "an entry")]
    public void A_kind_and_a_group_are_told_by_their_names(string kind, string zh, string en)
    {
        var trace = (Example.Car() with { OffenceKind = kind, PlateType = "02" }).Decide().Trace;
        var low = (Example.Car() with { OffenceCode = "6046" }).Speeding(50, 40, RoadKind.NationalOrProvincial).Decide().Trace;

        foreach (var (language, name, motor) in new[] { ("zh", zh, "车辆分组 机动车"), ("en", en, "vehicles: motor vehicle") })
        {
            Assert.That(string.Concat(Explain.Sentences(trace, language, Example.Catalogue)), Does.Contain(name).And.Not.Contain("kind " + kind));
            Assert.That(string.Concat(Explain.Sentences(low, language, Example.Catalogue)), Does.Contain(motor).And.Not.Contain("motor-only"));
        }
    }

    [Test]
    public void A_kind_that_only_a_map_knows_is_told_by_the_maps_words()
    {
        var trace = Classifier.Decide(Example.Car() with { OffenceKind = "papers" }, new DecisionContext { LawApplies = false }, Example.Catalogue).Trace;
        var kinds = new Dictionary<string, (string, string)> { ["papers"] = ("未携带证件", "Papers not carried") };

        Assert.That(string.Concat(Explain.Sentences(trace, "zh", Example.Catalogue, kinds)), Does.Contain("未携带证件"));
        Assert.That(string.Concat(Explain.Sentences(trace, "en", Example.Catalogue, kinds)), Does.Contain("Papers not carried"));
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
