using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using NUnit.Framework;
using Traffic.Reporting.Editions;
using Traffic.Tests.Opening;

namespace Traffic.Tests.Editions;

/// <summary>Real editions of a busy campaign and their exports: whatever single value or line is changed, <c>verify</c> fails and names it.</summary>
[Category("Postgres")]
public sealed class SealTests
{
    Populated populated = null!;
    readonly Dictionary<string, (byte[] Edition, byte[] Export)> files = [];

    [OneTimeSetUp]
    public async Task Start()
    {
        populated = await Populated.Start();
        foreach (var id in populated.Editions)
            files[id] = (await populated.App.Http.GetByteArrayAsync($"/api/v1/reports/editions/{id}"), await populated.App.Http.GetByteArrayAsync($"/api/v1/reports/editions/{id}/records"));
    }

    [OneTimeTearDown]
    public async Task Stop() => await populated.DisposeAsync();

    static EditionVerdict Verify(byte[] edition, byte[] export, string? digest = null) =>
        EditionCheck.Verify(new MemoryStream(edition), new MemoryStream(export), digest);

    [Test]
    public void What_was_given_out_fits()
    {
        foreach (var (id, file) in files)
            Assert.That(Verify(file.Edition, file.Export), Has.Property("Ok").True.And.Property("Edition").EqualTo(id));
        var sections = files.Values.SelectMany(file => JsonNode.Parse(file.Edition)!.AsObject().Select(member => member.Key)).ToHashSet();
        Assert.That(sections, Is.SupersetOf(["activity", "targets", "comparison", "findings", "ledger", "definitions", "previous", "seal"]), "all parts were tried");
    }

    /// <param name="every">One in so many of the values is tried.</param>
    [TestCase(4)]
    [TestCase(1, Category = "Long")]
    public void A_changed_byte_of_any_value_is_found_and_its_part_named(int every)
    {
        var (missed, parts) = (new ConcurrentBag<string>(), new ConcurrentDictionary<string, int>());
        foreach (var (id, file) in files)
        {
            // Where all is recomputed fewer are tried, and of all editions but the monthly only some of each part.
            var apart = every * (id == populated.Editions[1] ? 1 : 40);
            var tried = Values(file.Edition).GroupBy(one => one.Section)
                .SelectMany(part => part.Where((_, i) => i % (Recomputed.Contains(part.Key) ? apart * 13 : apart) == 0));
            Parallel.ForEach(tried, one =>
            {
                var changed = file.Edition.ToArray();
                changed[one.At] = Other(changed[one.At]);
                var verdict = Verify(changed, file.Export);
                if (verdict.Ok || !Names(verdict, one.Section))
                    missed.Add($"{id}, byte {one.At} of {one.Section}: {JsonSerializer.Serialize(verdict)}");
                parts.AddOrUpdate(one.Section, 1, (_, many) => many + 1);
            });
        }
        Assert.That(missed, Is.Empty, string.Join('\n', missed.Take(5)));
        Assert.That(parts.Keys, Has.Count.GreaterThanOrEqualTo(25));
        TestContext.Out.WriteLine(string.Join(", ", parts.Select(part => $"{part.Key} {part.Value}")));
    }

    static readonly string[] Recomputed = ["figures", "activity", "targets", "comparison", "findings"];

    /// <summary>The index holds the records' leaves: a change in it names a record.</summary>
    static bool Names(EditionVerdict verdict, string section) => section switch
    {
        "index" => verdict.Record is not null || verdict.Section == "seal",
        "seal" => verdict.Section is not null,
        _ => verdict.Section?.Split('.', '[')[0] == section,
    };

    static byte Other(byte one) => one switch { (byte)'0' => (byte)'1', (byte)'a' => (byte)'b', >= 0x80 => (byte)(one ^ 1), _ => (byte)'0' };

