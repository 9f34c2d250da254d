using NUnit.Framework;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>The catalogue against the law as typed by hand: every code, and both sides of every bound and exactly on it.</summary>
public sealed class HandTableTests
{
    static DateTimeOffset At(string edition) => edition == "2022-04-01" ? Example.Now : Example.Before;

    static ReportedViolation Bare(DateTimeOffset at) => Example.Car() with { OccurredAt = at, VehicleType = null, UseNature = null, RatedPersons = null };

    [Test]
    public void The_list_of_2013_has_74_offences_and_each_code_gives_its_points() => Assert.Multiple(() =>
    {
        Assert.That(HandTable.Of2013, Has.Length.EqualTo(74));
        foreach (var (zh, points, codes) in HandTable.Of2013)
            foreach (var code in codes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var decision = (Bare(Example.Before) with { OffenceCode = code }).Decide();
                Assert.That((decision.Entry == "undecided", decision.CriminalReferral ? null : decision.Points), Is.EqualTo((false, points)), $"{code} {zh}");
            }
    });

    /// <summary>One code stands for two offences of the list of 2022: alone it cannot be told from the first one.</summary>
    static readonly string[] Shared = ["1039", "2009"];

    [Test]
    public void Each_code_since_2022_gives_its_points() => Assert.Multiple(() =>
    {
        foreach (var (zh, points, codes) in HandTable.Of2022)
            foreach (var code in codes.Split(' ').Except(Shared))
            {
                var decision = (Bare(Example.Now) with { OffenceCode = code }).Decide();
                Assert.That((decision.Entry == "undecided", decision.CriminalReferral ? null : decision.Points), Is.EqualTo((false, points)), $"{code} {zh}");
            }
    });

    [Test]
    public void Speeding_on_both_sides_of_every_bound_and_exactly_on_it() => Check(HandTable.Speeding, (row, percent) =>
        Example.Vehicle(row.Type, row.Nature!, row.Type is "H11" or "H21" or "H31" ? 3 : 8).Speeding(80 + (0.8m * percent), 80, row.Road));

    [Test]
    public void Persons_on_both_sides_of_every_bound_and_exactly_on_it() => Check(HandTable.Persons, (row, percent) =>
        (Example.Vehicle(row.Type, row.Nature!, row.Rated) with { RoadKind = row.Road }).Measured(Quantity.Persons, row.Rated + percent), whole: true);

    [Test]
    public void Cargo_on_both_sides_of_every_bound_and_exactly_on_it() => Check(HandTable.Cargo, (row, percent) =>
        (Example.Vehicle(row.Type, row.Nature!, 3) with { RoadKind = row.Road, PermittedGrossMassKg = 10_000, RatedLoadKg = 10_000 })
            .Measured(row.Edition == "2022-04-01" ? Quantity.GrossMass : Quantity.Load, 10_000 + (100 * percent)));

    [TestCaseSource(nameof(FewSeats))]
    public void A_car_of_five_seats_since_2022(int aboard, int points) =>
        Assert.That(Example.Car().Measured(Quantity.Persons, aboard).Decide().Points, Is.EqualTo(points));

    static IEnumerable<object[]> FewSeats => HandTable.FewSeats.Select(one => new object[] { one.Aboard, one.Points });

    [Test]
    public void Hours_at_the_wheel_above_four() => Assert.Multiple(() =>
    {
        foreach (var (type, nature, before, since) in HandTable.Fatigue)
            foreach (var (at, points) in new[] { (Example.Before, before), (Example.Now, since) })
            {
                var driver = Example.Vehicle(type, nature, 5) with { OccurredAt = at };
                Assert.That(driver.Measured(Quantity.DrivingTime, 4.1m).Decide().Points, Is.EqualTo(points), $"{type} {nature} {at:d}");
                Assert.That(driver.Measured(Quantity.DrivingTime, 4m).Decide().Missing, Is.EqualTo(["below-limit"]), "exactly four hours");
            }
    });

    /// <summary>At, just before and just after the beginning of each tier, points are the table's; nothing begins at or below 0.</summary>
    static void Check(IEnumerable<HandTable.Row> rows, Func<HandTable.Row, decimal, ReportedViolation> record, bool whole = false) => Assert.Multiple(() =>
    {
        var step = whole ? 1m : 0.05m;
        foreach (var row in rows)
        {
            Points(row, 0, null);
            Points(row, -step, null);
            for (var i = 0; i < row.Tiers.Length; i++)
            {
                var (from, points) = row.Tiers[i];
                if (i > 0)
                {
                    Points(row, from - step, row.Tiers[i - 1].Points);
                    Points(row, from, points);
                }
                Points(row, from + step, points);
            }
        }

        void Points(HandTable.Row row, decimal percent, int? points)
        {
            var decision = (record(row, percent) with { OccurredAt = At(row.Edition) }).Decide();
            var where = $"{row.Edition} {row.What}: {row.Type} {row.Nature} {row.Road}, {percent} % over: {decision.Trace}";
            if (points is null)
                Assert.That(decision.Missing, Is.EqualTo(["below-limit"]), where);
            else if (decision.CriminalReferral)
                Assert.That((decision.Points, row.Nature is "B" or "E" or "S"), Is.EqualTo(((int?)null, true)), where);
            else
                Assert.That(decision.Points, Is.EqualTo(points), where);
        }
    });
}
