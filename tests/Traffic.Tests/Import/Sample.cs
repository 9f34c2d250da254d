using System.Text;
using System.Text.Json.Nodes;
using Traffic.Host.Import;

namespace Traffic.Tests.Import;

/// <summary>A small map of our own, over a table of our own: a test changes the part it is about.</summary>
static class Sample
{
    public const string Header = "id,day,time,where,what,mph,limit\n";

    public static JsonObject Json() => JsonNode.Parse("""
        {
          "name": "sample", "title": { "zh": "样例", "en": "Sample" }, "source": "made for tests", "law": "none", "plateRule": "none",
          "format": { "kind": "csv" },
          "identity": { "columns": ["id"], "source": "made for tests" },
          "occurredAt": { "columns": ["day", "time"], "forms": ["yyyy-MM-dd HH:mm"], "overlap": "first", "source": "made for tests" },
          "kinds": { "speeding": { "zh": "超速", "en": "Speeding" }, "other": { "zh": "其他", "en": "Other" } },
          "record": {
            "source": { "value": "roadsideCheck", "source": "made for tests" },
            "divisionCode": { "column": "where", "table": { "North": "N", "South": "S" }, "required": true, "source": "made for tests" },
            "offenceKind": { "column": "what", "table": { "FAST": "speeding" }, "otherwise": "other", "source": "made for tests" },
            "offenceText": { "column": "what" },
            "measurements": [
              { "quantity": "speed", "unit": "km/h", "number": { "column": "mph", "unit": "mph", "times": 1.609344, "source": "1959" } },
              { "quantity": "speedLimit", "unit": "km/h", "number": { "column": "limit", "unit": "mph", "times": 1.609344, "source": "1959" } }
            ]
          },
          "divisionTree": {
            "zone": "America/New_York", "source": "made for tests",
            "divisions": [
              { "code": "N", "parent": null, "zh": "北", "en": "North" }, { "code": "S", "parent": null, "zh": "南", "en": "South" }
            ]
          }
        }
        """)!.AsObject();

    /// <param name="change">Changes the map before it is read.</param>
    public static RecordMap Map(Action<JsonObject>? change = null)
    {
        var json = Json();
        change?.Invoke(json);
        return RecordMap.Parse("sample", "sample.json", Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    /// <summary>The map with one member of its record read by another rule.</summary>
    public static RecordMap With(string member, string rule) => Map(map => map["record"]![member] = JsonNode.Parse(rule));
}
