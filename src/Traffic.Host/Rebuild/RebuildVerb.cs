using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using Traffic.Platform;
using Traffic.Platform.Postgres;

namespace Traffic.Host.Rebuild;

/// <summary>The verb <c>rebuild --compare</c>: counts every cell anew in an empty schema; exit 0 when the running ones are the same bytes, else 1.</summary>
static class RebuildVerb
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        var compare = new Option<bool>("--compare") { Required = true, Description = "Sets what was made anew beside what runs, and changes nothing. 只比较，不改动。" };
        var rebuild = new Command("rebuild", "Counts every cell anew from the records; exit 0 if identical. 重建：从记录重新计数并比较，完全一致则返回 0。")
        {
            compare,
        };
        rebuild.TreatUnmatchedTokensAsErrors = false;
        rebuild.SetAction(async (parsed, cancel) =>
        {
            var builder = Serve.Builder([.. parsed.UnmatchedTokens]);
            await using var postgres = await EmbeddedPostgres.Start(builder.Configuration, Console.Error.WriteLine, cancel);
            await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
            var found = await new Rebuilder(source, Cubes.Load(SchemaFiles.From(builder.Configuration))).Compare(cancel);
            Console.WriteLine(JsonSerializer.Serialize(found, Json));
            return found.Ok ? 0 : 1;
        });
        return rebuild;
    }
}
