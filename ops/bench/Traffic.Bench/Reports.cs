using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Traffic.Host.Reconcile;
using Traffic.Platform;

namespace Traffic.Bench;

/// <summary>One question, asked again and again, each time about other days.</summary>
/// <param name="LimitMs">Bound of its 95th percentile.</param>
/// <param name="Ask">Address of the nth question.</param>
sealed record Question(string Name, double LimitMs, Func<int, string> Ask);

/// <summary>
/// How long each report takes over HTTP with so many records on file: two years of a league of 13 divisions, more of them to a day the
/// more there are. Records, log rows and former standings are made by SQL in the product's tables, spread as a campaign
/// spreads them and in the order in which they come: most within a minute or two, 17 in 100 up to two hours late, 3 in 100 up to 30 days;
/// the cells are counted from them by the statements of <c>reconcile</c>. Everything that answers is the product. All sizes are asked by turns.
/// </summary>
static class Reports
{
    const int Days = 730, Each = 40, Chunk = 50_000;

    /// <summary>Seconds after which no further question of a kind is asked.</summary>
    const double Patience = 12;

    // Chunk by chunk: the ith of so many, n records each, in the order in which they came, in groups of 1,000 to a log row. One in ten was
    // captured first and decided later.
    const string Fill = """
        with entries as (
            select row_number() over (order by md5(entry))::int as e, entry, family
            from (select distinct on (entry) entry, family from register.catalogue_entry order by entry, edition desc) newest),
        words as (select kind, row_number() over (partition by kind order by id)::int as w, id from register.catalogue_word),
        drawn as (
            select n, $2::timestamptz + ($3::float8 * n) * interval '1 second' as received,
                   $4::bigint + (n / 1000) * 3 as position, $5::bigint + (n / 1000) * 1100 as sequence, n % 1000 as item,
                   1 + floor((select count(*) from entries) * pow(random(), 4))::int as e, random() as s, random() as t, random() as u, random() as h,
                   random() as late, 1 + floor(13 * pow(random(), 1.5))::int as d
            from generate_series(0, $1 - 1) n),
        happened as (
            select *, local::date as day, (local - interval '6 hours')::date as shift_date,
                   case when extract(hour from local) between 6 and 19 then 'day' else 'night' end as shift,
                   case when s < 0.7 then 'camera' when extract(hour from local) between 6 and 19 then 'roadsideCheck' else 'nightInspection' end as source,
                   1 + e % (select count(*) from words where kind = 'item')::int as i, 1 + (n + e) % (select count(*) from words where kind = 'overlay')::int as o
            from (select *, received at time zone 'Asia/Shanghai'
                      - case when late < 0.03 then late * 1000 * interval '1 day' when late < 0.2 then late * interval '10 hours' else late * interval '2 minutes' end as local
                  from drawn) sent),
        told as (
            insert into platform.log (position, created_at, stream, first_sequence, items, body)
            select position + part, received, case part when 0 then 'intake' else 'register' end,
                   case part when 0 then $6 + (n / 1000) * 1000 when 1 then sequence else sequence + 1000 end, case part when 2 then 100 else 1000 end, ''
            from drawn cross join generate_series(0, 2) part where n % 1000 = 0),
        former as (
            insert into register.former_standing (
                record_id, revision, began_position, ended_position, status, entry, family, division, day, shift_date, shift, source, vehicle_class, items,
                overlays, criminal_referral, catalogue_version, trace, occurred_at)
            select ('00000000-0000-4000-8000-' || lpad(to_hex($6 + n), 12, '0'))::uuid, 1, position + 1, position + 2, 'captured', entry, family,
                   ($7::text[])[d], day, shift_date, shift, source, ($8::text[])[1 + e % 7], '', '', false, 'bench', '', local - interval '8 hours'
            from happened join entries using (e) where item < 100)
        insert into register.violation (
            record_id, received_at, position, item, began_position, revision, status, entry, family, division, day, shift_date, shift, source,
            vehicle_class, items, overlays, criminal_referral, catalogue_version, trace, occurred_at, points, plate, driver_name)
        select ('00000000-0000-4000-8000-' || lpad(to_hex($6 + n), 12, '0'))::uuid, received, position, item,
               case when item < 100 then position + 2 else position + 1 end, case when item < 100 then 2 else 1 end,
               case when source <> 'camera' then case when u < 0.97 then 'confirmed' when u < 0.99 then 'voided' else 'toReview' end
                    when u < 0.75 then 'confirmed' when u < 0.85 then 'captured' when u < 0.98 then 'rejected' when u < 0.99 then 'held' else 'voided' end,
               entry, family, ($7::text[])[d], day, shift_date, shift, source, ($8::text[])[1 + (case when h < 0.9 then e else n end) % 7],
               case when t < 0.6 then items.id else '' end,
               case when t > 0.85 then overlays.id else '' end, u < 0.005, 'bench', repeat('x', 120),
               local - interval '8 hours', (array[0, 1, 3, 6, 9, 12])[1 + e % 6], 'bench', 'bench'
        from happened join entries using (e)
        join words items on items.kind = 'item' and items.w = i
        join words overlays on overlays.kind = 'overlay' and overlays.w = o
        order by n
        """;

