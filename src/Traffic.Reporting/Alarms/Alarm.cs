using System.Buffers;
using System.Text.Json;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Reporting.Alarms;

/// <summary>
/// Subscriber <c>alarm</c> of the log <c>register</c>: rings where a record just counted has broken a zero target, of its division or of
/// one above, and says when it is unbroken again.
/// </summary>
/// <remarks>
/// Judged is what the targets page would show at that moment, by the same rule. An alarm stands until it is undone, so that in whatever order and
/// however often rows come, a target that is broken has rung once. What was broken and mended before anybody looked does not ring.
/// </remarks>
sealed class Alarm(Campaigns campaigns, Cubes cubes, Divisions divisions, Titles titles, ReportStore reports, TimeProvider clock) : ISubscriber
{
    public async Task Handle(LogBatch batch, CancellationToken cancel)
    {
        var lines = Lines().ToList();
        List<Counted> counted = [.. batch.Read(Log.Activity).Select(one => Of(one.Value))];
        // Most of what passes here is violations that no zero target is about: they are passed over by their own words, unjoined.
        List<Asked> asked = [.. lines.Where(line => line.Cube.CountsViolations).Select(line => new Asked(line, Figure(line, line.Campaign.Division).Statuses))];
        if (asked.Count > 0)
            counted.AddRange(batch.Read(Log.Standing)
                .Where(one => one.Value.Revision > 1 || asked.Exists(line => line.MayBe(one.Value))).Select(one => Of(one.Value)));
        counted.RemoveAll(one => !lines.Exists(line => line.Cube.Of == one.Of && (one.MayMend || Adds(line, one))));
        if (counted.Count == 0)
            return;

        var open = await AlarmStore.LockOpen(batch);
        var rung = new List<AlarmChanged>();
        foreach (var line in lines)
        {
            var touching = counted.Where(one => one.Of == line.Cube.Of).ToList();
            if (touching.Count == 0)
                continue;
            var standing = open.Select(one => one.Alarm).Where(one => one.Campaign == line.Campaign.Id && one.Line == line.Definition.Id)
                .ToDictionary(one => one.DivisionCode);
            var adding = touching.Where(one => Adds(line, one)).ToList();
            foreach (var division in adding.SelectMany(one => Above(one.Division, line.Campaign)).Concat(standing.Keys).Distinct().ToList())
            {
                var broke = adding.Find(one => Above(one.Division, line.Campaign).Contains(division));
                standing.TryGetValue(division, out var alarm);
                var stale = alarm is not null && !line.Cube.Stock && alarm.Day < line.From;
                if (alarm is not null && !stale && !touching.Exists(one => one.MayMend))
                    continue;
                var (broken, value, records) = await Judge(line, division, cancel);
                if (alarm is not null && (stale || !broken))
                    await Add(Change(AlarmChange.Undone, alarm.AlarmId, touching.FindLast(one => one.MayMend) ?? touching[^1]));
                if (broken && broke is not null && (alarm is null || stale))
                    await Add(Change(AlarmChange.Rang, Guid.CreateVersion7(clock.GetUtcNow()), broke));

                AlarmChanged Change(AlarmChange change, Guid id, Counted by) => new()
                {
                    AlarmId = id, Change = change, Campaign = line.Campaign.Id, Line = line.Definition.Id, Version = line.Definition.Version,
                    DivisionCode = division, Kind = by.Of, RecordId = by.Id, Revision = by.Revision, Day = by.Day, Value = value,
                    At = clock.GetUtcNow(), Records = records,
                };
            }
        }
        if (rung.Count > 0)
            await Tell(batch, rung, cancel);

        async Task Add(AlarmChanged alarm)
        {
            if (await AlarmStore.Add(batch, alarm))
                rung.Add(alarm);
        }
    }

    static async Task Tell(LogBatch batch, List<AlarmChanged> rung, CancellationToken cancel)
    {
        var body = new ArrayBufferWriter<byte>();
        foreach (var alarm in rung)
        {
            body.Write(JsonSerializer.SerializeToUtf8Bytes(alarm, TrafficJson.Plain.AlarmChanged));
            body.Write("\n"u8);
        }
        await batch.Append("alarm", rung.Count, body.WrittenMemory, null, cancel);
    }

    /// <summary>A line to watch, in the window its campaign answers for today.</summary>
    sealed record ZeroLine(Campaign Campaign, TargetDefinition Definition, Cube Cube, DateOnly From, DateOnly To);

