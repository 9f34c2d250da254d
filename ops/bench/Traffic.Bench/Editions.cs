using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Traffic.Host;
using Traffic.Host.Rebuild;
using Traffic.Host.Reconcile;
using Traffic.Intake;
using Traffic.Platform;
using Traffic.Reporting.Editions;

namespace Traffic.Bench;

/// <summary>
/// A bulletin over so many counted records (its week, the week before, the same days a year before), and a rebuild of them: the
/// product over a database filled by SQL, the bulletin asked for over HTTP.
/// </summary>
static class Editions
{
    const int Repeats = 5;

    /// <summary>Records that come between reading ahead and freezing.</summary>
    const int Meanwhile = 1_000;

    // A third in each window; entries, divisions, shifts and statuses spread as a campaign spreads them.
    const string Fill = """
        do $$
        declare
            rows bigint := {0};
            monday date := '{1}';
            i int := 0;
            intake bigint;
            register bigint;
        begin
            while i * 1000 < rows loop
                intake := nextval('platform.position'); register := nextval('platform.position');
                insert into platform.log (position, stream, first_sequence, items, body)
                    values (intake, 'intake', i * 1000 + 1, 1000, ''), (register, 'register', i * 1000 + 1, 1000, '');
                insert into register.violation (
                    record_id, received_at, position, item, began_position, revision, status, entry, family, division, day, shift_date, shift, source,
                    vehicle_class, items, criminal_referral, catalogue_version, trace, occurred_at, points, plate, driver_name)
                select gen_random_uuid(), (select created_at from platform.log where position = intake), intake, n - 1, register, 1,
                       case when n % 10 = 0 then 'captured' else 'confirmed' end, 'speeding.b.other.' || (n % 3) * 20, 'speeding',
                       (array['152501','152502','152522','152523','152524','152525','152526','152527','152528','152529','152530','152531'])[1 + n % 12],
                       d, d, case when n % 4 = 0 then 'night' else 'day' end, case when n % 5 = 0 then 'roadsideCheck' else 'camera' end,
                       (array['car','truck','coach','motorcycle'])[1 + n % 4], 'three-overs-one-fatigue', false, 'bench',
                       repeat('x', 200), d + time '04:00', 6, 'bench', 'bench'
                from generate_series(1, 1000) n
                cross join lateral (select case i % 3 when 0 then monday + n % 7 when 1 then monday - 7 + n % 7 else (monday - interval '1 year')::date + n % 7 end as d) days;
                i := i + 1;
            end loop;
            update platform.stream set records = rows where stream in ('intake', 'register');
        end $$;
        """;

