using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using MiniExcelLibs;
using NUnit.Framework;
using Traffic.Platform;
using Traffic.Reporting;
using Traffic.Reporting.Editions;
using Traffic.Reporting.Exports;

namespace Traffic.Tests.Editions;

/// <summary>Each file opened again, against what the API says; and the ledger against what was sent.</summary>
[Category("Postgres")]
public sealed class ExportTests
{
    TrafficApp app = null!;
    string window = null!;
    string edition = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        app = await TrafficApp.Start();
        var week = EditionPeriod.Of("weekly", EditionPeriod.Of("weekly", DateOnly.FromDateTime(app.Now.UtcDateTime.AddHours(8))).Days.From.AddDays(-1));
        window = $"from={week.Days.From:yyyy-MM-dd}&to={week.Days.To:yyyy-MM-dd}";
        var again = Guid.NewGuid();
        for (var i = 0; i < 8; i++)
            await Send(i == 0 ? again : Guid.NewGuid(), week.Days.From, i % 2 == 0 ? "152502" : "152531", i < 3 ? "152502000000" : null, HttpStatusCode.Created);
        await Send(again, week.Days.From, "152502", "152502000000", HttpStatusCode.OK);
        await Send(again, week.Days.From, "152531", "152502000000", HttpStatusCode.Conflict);
        await Send(Guid.NewGuid(), week.Days.From, "999999", null, HttpStatusCode.BadRequest);
        await app.NothingInFlight();
        var made = await app.Http.PostAsJsonAsync("/api/v1/reports/editions", new { kind = "weekly", period = week.Name });
        edition = (string)JsonNode.Parse(await made.Content.ReadAsStringAsync())!["edition"]!;
    }

    async Task Send(Guid id, DateOnly day, string division, string? unitCode, HttpStatusCode expected)
    {
        var answer = await app.Http.PostAsJsonAsync("/api/v1/violations", new
        {
            recordId = id, source = "roadsideCheck", occurredAt = new DateTimeOffset(day.ToDateTime(new TimeOnly(4, 0)), TimeSpan.Zero), divisionCode = division,
            unitCode, roadKind = "urban", plate = "蒙H00001", plateType = "02", vehicleType = "K33", useNature = "A", driverName = "某某", offenceKind = "speeding",
            measurements = new object[] { new { quantity = "speed", value = 80, unit = "km/h" }, new { quantity = "speedLimit", value = 50, unit = "km/h" } },
        });
        Assert.That(answer.StatusCode, Is.EqualTo(expected), await answer.Content.ReadAsStringAsync());
    }

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    async Task<JsonNode> Get(string address) => JsonNode.Parse(await app.Http.GetStringAsync(address))!;

    [Test]
    public async Task A_csv_has_the_rows_of_the_api_with_filter_sequence_and_root()
    {
        var answer = await Get($"/api/v1/reports/records?{window}&limit=500");
        var bytes = await app.Http.GetByteArrayAsync($"/api/v1/reports/records.csv?{window}&asOf={answer["asOf"]}");
        var lines = Encoding.UTF8.GetString(bytes.AsSpan(3)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.That(bytes[..3], Is.EqualTo(new byte[] { 0xEF, 0xBB, 0xBF }), "Excel reads Chinese by this mark");
        Assert.That(lines[1], Does.StartWith("filter,").And.Contain(window));
        Assert.That(lines[2], Is.EqualTo($"asOf,{answer["asOf"]}"));
        Assert.That(lines[3], Is.EqualTo($"rows,{answer["total"]}"));
        Assert.That(lines[4], Does.Match("^rootOfRows,[0-9a-f]{64}$"));
        Assert.That(lines[6..].Select(line => line.Split(',')[1]), Is.EqualTo(answer["records"]!.AsArray().Select(one => (string)one!["recordId"]!)));
        Assert.That(string.Concat(lines), Does.Not.Contain("蒙H").And.Not.Contain("某某"), "nothing personal");
    }

    [Test]
    public async Task A_file_of_targets_says_its_filter_and_has_every_part()
    {
        var asked = $"campaign=summer-2022-offences&{window}&division=152500&status=voided&perDivision=true";
        var answer = await Get($"/api/v1/reports/targets?{asked}");
        var lines = (await app.Http.GetStringAsync($"/api/v1/reports/targets.csv?{asked}&asOf={answer["asOf"]}")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.That(asked.Split('&').Append($"asOf={answer["asOf"]}"), Is.SubsetOf(lines[1]["filter,".Length..].Split('&')));
        Assert.That(lines[6..].Select(line => line.Split(',')[0]).Distinct(),
            Is.EqualTo(answer["divisions"]!.AsArray().Select(one => (string)one!["division"]!).Prepend("152500")));
        Assert.That(lines[6..], Has.Length.EqualTo(answer["lines"]!.AsArray().Count + answer["divisions"]!.AsArray().Sum(one => one!["lines"]!.AsArray().Count)));
    }

    [Test]
    public async Task A_file_of_records_says_how_often_each_counts_and_one_of_offences_by_what()
    {
        var records = (await app.Http.GetStringAsync($"/api/v1/reports/records.csv?{window}&each=item")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var list = await Get($"/api/v1/reports/records?{window}&each=item&limit=500");
        var offences = await app.Http.GetStringAsync($"/api/v1/reports/offences.csv?{window}&groupBy=division,family");

        Assert.That(records[5].Split(',')[^1], Is.EqualTo("value"));
        Assert.That(records[6..].Sum(row => long.Parse(row.Split(',')[^1], null)), Is.EqualTo((long)list["total"]!));
        Assert.That(offences, Does.Contain("&groupBy=division,family"));
    }

    [TestCase("-", "-", Description = "what has no origin, no unit: as in JSON")]
    [TestCase("-1", "'-1")]
    [TestCase("--", "'--")]
    [TestCase("=1", "'=1")]
    [TestCase("a-1", "a-1")]
    public void Only_what_a_spreadsheet_would_reckon_gets_an_apostrophe(string text, string cell) =>
        Assert.That(ExportTable.Guarded(text), Is.EqualTo(cell));

    [Test]
    public async Task A_long_csv_goes_out_piece_by_piece()
    {
        var table = new ExportTable("records", "", [("report", "records")], ["a", "b"], [.. Enumerable.Range(0, 20_000).Select(i => (IReadOnlyList<object?>)[(long)i, "=1,\"2\""])]);
        var pieces = new Pieces();
        await ExportFiles.Csv(table, pieces, default);

        var text = Encoding.UTF8.GetString(pieces.ToArray().AsSpan(3));
        Assert.That(text.Split("\r\n")[..3], Is.EqualTo(["report,records", "a,b", "0,\"'=1,\"\"2\"\"\""]));
        Assert.That(text.Split("\r\n"), Has.Length.EqualTo(20_003));
        Assert.That(pieces.Longest, Is.LessThan(100_000), "no file is built before it is sent");
    }

    sealed class Pieces : MemoryStream
    {
        public int Longest { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Longest = Math.Max(Longest, buffer.Length);
            return base.WriteAsync(buffer, cancellationToken);
        }
    }

    [TestCase("offences", "&groupBy=division,family", "count")]
    [TestCase("records", "", "")]
    [TestCase("targets", "&campaign=summer-2022-offences", "value")]
    public async Task A_workbook_has_the_numbers_of_the_api_no_formula_and_nothing_hidden(string report, string more, string sum)
    {
        var answer = await Get($"/api/v1/reports/{report}?{window}{more}{(report == "records" ? "&limit=500" : "")}");
        var bytes = await app.Http.GetByteArrayAsync($"/api/v1/reports/{report}.xlsx?{window}{more}&asOf={answer["asOf"]}");
        var rows = new MemoryStream(bytes).Query(useHeaderRow: true, sheetName: report).Cast<IDictionary<string, object?>>().ToList();
        var about = new MemoryStream(bytes).Query(useHeaderRow: true, sheetName: "about").Cast<IDictionary<string, object?>>().ToDictionary(row => (string)row["name"]!, row => row["value"]?.ToString());

        var expected = answer[report switch { "offences" => "rows", "records" => "records", _ => "lines" }]!.AsArray();
        Assert.That(rows, Has.Count.EqualTo(expected.Count));
        if (sum.Length > 0)
            Assert.That(rows.Sum(row => Convert.ToDecimal(row[sum] ?? 0m, null)), Is.EqualTo(expected.Sum(row => (decimal?)row![sum] ?? 0m)));
        Assert.That(about["asOf"], Is.EqualTo(answer["asOf"]!.ToString()));
        Assert.That(about["rootOfRows"], Does.Match("^[0-9a-f]{64}$"));
        NothingHidden(bytes, sheets: 2);
    }

    static void NothingHidden(byte[] workbook, int sheets)
    {
        using var zip = new ZipArchive(new MemoryStream(workbook));
        XDocument Part(string name) => XDocument.Load(zip.Entries.Single(entry => entry.FullName.EndsWith(name, StringComparison.Ordinal)).Open());
        var declared = Part("xl/workbook.xml").Descendants().Where(one => one.Name.LocalName == "sheet").ToList();
        Assert.That(declared, Has.Count.EqualTo(sheets));
        Assert.That(declared.Select(one => (string?)one.Attribute("state")), Is.All.AnyOf(null, "visible"));
        foreach (var entry in zip.Entries.Where(entry => entry.FullName.Contains("xl/worksheets/", StringComparison.Ordinal) && entry.FullName.EndsWith(".xml", StringComparison.Ordinal)))
            Assert.That(XDocument.Load(entry.Open()).Descendants().Where(one => one.Name.LocalName == "f"), Is.Empty, "a formula");
        Assert.That(zip.Entries.Select(entry => entry.FullName), Has.None.Contain("pivot").And.None.Contain("externalLink").And.None.Contain("vba"));
    }

    [Test]
    public async Task The_figures_of_an_edition_are_the_same_in_json_csv_and_workbook_with_its_root()
    {
        var model = await Get($"/api/v1/reports/editions/{edition}?index=false");
        var csv = await app.Http.GetStringAsync($"/api/v1/reports/editions/{edition}/figures.csv");
        var rows = new MemoryStream(await app.Http.GetByteArrayAsync($"/api/v1/reports/editions/{edition}/figures.xlsx"))
            .Query(useHeaderRow: true, sheetName: "edition").Cast<IDictionary<string, object?>>().ToList();

        Assert.That(csv, Does.Contain($"root,{model["root"]}"));
        foreach (var one in model["figures"]!["divisions"]!.AsArray())
        {
            var row = rows.Single(row => (string?)row["division"]?.ToString() == (string)one!["division"]! && (string)row["dimension"]! == "confirmed");
            Assert.That(Convert.ToInt64(row["now"], null), Is.EqualTo((long)one!["confirmed"]!["now"]!));
            Assert.That(csv, Does.Contain($"{one["division"]},{row["divisionTitle"]},confirmed,confirmed,confirmed,{one["confirmed"]!["now"]},"));
        }
    }

    [TestCase("=1+1")]
    [TestCase("+1")]
    [TestCase("-1")]
    [TestCase("@sum")]
    [TestCase("\tx")]
    [TestCase("\rx")]
    [TestCase("＝1")]
    public void A_text_that_would_be_a_formula_is_written_as_text(string text)
    {
        Assert.That(ExportTable.Guarded(text), Is.EqualTo("'" + text));
        Assert.That(ExportTable.Guarded(-1.5m), Is.EqualTo(-1.5m), "a number is a number");
    }

    [Test]
    public async Task A_formula_in_a_title_is_text_in_every_file()
    {
        var words = app.Services.GetRequiredService<Words>();
        var report = new OffenceReport(default, default, null, ["family"], [], [], "calendar", 1, [new OffenceRow(
            new OffenceRowParts(["family"], 1, new RowValue("=cmd", new Title("=1+1", "@x")), null, new RowLink("", null)))], 1, "?x", new Ledger(0, 0, 0, 0, 0));
        var files = app.Services.GetRequiredService<ExportFiles>();
        var table = new ExportTables(words).Of(report, "zh");
        foreach (var format in new[] { "csv", "xlsx" })
        {
            var http = new Microsoft.AspNetCore.Http.DefaultHttpContext { RequestServices = app.Services, Response = { Body = new MemoryStream() } };
            await (await files.Of(table, format, "zh", default)).ExecuteAsync(http);
            var bytes = ((MemoryStream)http.Response.Body).ToArray();
            if (format == "xlsx")
                NothingHidden(bytes, sheets: 2);
            else
                Assert.That(Encoding.UTF8.GetString(bytes), Does.Contain("'=cmd,'=1+1,1"));
        }
    }

    [Test]
    public async Task More_rows_than_a_file_may_have_are_refused_never_cut()
    {
        Assert.That(await Status($"/api/v1/reports/records.csv?{window}"), Is.EqualTo(HttpStatusCode.OK));
        await TestCluster.Execute(app.Database.ConnectionString, $"""
            create temp table one as select * from register.violation limit 1;
            update one set status = 'rejected', feed_id = 'many';
            insert into register.violation select (jsonb_populate_record(one, jsonb_build_object('record_id', gen_random_uuid()))).* from one, generate_series(1, {ExportTable.MaxRows + 1});
            """);
        // Rows that no log told of are seen by the database alone.
        await using var other = await TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:Reports:ChangesInMemory"] = "0" }, on: app.Database);
        var answer = await other.Http.GetAsync($"/api/v1/reports/records.csv?{window}&status=rejected");
        await TestCluster.Execute(app.Database.ConnectionString, "delete from register.violation where feed_id = 'many'");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("urn:traffic:too-many-rows"));
    }

    async Task<HttpStatusCode> Status(string address) => (await app.Http.GetAsync(address)).StatusCode;

    [Test]
    public async Task A_page_to_print_has_every_row_and_a_pdf_is_made_where_there_is_a_browser()
    {
        var html = await app.Http.GetStringAsync($"/api/v1/reports/offences.html?{window}&lang=en");
        Assert.That(html, Does.Contain("<td class=\"n\">8</td>").And.Contain("rootOfRows"));
        var pdf = await app.Http.GetAsync($"/bulletins/{edition}/pdf");
        if (app.Services.GetRequiredService<PdfPrinter>().Program is null)
            Assert.That(pdf.StatusCode, Is.EqualTo(HttpStatusCode.NotImplemented));
        else
            Assert.That((await pdf.Content.ReadAsByteArrayAsync()).AsSpan(0, 5).ToArray(), Is.EqualTo("%PDF-"u8.ToArray()));
    }

    [Test]
    public async Task The_ledger_adds_up_by_sender_unit_and_hour_and_opens()
    {
        var ledger = await Get("/api/v1/reports/ledger");
        var senders = ledger["senders"]!.AsArray().ToDictionary(one => $"{one!["sender"]}/{one["unit"]}", one => one!["answered"]!);

        Assert.That((bool)ledger["balanced"]!, ledger.ToJsonString());
        Assert.That(Of(senders["officer/152502000000"]), Is.EqualTo((5, 3, 1, 1, 0)));
        Assert.That(Of(senders["officer/"]), Is.EqualTo((6, 5, 0, 0, 1)));
        Assert.That((long)ledger["stored"]!, Is.EqualTo(8));
        foreach (var hour in ledger["hours"]!.AsArray())
            foreach (var (what, address) in hour!["open"]!.AsObject())
                Assert.That((await Get((string)address!))["items"]!.AsArray(), Has.Count.EqualTo(
                    (int)(hour["answered"]![what] ?? hour[what])!), what);
        Assert.That(await Status("/api/v1/reports/ledger?from=2022-07-08&to=2022-07-01"), Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await Status("/api/v1/reports/ledger/2022-07-08T01/duplicate"), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await Get("/api/v1/ledger"))["senders"]!.AsArray().Select(one => (string)one!["sender"]!), Is.EqualTo(["officer"]));

        static (int, int, int, int, int) Of(JsonNode one) =>
            ((int)one["received"]!, (int)one["accepted"]!, (int)one["duplicate"]!, (int)one["conflict"]!, (int)one["rejected"]!);
    }

    [TestCase("zh")]
    [TestCase("en")]
    public async Task The_pages_of_bulletins_and_ledger_say_it_in_words(string language)
    {
        foreach (var address in new[] { "/bulletins", $"/bulletins/{edition}", "/ledger" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Add("Accept-Language", language);
            var answer = await app.Http.SendAsync(request);
            var page = await answer.Content.ReadAsStringAsync();
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), page);
            Assert.That(System.Text.RegularExpressions.Regex.Matches(System.Text.RegularExpressions.Regex.Replace(page, "<[^>]*>", " "), @"\b(console|reporting)\.[a-zA-Z]+[.a-zA-Z-]*").Select(key => key.Value), Is.Empty, address);
        }
    }

    [TestCase(null, null, HttpStatusCode.Forbidden)]
    [TestCase("http://elsewhere.example", null, HttpStatusCode.Forbidden)]
    [TestCase(null, "cross-site", HttpStatusCode.Forbidden)]
    [TestCase("null", "same-origin", HttpStatusCode.Forbidden)]
    [TestCase("own", null, HttpStatusCode.Redirect)]
    public async Task A_form_of_another_site_signs_nothing(string? origin, string? site, HttpStatusCode expected)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = app.Http.BaseAddress };
        using var form = new HttpRequestMessage(HttpMethod.Post, $"/bulletins/{edition}/sign")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("signedBy", "某甲")]),
        };
        if (origin is not null)
            form.Headers.Add("Origin", origin == "own" ? app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) : origin);
        if (site is not null)
            form.Headers.Add("Sec-Fetch-Site", site);

        Assert.That((await browser.SendAsync(form)).StatusCode, Is.EqualTo(expected));
        var signed = (await Get("/api/v1/reports/editions"))["editions"]![0]!["signedBy"];
        Assert.That((string?)signed, Is.EqualTo(expected == HttpStatusCode.Redirect ? "某甲" : signed is null ? null : "某甲"));
    }
}
