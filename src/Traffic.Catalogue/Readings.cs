using System.Runtime.CompilerServices;
using Traffic.Contracts;

namespace Traffic.Catalogue;

/// <summary>A quantity that a rule can ask for, measured or registered. Its name in JSON is the input's name in <c>missing</c>.</summary>
enum Input { Speed, SpeedLimit, Alcohol, Persons, RatedPersons, GrossMass, PermittedGrossMass, Load, RatedLoad, DrivingTime, RestTime }

/// <summary>What a tier is measured by: a value as it is, or by how much it exceeds a base.</summary>
/// <param name="Id">Its name in the catalogue.</param>
/// <param name="Of">The value.</param>
/// <param name="Over">The base; null for a value as it is.</param>
sealed record Measure(string Id, Input Of, Input? Over);

/// <summary>A measured value, ready to be compared with bounds.</summary>
readonly record struct Reading(decimal Value, decimal? Base)
{
    /// <summary>
    /// Compares with a bound exactly, by cross-multiplication: for a base, (value − base) / base against bound / 100.
    /// 96 over 80 is exactly 20 %, and no rounding comes between.
    /// </summary>
    public int CompareTo(decimal bound) => Base is { } over
        ? ((Value - over) * 100m).CompareTo(bound * over)
        : Value.CompareTo(bound);
}

/// <summary>The quantities a record holds.</summary>
/// <remarks>
/// Reported more than once, the value that favours the driver counts: the lowest measured one, the highest limit, the longest rest.
/// Blood wins over breath.
/// </remarks>
struct Readings
{
    /// <summary>Beyond this a number is a fault of the sender; taken as not reported, so that arithmetic cannot overflow.</summary>
    const decimal Greatest = 1_000_000_000m;

    static readonly string[] Names = [.. Enum.GetNames<Input>().Select(name => char.ToLowerInvariant(name[0]) + name[1..])];

    Values values;
    bool blood;

    [InlineArray(11)]
    struct Values
    {
        decimal? first;
    }

    public static string NameOf(Input input) => Names[(int)input];

    public static Readings Of(ReportedViolation reported)
    {
        var readings = new Readings();
        readings.Keep(Input.RatedPersons, reported.RatedPersons, positive: true);
        readings.Keep(Input.RatedLoad, reported.RatedLoadKg, positive: true);
        readings.Keep(Input.PermittedGrossMass, reported.PermittedGrossMassKg, positive: true);
        if (reported.Measurements is { } measurements)
            for (var i = 0; i < measurements.Count; i++)
                readings.Take(measurements[i]);
        return readings;
    }

    /// <summary>The alcohol value is that of a blood sample.</summary>
    public readonly bool HasBlood => blood;

    public readonly decimal? this[Input input] => values[(int)input];

    /// <summary>The reading of a measure, or null if value or base is not there.</summary>
    public readonly Reading? Of(Measure measure) =>
        this[measure.Of] is not { } value ? null
        : measure.Over is not { } over ? new Reading(value, null)
        : this[over] is { } known ? new Reading(value, known) : null;

    void Take(Measurement one)
    {
        switch (one.Quantity)
        {
            case Quantity.Speed: Keep(Input.Speed, one.Value); break;
            case Quantity.SpeedLimit: Keep(Input.SpeedLimit, one.Value, positive: true, highest: true); break;
            case Quantity.AlcoholBlood:
                if (!blood)
                    values[(int)Input.Alcohol] = null;
                blood = true;
                Keep(Input.Alcohol, one.Value);
                break;
            case Quantity.AlcoholBreath:
                if (!blood)
                    Keep(Input.Alcohol, one.Value);
                break;
            case Quantity.Persons: Keep(Input.Persons, one.Value); break;
            case Quantity.GrossMass: Keep(Input.GrossMass, one.Value); break;
            case Quantity.Load: Keep(Input.Load, one.Value); break;
            case Quantity.DrivingTime: Keep(Input.DrivingTime, one.Value); break;
            case Quantity.RestTime: Keep(Input.RestTime, one.Value, highest: true); break;
            default: break;
        }
    }

    void Keep(Input input, decimal? value, bool positive = false, bool highest = false)
    {
        if (value is not { } number || number < 0 || number > Greatest || (positive && number == 0))
            return;
        if (this[input] is { } former && (highest ? former >= number : former <= number))
            return;
        values[(int)input] = number;
    }
}
