using NUnit.Framework;
using Traffic.Contracts;
using Traffic.Intake.Activities;

namespace Traffic.Tests.Activities;

/// <summary>Which items of one request are committed together, and which wait for what becomes of those before them.</summary>
public sealed class WaveTests
{
    static readonly Guid A = Guid.NewGuid(), B = Guid.NewGuid();

    static Identified Of(Guid thing, int revision = 1, Guid? record = null, Guid? point = null) => new(
        new ReportedActivity
        {
            RecordId = record ?? (revision == 1 && point is null ? thing : Guid.NewGuid()), ActivityId = thing, Revision = revision,
            Kind = ActivityKind.Danger, OccurredAt = default, DivisionCode = "",
        },
        point);

    static List<int[]> Waves(params Identified?[] items)
    {
        var (waves, left) = (new List<int[]>(), Enumerable.Range(0, items.Length).ToList());
        while (left.Count > 0)
        {
            waves.Add([.. ActivityDoor.Wave(left, i => items[i])]);
            left = [.. left.Except(waves[^1])];
        }
        return waves;
    }

    [Test]
    public void What_stands_on_nothing_in_the_request_is_committed_at_once_and_so_is_a_refusal() =>
        Assert.That(Waves(Of(A), null, Of(B), Of(Guid.NewGuid(), revision: 7)), Is.EqualTo(new[] { new[] { 0, 1, 2, 3 } }));

    [Test]
    public void A_reopening_waits_for_its_clearing_and_that_for_what_was_found() =>
        Assert.That(Waves(Of(A), Of(A, 2), Of(B), Of(A, 3)), Is.EqualTo(new[] { new[] { 0, 2 }, [1], [3] }));

    [Test]
    public void Visits_wait_for_their_point_and_not_for_each_other() =>
        Assert.That(
            Waves(Of(A), Of(Guid.NewGuid(), point: A), Of(Guid.NewGuid(), point: A), Of(Guid.NewGuid(), point: B), Of(A, 2)),
            Is.EqualTo(new[] { new[] { 0, 3 }, [1, 2, 4] }));

    [Test]
    public void The_same_record_again_waits_for_the_first_whatever_it_is_of() =>
        Assert.That(Waves(Of(A, 2, record: B), Of(A, 3, record: B), Of(B)), Is.EqualTo(new[] { new[] { 0 }, [1], [2] }));
}