    /// <summary>A place within each scalar value of the file, spread over its bytes, and the member of the file it is in.</summary>
    static List<(string Section, int At)> Values(byte[] file)
    {
        var places = new List<(string, int)>();
        var reader = new Utf8JsonReader(file);
        var section = "";
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
                section = reader.GetString()!;
            var quoted = reader.TokenType == JsonTokenType.String ? 1 : 0;
            var length = (int)(reader.BytesConsumed - reader.TokenStartIndex) - 2 * quoted;
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False && length > 0)
                for (var step = section == "index" ? 997 : length; step > 0; step = 0)
                    for (var at = (int)reader.TokenStartIndex + quoted + places.Count % Math.Min(length, step); at < reader.TokenStartIndex + quoted + length; at += step)
                        places.Add((section, at));
        }
        return places;
    }

    [TestCase(300)]
    [TestCase(int.MaxValue, Category = "Long")]
    public void A_changed_a_removed_and_an_added_line_of_the_export_is_found(int most)
    {
        var (edition, export) = files[populated.Editions[1]];
        var lines = Encoding.UTF8.GetString(export).Split("\r\n")[..^1];
        // The heading, the last one, some of each kind, and so many between; or all of them.
        var tried = Enumerable.Range(0, lines.Length).Where(i => i < 12 || i == lines.Length - 1 || i % (1 + lines.Length / most) == 0)
            .Concat(lines.Select((line, i) => (Kind: line.Split(',')[0], i)).GroupBy(one => one.Kind).SelectMany(kind => kind.Take(3).Select(one => one.i))).Distinct();
        foreach (var i in tried)
        {
            var at = i;
            var one = lines[i].ToCharArray();
            var place = i * 7 % one.Length;
            one[place] = one[place] == '0' ? '1' : '0';
            Found("changed", [.. lines[..i], new string(one), .. lines[(i + 1)..]]);
            Found("removed", [.. lines[..i], .. lines[(i + 1)..]]);
            Found("added", [.. lines[..i], lines[i], .. lines[i..]]);

            void Found(string how, string[] changed)
            {
                var verdict = Verify(edition, Encoding.UTF8.GetBytes(string.Concat(changed.Select(line => line + "\r\n"))));
                if (verdict.Ok || verdict is { Record: null, Why: not ("head" or "unreadable") })
                    Assert.Fail($"line {at} {how}: {JsonSerializer.Serialize(verdict)}");
            }
        }
    }

    [Test]
    public void Edition_and_export_of_two_different_ones_do_not_fit()
    {
        var (one, other) = (files[populated.Editions[0]], files[populated.Editions[1]]);
        Assert.That(Verify(one.Edition, other.Export).Why, Is.EqualTo("head"));
    }

    [Test]
    public async Task What_is_signed_is_the_digest_of_the_very_bytes()
    {
        var id = populated.Editions[1];
        var bytes = await populated.App.Http.GetByteArrayAsync($"/api/v1/reports/editions/{id}?index=false");
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        using var other = await populated.App.Http.PostAsJsonAsync($"/api/v1/reports/editions/{id}/sign", new { signedBy = "某甲", digest = new string('0', 64) });
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await other.Content.ReadAsStringAsync(), Does.Contain("urn:traffic:edition-differs"));

        using var signed = await populated.App.Http.PostAsJsonAsync($"/api/v1/reports/editions/{id}/sign", new { signedBy = "某甲", digest });
        Assert.That((string)JsonNode.Parse(await signed.Content.ReadAsStringAsync())!["digest"]!, Is.EqualTo(digest));
        Assert.That(await populated.App.Http.GetStringAsync($"/bulletins/{id}"), Does.Contain(digest), "the page shows it");

        Assert.That(Verify(files[id].Edition, files[id].Export, digest).Ok);
        Assert.That(Verify(files[id].Edition, files[id].Export, new string('0', 64)), Has.Property("Ok").False.And.Property("Why").EqualTo("digest"));
        Assert.That(async () => await TestCluster.Execute(populated.App.Database.ConnectionString, "update reporting.edition set model = model || '\\x20'"),
            Throws.InstanceOf<PostgresException>().With.Property("SqlState").EqualTo("23514"), "not even the owner of the tables, in passing");
    }

    [Test]
    public async Task Each_edition_names_the_digest_of_the_one_before()
    {
        var chained = 0;
        foreach (var (_, file) in files)
            if (JsonNode.Parse(file.Edition)!["previous"] is { } previous)
            {
                var bytes = await populated.App.Http.GetByteArrayAsync($"/api/v1/reports/editions/{previous["edition"]}?index=false");
                Assert.That((string)previous["digest"]!, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(bytes))));
                chained++;
            }
        Assert.That(chained, Is.GreaterThan(0));
    }
}
