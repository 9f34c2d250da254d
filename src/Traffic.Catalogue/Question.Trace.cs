using System.Globalization;
using Traffic.Contracts;

namespace Traffic.Catalogue;

/// <summary>What a decision keeps of how it was made.</summary>
ref partial struct Question
{
    static readonly string[] SignalNames = Names<Signal>();
    static readonly string[] RoadNames = Names<RoadKind>();
    static readonly string[] SignalInputs = ["signal", "signal2", "signal3", "signal4"];

    static string[] Names<T>() where T : struct, Enum =>
        [.. Enum.GetNames<T>().Select(name => char.ToLowerInvariant(name[0]) + name[1..])];

    readonly void Refused(ref Trace trace, OffenceCase one, bool referral)
    {
        if ((groupsRefused == 0 || at != one) && exceptionRefused is null && caseRefused is null && !referral)
            return;
        trace.BeginList("not");
        for (var i = 0; i < groupsRefused && at == one; i++)
            trace.Item(one.Groups[i].Id);
        trace.Item(exceptionRefused);
        trace.Item(caseRefused);
        trace.Item(referral ? "crime" : null);
        trace.EndList();
    }

    readonly void Inputs(ref Trace trace, OffenceCase? one)
    {
        trace.In("code", reported.OffenceCode);
        if (reported.OffenceCode is not null && reported.OffenceEdition is { } day)
            trace.In("codeEdition", day.ToString("o", CultureInfo.InvariantCulture));
        trace.In("kind", reported.OffenceKind);
        if (one?.Measure is { } measure)
        {
            trace.In(Readings.NameOf(measure.Of), readings[measure.Of]);
            if (measure.Over is { } over)
                trace.In(Readings.NameOf(over), readings[over]);
            if (measure.Of == Input.DrivingTime)
                trace.In(Readings.NameOf(Input.RestTime), readings[Input.RestTime]);
            if (measure.Of is Input.GrossMass or Input.Load && readings[Input.Load] is not null)
            {
                trace.In(Readings.NameOf(Input.Load), measure.Of == Input.Load ? null : readings[Input.Load]);
                trace.In(Readings.NameOf(Input.RatedLoad), measure.Of == Input.Load ? null : readings[Input.RatedLoad]);
            }
            if (measure.Of == Input.Alcohol)
                trace.In("priors", context.PriorDrinkDecisions);
        }
        if (context.DriverOffences is { } before)
        {
            var (points, offences) = (0, 0);
            for (var i = 0; i < before.Count; i++)
                (points, offences) = (points + (before[i].Points ?? 0), offences + (before[i].Key ? 1 : 0));
            trace.In("driverPoints", points);
            trace.In("driverOffences", offences);
        }
        trace.In("group", group?.Id);
        trace.In("road", roadKind is { } road ? RoadNames[(int)road] : null);
        trace.In("vehicleType", reported.VehicleType);
        trace.In("useNature", reported.UseNature);
        if (one?.Measure?.Over != Input.RatedPersons)
            trace.In("ratedPersons", reported.RatedPersons);
        if (reported.Signals is { } signals)
            for (var i = 0; i < signals.Count && i < SignalInputs.Length; i++)
                if ((int)signals[i] is var number && number >= 0 && number < SignalNames.Length)
                    trace.In(SignalInputs[i], SignalNames[number]);
    }
}