    static readonly string[] Divisions =
        ["152502", "152501", "152522", "152523", "152524", "152525", "152526", "152527", "152528", "152529", "152530", "152531", "152571"];

    static readonly string[] Vehicles = ["car", "minivan", "coach", "bus", "truck", "motorcycle", "non-motor"];

    /// <summary>The product over so many records, and what it is asked.</summary>
    sealed class Filled(Served host, HttpClient http, List<Question> questions) : IAsyncDisposable
    {
        public HttpClient Http => http;

        public List<Question> Questions => questions;

        public ValueTask DisposeAsync()
        {
            http.Dispose();
            return host.DisposeAsync();
        }
    }

    /// <summary>Milliseconds that a question took, sorted.</summary>
    sealed record Times(List<double> Taken)
    {
        public double P50 => Taken[Taken.Count / 2];

        public double P95 => Taken[Math.Min(Taken.Count - 1, (int)(Taken.Count * 0.95))];

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{P50:0.0} / {P95:0.0}");
    }

    sealed record Line(Question Question, List<Times> Sizes)
    {
        /// <summary>The middle at the greatest size to that at the least.</summary>
        public double Ratio => Sizes[^1].P50 / Sizes[0].P50;
    }

    public static async Task Measure(Machine machine, IReadOnlyList<long> sizes, string? results)
    {
        var filled = new List<Filled>();
        var lines = new List<Line>();
        try
        {
            foreach (var rows in sizes)
                filled.Add(await Open(machine, rows));
            for (var nth = 0; nth < filled[0].Questions.Count; nth++)
            {
                lines.Add(await Ask(filled, nth));
                Console.Error.WriteLine($"{lines[^1].Question.Name}: {string.Join(", ", lines[^1].Sizes)} ms");
            }
        }
        finally
        {
            foreach (var one in filled)
                await one.DisposeAsync();
        }
        var table = Table(sizes, lines);
        Console.WriteLine(table);
        if (results is not null)
            await File.WriteAllTextAsync(results, table + "\n");
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            records = sizes,
            reports = lines.Select(one => new
            {
                one.Question.Name, one.Question.LimitMs, p50Ms = one.Sizes.Select(size => Math.Round(size.P50, 1)), p95Ms = one.Sizes.Select(size => Math.Round(size.P95, 1)),
                asked = one.Sizes.Select(size => size.Taken.Count), times = Math.Round(one.Ratio, 2),
            }),
            hardware = Machine.Hardware(), settings = await machine.Settings(),
        }, Report.Json));
    }

    static async Task<Filled> Open(Machine machine, long rows)
    {
        var name = $"bench_reports_{rows}";
        var kept = await machine.HasDatabase(name);
        var database = kept ? machine.Named(name) : await machine.NewDatabase(name);
        Task<Served> Start() => Served.Product(
            ("ConnectionStrings:Traffic", database), ("ConnectionStrings:RabbitMq", null), ("Traffic:Data", Path.Combine(machine.Folder, name)), ("Logging:LogLevel:Default", "Error"));
        await using var owner = NpgsqlDataSource.Create(database);
        if (!kept)
        {
            // Its tables are made by the product, which then is away: it would freeze bulletins of what is half there.
            await using (await Start())
            {
            }
            await Make(owner, Cubes.Load(new SchemaFiles(Path.Combine(AppContext.BaseDirectory, "schemas"))), rows);
            await File.WriteAllTextAsync(Path.Combine(machine.Folder, name + ".filled"), "");
        }
        var host = await Start();
        Console.Error.WriteLine($"{rows:n0} records, {await Scalar(owner, "select count(*) from register.cell"):n0} cells");
        Console.Error.WriteLine($"{await Held(host.Port):n0} changes read into memory after {host.SinceStart.TotalSeconds:0.0} s");
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.Port}/api/v1/reports/"), Timeout = TimeSpan.FromMinutes(2) };
        return new Filled(host, http, await Questions(http));
    }

    static string Table(IReadOnlyList<long> sizes, List<Line> lines)
    {
        string Head(long rows) => string.Create(CultureInfo.InvariantCulture, $"{rows:n0} records, p50 / p95 ms");
        var table = new List<string>
        {
            $"| report | {string.Join(" | ", sizes.Select(Head))} | times | bound, p95 ms |", $"|---|{string.Concat(sizes.Select(_ => "---|"))}---|---|",
        };
        foreach (var line in lines)
            table.Add(string.Create(CultureInfo.InvariantCulture,
                $"| {line.Question.Name} | {string.Join(" | ", line.Sizes)} | {line.Ratio:0.00} | {line.Question.LimitMs:0}{(line.Sizes[^1].P95 > line.Question.LimitMs ? ", over" : "")} |"));
        return string.Join('\n', table);
    }

    static DateOnly Last => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(-1);

    /// <summary>About a hundred days, beginning elsewhere each time; about all of it where so many are meant.</summary>
    static string Window(int nth, int days = 100) => string.Create(CultureInfo.InvariantCulture,
        $"from={Last.AddDays(1 - days - (days < Days ? nth * 7 % (Days - days - 30) : nth % 5)):yyyy-MM-dd}&to={Last.AddDays(-(days < Days ? nth * 7 % (Days - days - 30) : 0)):yyyy-MM-dd}");

    static async Task<List<Question>> Questions(HttpClient http)
    {
        var asOf = (long)(await http.GetFromJsonAsync<JsonNode>($"offences?{Window(0, 1)}"))!["asOf"]!;
        var period = $"{ISOWeek.GetYear(Last.AddDays(-7).ToDateTime(default)):0000}-W{ISOWeek.GetWeekOfYear(Last.AddDays(-7).ToDateTime(default)):00}";
        // The product makes up for the bulletins of two years, one after the other: nothing is measured beside that.
        for (var began = Stopwatch.GetTimestamp(); !await Made($"weekly-152500-{period}-1") || !await Made($"monthly-152500-{Last.AddMonths(-1):yyyy-MM}-1"); await Task.Delay(1_000))
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(40))
                throw new TimeoutException("The bulletins of the past were not made.");
        string[] groups =
        [
            "entry", "family", "division", "day", "week", "month", "source", "vehicleClass", "status", "criminal", "overlay", "shift",
            "family,division", "day,entry",
        ];
        return
        [
            .. groups.Select(group => new Question($"offences by {group}, 100 days", 50, n => $"offences?{Window(n)}&groupBy={group}")),
            .. groups[..^1].Select(group => new Question($"offences by {group}, two years", 50, n => $"offences?{Window(n, Days)}&groupBy={group}")),
            new("offences of one banner by entry, 100 days", 50, n => $"offences?{Window(n)}&groupBy=entry&division={Divisions[n % 13]}"),
            new("targets on violations, 100 days", 50, n => $"targets?campaign=last-hundred-days&{Window(n)}"),
            new("targets on violations, 13 divisions side by side", 50, n => $"targets?campaign=last-hundred-days&{Window(n)}&perDivision=true"),
            new("targets on crashes, dangers, observations (none on file)", 50, n => $"targets?campaign=hundred-days&{Window(n)}"),
            new("duty, 100 days", 50, n => $"duty?{Window(n)}"),
            new("ledger of a day", 50, n => $"ledger?{Window(n, 1)}"),
            new("ledger of 31 days", 50, n => $"ledger?{Window(n, 31)}"),
            new("bulletin, read", 50, _ => $"editions/weekly-152500-{period}-1?index=false"),
            new("first page of 100 days", 100, n => $"records?{Window(n)}"),
            new("first page of two years", 100, n => $"records?{Window(n, Days)}"),
            new("first page of one banner, family and source", 100, n => $"records?{Window(n)}&division={Divisions[n % 13]}&family=speeding&source=camera"),
            new("first page of shift days", 100, n => $"records?{Window(n)}&days=shift&shift=night"),
            new("first page of one tag", 100, n => $"records?{Window(n)}&overlay=keyVehicle"),
            new("by family as of 1,000 changes ago", 50, n => $"offences?{Window(n)}&groupBy=family&asOf={asOf - 1_000 - n}"),
            new("by family as of 1 % of the changes ago", 50, n => $"offences?{Window(n)}&groupBy=family&asOf={asOf - (asOf / 100) - n}"),
            new("by family as of half of the changes ago", 50, n => $"offences?{Window(n)}&groupBy=family&asOf={(asOf / 2) - n}"),
            new("first page as of 1,000 changes ago", 100, n => $"records?{Window(n)}&asOf={asOf - 1_000 - n}"),
            new("targets as of 1,000 changes ago", 50, n => $"targets?campaign=last-hundred-days&{Window(n)}&asOf={asOf - 1_000 - n}"),
        ];

        async Task<bool> Made(string edition)
        {
            using var answer = await http.GetAsync($"editions/{edition}?index=false");
            return answer.IsSuccessStatusCode;
        }
    }

    /// <summary>Waits until the process holds the counts; how many changes they are.</summary>
    internal static async Task<long> Held(int port)
    {
        using var http = new HttpClient();
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(5); await Task.Delay(200))
            foreach (var line in (await http.GetStringAsync($"http://127.0.0.1:{port}/metrics")).Split('\n'))
                if (line.StartsWith("traffic_report_changes_held", StringComparison.Ordinal) && line.Split(' ') is [_, var held, ..]
                    && double.Parse(held, CultureInfo.InvariantCulture) is > 0 and var many)
                    return (long)many;
        throw new TimeoutException("The counts were not read into memory.");
    }

    /// <summary>The nth question, to each size in turn: what the machine does meanwhile meets them alike.</summary>
    static async Task<Line> Ask(List<Filled> filled, int nth)
    {
        var (taken, began) = (filled.ConvertAll(_ => new List<double>()), Stopwatch.GetTimestamp());
        for (var n = 0; n < Each + 2 && (taken[0].Count < 3 || Stopwatch.GetElapsedTime(began).TotalSeconds < Patience * filled.Count); n++)
            for (var size = 0; size < filled.Count; size++)
            {
                var ms = await Ask(filled[size].Http, filled[size].Questions[nth].Ask(n));
                // The first two make plans and connections.
                if (n >= 2)
                    taken[size].Add(ms);
            }
        taken.ForEach(one => one.Sort());
        return new Line(filled[0].Questions[nth], taken.ConvertAll(one => new Times(one)));
    }

    static async Task<double> Ask(HttpClient http, string question)
    {
        var began = Stopwatch.GetTimestamp();
        // To the last byte, and nothing is done with it: what a reader makes of four megabytes is the reader's time.
        using var answer = await http.GetAsync(question, HttpCompletionOption.ResponseHeadersRead);
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            Console.Error.WriteLine($"{question}: 503 after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        else if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{question}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        await answer.Content.CopyToAsync(Stream.Null);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    static async Task Make(NpgsqlDataSource owner, Cubes cubes, long rows)
    {
        var first = new DateTime(Last.AddDays(1 - Days), TimeOnly.MinValue, DateTimeKind.Utc);
        await Execute(owner, $"select platform.make_months('register.violation', '{first:yyyy-MM-dd}', current_date), platform.make_months('platform.log', '{first:yyyy-MM-dd}', current_date)");
        var apart = Days * 86_400.0 / rows;
        for (var made = 0L; made < rows; made += Chunk)
        {
            await using var command = owner.CreateCommand(Fill);
            command.CommandTimeout = 0;
            var many = (int)Math.Min(Chunk, rows - made);
            foreach (var value in new object[] { many, first.AddSeconds(made * apart), apart, 1_000_000 + (made / 1000 * 3), 1 + (made / 1000 * 1100), 1 + made, Divisions, Vehicles })
                command.Parameters.Add(new() { Value = value });
            await command.ExecuteNonQueryAsync();
            if (made % 1_000_000 == 0)
                Console.Error.WriteLine($"{made:n0} made");
        }
        await Execute(owner, $"""
            select setval('platform.position', {2_000_000 + (rows / 1000 * 3)});
            update platform.stream set records = case stream when 'intake' then {rows} else {rows / 1000 * 1100} end where stream in ('intake', 'register');
            insert into intake.tally select date_trunc('hour', received_at), 'bench', count(*), count(*), 0, 0, 0, 0 from register.violation group by 1
            """);
        foreach (var cube in cubes.All.Where(cube => cube.CountsViolations && Reconciler.Recount(cube) is not null))
            await Execute(owner, $"insert into register.cell select '{cube.Id}', day, division, keys, value from ({Reconciler.Recount(cube)}) counted order by 2, 3, 4");
        foreach (var table in new[] { "register.violation", "register.former_standing", "register.cell", "platform.log", "intake.tally" })
            await Execute(owner, $"vacuum (analyze) {table}");
        await Execute(owner, "checkpoint");
    }

#pragma warning disable CA2100 // statements of our own
    static async Task Execute(NpgsqlDataSource owner, string sql)
    {
        await using var command = owner.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    static async Task<long> Scalar(NpgsqlDataSource owner, string sql)
    {
        await using var command = owner.CreateCommand(sql);
        command.CommandTimeout = 0;
        return (long)(await command.ExecuteScalarAsync())!;
    }
#pragma warning restore CA2100
}
