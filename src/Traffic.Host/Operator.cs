using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using Spectre.Console;
using Traffic.Platform;
using Traffic.Platform.Postgres;

namespace Traffic.Host;

/// <summary>What the operator's verbs share: the database of <c>Traffic:Data</c>, and answers as a table or as JSON.</summary>
static class Operator
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Columns of a table that no terminal shows: wide enough for grep.</summary>
    const int PipedWidth = 240;

    public static Option<bool> AsJson() => new("--json") { Description = "Answer as JSON. 以 JSON 输出。" };

    /// <summary>A verb that works on the database of a running host, or starts the database for its own time. Exit 2: it cannot.</summary>
    public static Command Verb(string name, string description, Func<ParseResult, NpgsqlDataSource, CancellationToken, Task<int>> act, params Option[] options)
    {
        var verb = new Command(name, description) { TreatUnmatchedTokensAsErrors = false };
        foreach (var option in options)
            verb.Options.Add(option);
        verb.SetAction(async (parsed, cancel) =>
        {
            var builder = Serve.Builder([.. parsed.UnmatchedTokens]);
            await using var postgres = await EmbeddedPostgres.Start(builder.Configuration, Console.Error.WriteLine, cancel);
            await Migrations.Run(postgres.ConnectionString, [typeof(IModule).Assembly], cancel);
            await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
            return await act(parsed, source, cancel);
        });
        return verb;
    }

    /// <summary>Says so where nobody listens by that name: misspelt, it would look like one that has and owes nothing.</summary>
    public static async Task<bool> IsUnknown(string? subscriber, NpgsqlDataSource database, CancellationToken cancel)
    {
        if (subscriber is null || await new SubscriberStore(database).Knows(subscriber, cancel))
            return false;
        Console.Error.WriteLine($"There is no subscriber '{subscriber}': subscriber list shows them. 没有此订阅者。");
        return true;
    }

    public static void Print<T>(IReadOnlyList<T> rows, bool json, IReadOnlyList<string> columns, Func<T, object?[]> cells)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(rows, Json));
            return;
        }
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = PipedWidth;
        var table = new Table().AddColumns([.. columns]);
        foreach (var row in rows)
            table.AddRow([.. cells(row).Select(cell => Markup.Escape(Text(cell)))]);
        AnsiConsole.Write(table);
    }

    static string Text(object? cell) => cell switch
    {
        null => "-",
        DateTime at => at.ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        _ => cell.ToString()!,
    };
}
