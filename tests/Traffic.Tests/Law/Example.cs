using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>Records that show only what a test is about.</summary>
static class Example
{
    public static Traffic.Catalogue.Catalogue Catalogue { get; } =
        Traffic.Catalogue.Catalogue.Load(Path.Combine(Repository.Root, "schemas", "catalogue"));

    /// <summary>A day of the campaign, under the edition of 2022.</summary>
    public static readonly DateTimeOffset Now = At("2022-07-08T10:00:00+08:00");

    /// <summary>A day under the edition of 2013.</summary>
    public static readonly DateTimeOffset Before = At("2021-07-08T10:00:00+08:00");

    /// <summary>A private car of five seats.</summary>
    public static ReportedViolation Car() => new()
    {
        RecordId = new Guid("00000000-0000-0000-0000-000000000001"),
        Source = RecordSource.RoadsideCheck,
        OccurredAt = Now,
        DivisionCode = "152502",
        VehicleType = "K33",
        UseNature = "A",
        RatedPersons = 5,
    };

    public static ReportedViolation Vehicle(string type, string nature, int? rated = null) =>
        Car() with { VehicleType = type, UseNature = nature, RatedPersons = rated };

    public static ReportedViolation Coach() => Vehicle("K11", "B", 50);

    public static ReportedViolation Truck() => Vehicle("H11", "F", 3);

    public static ReportedViolation Hazmat() => Vehicle("H31", "R", 3);

    public static ReportedViolation Motorcycle() => Vehicle("M21", "A", 2);

    public static ReportedViolation Bicycle() => Car() with { VehicleType = "F", UseNature = null, RatedPersons = null };

    public static ReportedViolation ElectricBicycle() => Bicycle() with { VehicleType = "F1" };

    public static ReportedViolation Measured(this ReportedViolation reported, Quantity quantity, decimal value) => reported with
    {
        Measurements = [.. reported.Measurements ?? [], new() { Quantity = quantity, Value = value, Unit = UnitOf(quantity) }],
    };

    public static ReportedViolation Speeding(this ReportedViolation reported, decimal speed, decimal limit, RoadKind? road) =>
        (reported with { RoadKind = road }).Measured(Quantity.Speed, speed).Measured(Quantity.SpeedLimit, limit);

    public static ReportedViolation Signalled(this ReportedViolation reported, params Signal[] signals) =>
        reported with { Signals = signals };

    public static Decision Decide(this ReportedViolation reported, int? priors = null) =>
        Classifier.Decide(reported, new DecisionContext { PriorDrinkDecisions = priors }, Catalogue);

    public static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant, null);

    static string UnitOf(Quantity quantity) => quantity switch
    {
        Quantity.Speed or Quantity.SpeedLimit => "km/h",
        Quantity.AlcoholBlood or Quantity.AlcoholBreath => "mg/100mL",
        Quantity.Persons => "persons",
        Quantity.GrossMass or Quantity.Load => "kg",
        Quantity.DrivingTime => "h",
        _ => "min",
    };
}
