using System.Text.Encodings.Web;
using System.Text.Json;
using NUnit.Framework;
using Traffic.Reporting;

namespace Traffic.Tests.Reporting;

/// <summary>A row written from its parts is the row that is described.</summary>
public sealed class OffenceRowWriterTests
{
    static readonly JsonSerializerOptions Plain = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly JsonSerializerOptions ByParts = new(Plain) { Converters = { new OffenceRowWriter() } };

    static IEnumerable<OffenceRow> Rows()
    {
        var speeding = new RowValue("speeding/\"", new Title("超速50%以上", "Speeding, \"50 %\" or more <é>"));
        var day = new RowValue("2022-07-08", new Title("2022-07-08", "2022-07-08"));
        var link = new RowLink("/api/v1/reports/records?from=2022-07-08&entry=", "&asOf=12");
        yield return new OffenceRow(new OffenceRowParts(["family"], 7, speeding, null, new RowLink("/api/v1/reports/records?family=speeding", null)));
        yield return new OffenceRow(new OffenceRowParts(["day", "entry"], long.MinValue, day, speeding, link))
        {
            Exposure = new Exposure(12, 1.5m, null, null) { VehiclesCheckedRecords = "/api/v1/x?a=b&c=d" },
        };
        yield return new OffenceRow(new OffenceRowParts(["day", "unit"], 0, day, new RowValue("-", new Title(new string('长', 600), new string('l', 6_000))), link));
    }

    [Test]
    public void A_row_written_from_its_parts_is_the_row_as_it_is_written_without()
    {
        var rows = Rows().ToList();

        Assert.That(JsonSerializer.Serialize(rows, ByParts), Is.EqualTo(JsonSerializer.Serialize(rows, Plain)));
        Assert.That(rows[1].Title, Is.EqualTo(new Title("2022-07-08 · 超速50%以上", "2022-07-08 · Speeding, \"50 %\" or more <é>")));
        Assert.That(rows[1].Records, Is.EqualTo("/api/v1/reports/records?from=2022-07-08&entry=speeding%2F%22&asOf=12"));
        Assert.That(rows[1].Keys, Is.EqualTo(new Dictionary<string, string> { ["day"] = "2022-07-08", ["entry"] = "speeding/\"" }));
    }
}
