using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Traffic.Reporting.Editions;

namespace Traffic.Host;

/// <summary>The verb <c>verify</c>: recomputes an edition from an export of its records and checks every byte of both, without the server; exit 0 or 1.</summary>
static class VerifyVerb
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        var edition = new Argument<FileInfo>("EDITION") { Description = "The edition as saved from the API (JSON). 从接口保存的通报。" };
        var export = new Argument<FileInfo>("EXPORT") { Description = "Its records as exported (CSV). 通报所计记录的导出文件。" };
        var digest = new Option<string>("--digest") { Description = "The digest that was signed: the edition must be that one. 签发的摘要，通报须与之相符。" };
        var verify = new Command("verify", "Recomputes an edition from an export, without the server; exit 0 if all fits. 核验：不连服务器，用导出的记录重算通报。")
        {
            edition, export, digest,
        };
        verify.SetAction((parsed, _) => Task.FromResult(Run(parsed.GetValue(edition)!, parsed.GetValue(export)!, Console.Out, parsed.GetValue(digest))));
        return verify;
    }

    internal static int Run(FileInfo edition, FileInfo export, TextWriter to, string? digest = null)
    {
        if (new[] { edition, export }.FirstOrDefault(file => !file.Exists) is { } absent)
        {
            to.WriteLine($"There is no file {absent.Name}.  没有这个文件。");
            return 2;
        }
        using var one = edition.OpenRead();
        using var other = export.OpenRead();
        var verdict = EditionCheck.Verify(one, other, digest);
        to.WriteLine(JsonSerializer.Serialize(verdict, Json));
        return verdict.Ok ? 0 : 1;
    }
}
