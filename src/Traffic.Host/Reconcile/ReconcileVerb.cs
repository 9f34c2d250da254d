using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using Traffic.Platform;
using Traffic.Platform.Postgres;

namespace Traffic.Host.Reconcile;

/// <summary>The verb <c>reconcile</c>: recounts, prints both sides of each equals sign as JSON; exit 0 when all agree, else 1.</summary>
static class ReconcileVerb
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        var reconcile = new Command("reconcile", "Recounts everything; exit 0 if all sums agree. 对账：重新清点，全部相符则返回 0。")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        reconcile.SetAction(async (parsed, cancel) =>
        {
            var builder = Serve.Builder([.. parsed.UnmatchedTokens]);
            await using var postgres = await EmbeddedPostgres.Start(builder.Configuration, Console.Error.WriteLine, cancel);
            await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { CommandTimeout = 0 }.ConnectionString);
            var key = TrafficHost.MasterKey(builder.Configuration);
            var seal = Seal.FromFileIfThere(key);
            var found = await new Reconciler(source, SchemaFiles.From(builder.Configuration), seal).Run(cancel);
            if (found.ReceiptsCompared == 0 && found.RowsCompared > 0)
                Console.Error.WriteLine($"The master key of these records is not in {key}: what was received was not held against its receipts. {key} 中不是这些记录的主密钥：未与回执核对。");
            Console.WriteLine(JsonSerializer.Serialize(found, Json));
            return found.Ok ? 0 : 1;
        });
        return reconcile;
    }
}
