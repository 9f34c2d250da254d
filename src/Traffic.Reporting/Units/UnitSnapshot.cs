using Dapper;
using Traffic.Platform;
using Traffic.Reporting.Counts;
using Traffic.Reporting.Units;

namespace Traffic.Reporting;

/// <summary>How much counts for a unit on a day.</summary>
/// <param name="Unit">As recorded; <c>-</c> where none was named.</param>
sealed record UnitDay(string Unit, DateOnly Day, long Value);

/// <summary>A session and the officers it names.</summary>
/// <param name="Officers">Who reported it, who closed it, who were there; without nulls, joined by <c>|</c>.</param>
sealed record UnitSession(Guid ActivityId, string? UnitCode, DateOnly Day, string Name, string Officers);

sealed partial class Snapshot
{
    UnitMap? units;

    /// <summary>The same moment, of some units alone.</summary>
    /// <param name="map">Null is the same moment.</param>
    public Snapshot Within(UnitMap? map) => map is null ? this : new(connection, transaction, cubes, present, asOf, cancel) { preview = preview, units = map, KeptBefore = KeptBefore, Held = Held };

    /// <summary>The units by which this moment is read.</summary>
    /// <param name="version">Null takes the newest there was; null is the answer where there is no such version.</param>
    public Task<UnitTree?> Units(UnitStore units, int? version) => units.Tree(connection, transaction, version, KeptBefore, cancel);

    /// <summary>Joins what is counted to the unit it counts for on its day.</summary>
    static string Tree(string unit, string day) => $"""

        left join unnest(@UnitCodes::text[], @UnitFroms::date[], @UnitTos::date[], @UnitKeys::text[], @UnitChosen::boolean[])
            as tree (tree_unit, tree_from, tree_to, unit_key, unit_chosen) on tree_unit = {unit} and {day} between tree_from and tree_to

        """;

    const string WhereUnit = "coalesce(unit_chosen, @UnitOutside)";

    static void Add(DynamicParameters values, UnitMap? map)
    {
        values.Add("UnitCodes", map?.Units ?? []);
        values.Add("UnitFroms", map?.Froms ?? []);
        values.Add("UnitTos", map?.Tos ?? []);
        values.Add("UnitKeys", map?.Keys ?? []);
        values.Add("UnitChosen", map?.Chosen ?? []);
        values.Add("UnitOutside", map?.Outside ?? true);
    }

    /// <summary>Where the counts of a cube are read of some units alone: no cell tells a violation's unit apart, nor a crash's.</summary>
    string? SourceOfUnits(Cube cube)
    {
        if (!cube.CountsViolations)
            return cube.Of == "activity" ? null : $"""
                select c.day, c.division, c.keys, c.value
                from register.published_activity_count c
                join register.{(asOf == present ? "published_activity" : "published_activity_at")} a using (activity_id, revision)
                {Tree("a.unit_code", "c.day")}
                where c.cube = @Cube and {WhereUnit}
                  {(asOf == present ? "" : "and a.began_sequence <= @AsOf and (a.ended_sequence is null or a.ended_sequence > @AsOf)")}
                """;
        var columns = cube.Dimensions.Select(Column).ToList();
        if (columns.Contains(null))
            return null;
        return $"""
            select s.day, s.division, {string.Join(" || '|' || ", columns)} as keys, 1 as value
            from {(asOf == present ? "register.published_standing s" : "register.published_counted_at s")}
            {Each(cube)}{Tree("s.unit_code", "s.day")}
            where {WhereUnit}
              {(asOf == present ? "" : "and s.began_sequence <= @AsOf and (s.ended_sequence is null or s.ended_sequence > @AsOf)")}
            """;
    }

    /// <summary>Records behind a figure by unit and calendar day.</summary>
    public async Task<IReadOnlyList<UnitDay>> ByUnit(Figure figure) => Held?.Of(CountQuestion.Of(figure, ["unitCode", "day"]) with { ByShiftDate = false, Units = null, Each = null }) is { } held
        ? [.. held.Select(one => new UnitDay(one.Keys[0], Period.Parse("day", one.Keys[1]).First, one.Value))]
        : [.. await Query<UnitDay>($"""
        with counted as ({Standings(byShiftDate: false, withUnit: true)})
        select coalesce(unit, '-') as unit, day, sum(value)::bigint as value
        from counted
        {WhereFigure}{WhereStanding}
        group by 1, 2
        """, figure)];

    /// <summary>Sessions of our own that stand, by the day of their planned start.</summary>
    public async Task<IReadOnlyList<UnitSession>> Sessions(DateOnly from, DateOnly to) => [.. await connection.QueryAsync<UnitSession>(Command($"""
        select a.activity_id, a.unit_code, a.day, a.detail -> 'session' ->> 'name' as name,
               concat_ws('|', a.officer_id, a.detail -> 'session' -> 'closing' ->> 'closedBy',
                   (select string_agg(one, '|') from jsonb_array_elements_text(a.detail -> 'session' -> 'closing' -> 'officerIds') as one)) as officers
        from register.{(asOf == present ? "published_activity" : "published_activity_at")} a
        where a.kind = 'session' and a.status = 'confirmed' and a.origin is null and a.day between @from and @to
          {(asOf == present ? "" : "and a.began_sequence <= @asOf and (a.ended_sequence is null or a.ended_sequence > @asOf)")}
        order by a.day, a.activity_id
        """, new { from, to, asOf }))];
}
