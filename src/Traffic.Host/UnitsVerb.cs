using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;

namespace Traffic.Host;

/// <summary>
/// The verb <c>units</c>: an HTTP client that imports units and rosters, several files as one. Exit 0: kept, or nothing new; 1: refused,
/// every fault with file and line; 2: a file cannot be read, or nobody answers.
/// </summary>
static class UnitsVerb
{
    const int Refused = 1, NothingSent = 2;

    public static Command Create() => new("units", "Police units in a tree, and their rosters. 单位树与花名册。") { Import() };

    static Command Import()
    {
        var files = new Argument<FileInfo[]>("FILE")
        {
            Arity = ArgumentArity.OneOrMore, Description = "JSON, or CSV of units or of officers by the names in its first line. JSON，或以首行列名区分的单位、花名册 CSV。",
        };
        // Any number of files would take a misspelt option for one of them.
        files.Validators.Add(given =>
        {
            foreach (var option in given.Tokens.Where(one => one.Value.StartsWith("--", StringComparison.Ordinal)))
                given.AddError($"{option.Value}: there is no such option. 没有此选项。");
        });
        var by = new Option<string>("--by") { Required = true, Description = "Who imports them. 操作人。" };
        var why = new Option<string>("--why") { Required = true, Description = "Why, e.g. the order that changed them. 理由。" };
        var source = new Option<string?>("--source") { Description = "What the files come from; required for CSV. 来源。" };
        var check = new Option<bool>("--check") { Description = "Only says what is wrong or would be new. 只检查，不导入。" };
        var language = new Option<string?>("--lang") { Description = "Language of the reasons. 原因的语言。" };
        language.AcceptOnlyFromAmong("zh", "en");
        var to = HostAddress.Option();
        var import = new Command("import", "Adds what the files say anew; what is in use is superseded, never edited. 导入；在用的内容只能被替代，不能修改。")
        {
            files, by, why, source, check, language, to,
        };
        import.SetAction((parsed, cancel) => Send(parsed.GetValue(files)!, new JsonObject
        {
            ["importedBy"] = parsed.GetValue(by), ["why"] = parsed.GetValue(why), ["source"] = parsed.GetValue(source), ["check"] = parsed.GetValue(check),
        }, parsed.GetValue(to)!, parsed.GetValue(language) ?? "zh", cancel));
        return import;
    }

    static async Task<int> Send(FileInfo[] files, JsonObject units, Uri to, string language, CancellationToken cancel)
    {
        try
        {
            units["files"] = new JsonArray([.. files.Select(file => new JsonObject { ["name"] = file.Name, ["text"] = File.ReadAllText(file.FullName) })]);
            using var http = new HttpClient { BaseAddress = new Uri(to.AbsoluteUri.TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(30) };
            http.DefaultRequestHeaders.Add("Accept-Language", language);
            using var answer = await http.PostAsJsonAsync("api/v1/units/imports", units, cancel);
            var said = await answer.Content.ReadFromJsonAsync<JsonNode>(cancel);
            if (answer.IsSuccessStatusCode)
            {
                Console.WriteLine($"{(answer.StatusCode == HttpStatusCode.Created ? "" : "not kept: ")}units {said!["units"]}, postings {said["postings"]}, tree {said["tree"]}");
                return 0;
            }
            Console.Error.WriteLine((string?)said?["title"]);
            foreach (var (at, faults) in said?["errors"] as JsonObject ?? [])
                foreach (var fault in faults!.AsArray())
                    Console.Error.WriteLine($"{at}: {fault}");
            return Refused;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            Console.Error.WriteLine(fault.Message);
            return NothingSent;
        }
    }
}