    IEnumerable<ZeroLine> Lines()
    {
        foreach (var campaign in campaigns.All)
        {
            var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), divisions.Zone(null, campaign.Division)).DateTime);
            var (from, to) = campaign.Window(today);
            foreach (var line in campaign.LinesOn(to).Where(one => one.Direction == "zero" && one.ValidFrom <= to && !(one.ValidTo < from)))
                if (cubes.Find(line.Numerator.Cube) is { } cube)
                    yield return new ZeroLine(campaign, line, cube, from, to);
        }
    }

    /// <summary>What a line on violations asks of one, by words that need no joining.</summary>
    /// <param name="statuses">Those that count where the line names none.</param>
    sealed class Asked(ZeroLine line, string[] statuses)
    {
        readonly string[]? entries = Named(line, "entry"), families = Named(line, "family");
        readonly string[] counting = Named(line, "status") ?? statuses;

        static string[]? Named(ZeroLine line, string dimension) => line.Definition.Numerator.Where.GetValueOrDefault(dimension);

        /// <summary>False where the line surely does not count it.</summary>
        public bool MayBe(StandingChanged change) =>
            change.Day >= line.From && change.Day <= line.To && counting.Contains(change.Status.Word())
            && entries?.Contains(change.Entry) != false && families?.Contains(change.Family) != false;
    }

    /// <summary>A revision as the register counted it.</summary>
    /// <param name="Of">What kind of thing, as cubes name it.</param>
    /// <param name="MayMend">True where it takes something away: a later revision, a void, a clearing.</param>
    /// <param name="Shares">What it stands for in cells.</param>
    sealed record Counted(string Of, Guid Id, int Revision, string Division, DateOnly Day, bool MayMend, IReadOnlyList<ActivityCount> Shares);

    Counted Of(StandingChanged change) => new(
        "violation", change.RecordId, change.Revision, change.DivisionCode, change.Day, change.Revision > 1,
        [.. cubes.All.Where(cube => cube.CountsViolations).SelectMany(cube => Shares(cube, change))]);

    /// <summary>One in a cube of violations; a share for each of its items or tags where the cube counts them.</summary>
    static IEnumerable<ActivityCount> Shares(Cube cube, StandingChanged change)
    {
        var listed = cube.Dimensions.Contains("item") ? change.Items : cube.Dimensions.Contains("overlay") ? change.Overlays : null;
        foreach (var one in cube.MultiBucket ? (listed ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries) : [""])
            yield return new ActivityCount
            {
                Cube = cube.Id, Day = change.Day, Value = 1, Keys = string.Join('|', cube.Dimensions.Select(dimension => Key(dimension, one))),
            };

        string Key(string dimension, string one) => dimension switch
        {
            "entry" => change.Entry, "family" => change.Family, "status" => change.Status.Word(), "shift" => change.Shift.Word(),
            "source" => change.Source.Word(), "vehicleClass" => change.VehicleClass, "origin" => change.Origin ?? "-", "item" or "overlay" => one,
            _ => throw new FormatException($"A violation has no “{dimension}”."),
        };
    }

    static Counted Of(ActivityChanged change) => new(
        change.Kind.Word(), change.ActivityId, change.Revision, change.DivisionCode, change.Day, change.Revision > 1, change.Late ? [] : change.Counts);

    /// <summary>True where the revision puts something into the cells the line adds up.</summary>
    bool Adds(ZeroLine line, Counted one) => one.Shares.Any(share =>
        share.Cube == line.Cube.Id && share.Value > 0 && share.Day <= line.To && (line.Cube.Stock || share.Day >= line.From)
        && TargetBoard.Add(line.Cube.Dimensions, line.Definition.Numerator, [new CubeSum(share.Keys, share.Value)], Figure(line, one.Division)).Value > 0
        && Above(one.Division, line.Campaign).Count > 0);

    async Task<(bool Broken, long Value, string? Records)> Judge(ZeroLine line, string division, CancellationToken cancel)
    {
        var report = await reports.InSnapshot(null, snapshot => new TargetBoard(snapshot, cubes, titles).Of(
            line.Campaign with { Definitions = [line.Definition] }, Figure(line, division)), cancel);
        return (report.Lines[0].Status == TargetStatus.Missed, (long)decimal.Ceiling(report.Lines[0].Value ?? 0), report.Lines[0].Records);
    }

    Figure Figure(ZeroLine line, string division) => new()
    {
        From = line.From, To = line.To, Division = division, Divisions = [.. divisions.WithDescendants(division)],
    };

    /// <summary>The division and those above it, up to the campaign's; none where it is not in the campaign.</summary>
    List<string> Above(string division, Campaign campaign)
    {
        var above = new List<string>();
        for (var code = division; code is not null; code = divisions.Find(null, code)?.Parent)
        {
            above.Add(code);
            if (code == campaign.Division)
                return above;
        }
        return [];
    }
}
