using NUnit.Framework;
using Traffic.Tests.Opening;
using Traffic.Tests.Register;

namespace Traffic.Tests.Reporting;

/// <summary>A frozen baseline is held to the records it was counted from, however many came or changed since.</summary>
[Category("Postgres")]
public sealed class BaselineRecountTests
{
    [TestCase("update reporting.baseline_day set numerator = coalesce(numerator, 0) + 1 where (line, day, division) in (select line, day, division from reporting.baseline_day where numerator > 0 order by 1, 2, 3 limit 1)", 1)]
    [TestCase("delete from reporting.baseline_day where (line, day, division) in (select line, day, division from reporting.baseline_day where numerator > 0 order by 1, 2, 3 limit 1)", -1)]
    public async Task A_day_that_was_changed_in_the_database_is_named(string change, int by)
    {
        await using var populated = await Populated.Start();
        var app = populated.App;
        var days = (await app.Rows("select count(*) from reporting.baseline_day where numerator > 0", row => row.GetInt64(0))).Single();
        Assert.That(days, Is.GreaterThan(20));
        var before = await app.Reconcile();
        Assert.That(before.Ok, string.Join("; ", before.Cells));

        await TestCluster.Execute(app.Database.ConnectionString, change);

        var found = await app.Reconcile();
        Assert.That(found.Ok, Is.False);
        Assert.That(found.Identities.Single(one => one.Name.Contains("baselines", StringComparison.Ordinal)), Has.Property("Left").EqualTo(1).And.Property("Holds").False);
        var wrong = found.Cells.Single();
        Assert.That(wrong.Keys, Is.EqualTo("numerator"));
        Assert.That(wrong.Cube, Does.StartWith("baseline tagged ").And.EndWith("@1"));
        Assert.That(by > 0 ? wrong.Stored - wrong.Recounted : wrong.Stored, Is.EqualTo(by > 0 ? 1 : 0));
        Assert.That(wrong.Recounted, Is.Positive);
    }
}