    public static async Task Measure(Machine machine, long rows)
    {
        var database = await machine.NewDatabase("bench_editions");
        // Its tables are made by the product, which then is away: it would hold what is half there against its cells.
        await using (await Start())
        {
        }
        var cubes = Cubes.Load(new SchemaFiles(Path.Combine(AppContext.BaseDirectory, "schemas")));
        await using var owner = NpgsqlDataSource.Create(database);
        var week = EditionPeriod.Of("weekly", DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-7)));
        await Execute(owner, Fill.Replace("{0}", rows.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("{1}", week.Days.From.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), StringComparison.Ordinal));
        foreach (var cube in cubes.All.Where(cube => cube.CountsViolations && Reconciler.Recount(cube) is not null))
            await Execute(owner, $"insert into register.cell select '{cube.Id}', day, division, keys, value from ({Reconciler.Recount(cube)}) counted");
        await Execute(owner, "vacuum (analyze) register.violation");
        await Execute(owner, "vacuum (analyze) register.cell");
        await Execute(owner, "checkpoint");

        await using var host = await Start();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.Port}"), Timeout = TimeSpan.FromMinutes(2) };
        await Reports.Held(host.Port);
        var atOnce = await Frozen(owner, http, week, () => Task.CompletedTask);
        var id = $"weekly-152500-{week.Name}-1";
        var model = await http.GetFromJsonAsync<JsonNode>($"/api/v1/reports/editions/{id}?index=false");
        var verifying = Stopwatch.GetTimestamp();
        var verdict = EditionCheck.Verify(new MemoryStream(await http.GetByteArrayAsync($"/api/v1/reports/editions/{id}")), await http.GetStreamAsync($"/api/v1/reports/editions/{id}/records"));
        var verified = Stopwatch.GetElapsedTime(verifying).TotalSeconds;
        var ahead = await Ahead(machine, database, owner, week);
        var rebuilt = await new Rebuilder(owner, cubes).Compare(default);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            | what | {rows:n0} records counted |
            |---|---|
            | bulletin frozen, over HTTP, its leaves read ahead and {Meanwhile} records come since | median {ahead[Repeats / 2]:0.00} s, slowest of {Repeats} {ahead[^1]:0.00} s |
            | bulletin frozen, over HTTP, all read at the moment | median {atOnce[Repeats / 2]:0.00} s, slowest of {Repeats} {atOnce[^1]:0.00} s |
            | leaves, confirmed in the week | {model!["leaves"]}, {model["figures"]!["divisions"]![0]!["confirmed"]!["now"]} |
            | exported and verified anew | {verified:0.0} s: {(verdict.Ok ? "fits" : $"does not fit: {verdict.Why} {verdict.Detail}")} |
            | rebuild --compare | {rebuilt.Seconds:0.0} s: {(rebuilt.Ok ? "identical" : "differs")}, {rebuilt.Cells} cells |
            """));

        Task<Served> Start() => Served.Product(
            ("ConnectionStrings:Traffic", database), ("Traffic:Data", Path.Combine(machine.Folder, "bench_editions")), ("Logging:LogLevel:Default", "Error"));
    }

    /// <summary>As when it is due: read a moment before, then records come, then it is frozen.</summary>
    static async Task<List<double>> Ahead(Machine machine, string database, NpgsqlDataSource owner, EditionPeriod week)
    {
        await using var app = await TrafficHost.Build(Serve.Builder([
            "--urls=http://127.0.0.1:0", $"--Traffic:Data={Path.Combine(machine.Folder, "bench_editions")}", "--Logging:LogLevel:Default=Error"]), database);
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(2) };
        await Reports.Held(http.BaseAddress.Port);
        var seconds = await Frozen(owner, http, week, async () =>
        {
            await app.Services.GetRequiredService<EditionMaker>().ReadAhead([(week, "152500")], default);
            for (var batch = 0; batch < Meanwhile / 100; batch++)
            {
                var lines = Enumerable.Range(batch * 100, 100).Select(n => JsonSerializer.Serialize(
                    Bodies.Record(n, officer: false) with { EventId = Guid.NewGuid().ToString() }, IntakeJson.Strict.NewViolation));
                (await http.PostAsync("/api/v1/feeds/bench/events", new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson"))).EnsureSuccessStatusCode();
            }
            for (var tries = 0; await Count(owner, "select count(*) from platform.delivery") > 0; tries++)
                await (tries < 1000 ? Task.Delay(50) : throw new TimeoutException("The records that came are not taken in."));
        });
        await app.StopAsync();
        return seconds;
    }

    /// <summary>How long each took, sorted; the first one is not counted.</summary>
    static async Task<List<double>> Frozen(NpgsqlDataSource owner, HttpClient http, EditionPeriod week, Func<Task> before)
    {
        var seconds = new List<double>();
        for (var i = 0; i <= Repeats; i++)
        {
            await Execute(owner, "delete from reporting.edition");
            await before();
            var began = Stopwatch.GetTimestamp();
            using var answer = await http.PostAsJsonAsync("/api/v1/reports/editions", new { kind = "weekly", period = week.Name });
            var text = await answer.Content.ReadAsStringAsync();
            if (!answer.IsSuccessStatusCode)
                throw new InvalidOperationException(text);
            if (i > 0)
                seconds.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        Console.Error.WriteLine(string.Join(' ', seconds.Select(one => one.ToString("0.00", CultureInfo.InvariantCulture))));
        seconds.Sort();
        return seconds;
    }

#pragma warning disable CA2100 // statements of our own
    static async Task Execute(NpgsqlDataSource owner, string sql)
    {
        await using var command = owner.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    static async Task<long> Count(NpgsqlDataSource owner, string sql)
    {
        await using var command = owner.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
#pragma warning restore CA2100
}
