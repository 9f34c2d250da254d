using System.Net;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Traffic.Tests.Hosting;

/// <summary>A list that is asked for by a name it does not know, or by what is no value, says so and is not given whole.</summary>
[Category("Postgres")]
public sealed class BoundQueryTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    [TestCase("crashes?divison=152502&from=2026-02-30&limit=ten&limit=9", "en", "divison: There is no such parameter. Known: after, division, from, limit, sessionId, to.", "from: It must be a day in the form yyyy-MM-dd.", "limit: The parameter stands twice.")]
    [TestCase("crashes?from=", "zh", "from: 须为 yyyy-MM-dd 形式的日期。")]
    [TestCase("sessions?limit=1.5", "zh", "limit: 须为整数。")]
    [TestCase("cases?after=1", "en", "after: It must be a UUID.")]
    [TestCase("catalogue?take=all", "en", "take: It must be a whole number.")]
    [TestCase("quarantine?closed=yes", "en", "closed: It must be true or false.")]
    [TestCase("reports/targets/changes", "en", "preview: The parameter is missing.")]
    public async Task Every_fault_of_a_query_is_named(string asked, string language, params string[] faults)
    {
        using var answer = await app.Http.GetAsync($"/api/v1/{asked}{(asked.Contains('?', StringComparison.Ordinal) ? '&' : '?')}lang={language}");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
        var said = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.That((string?)said["type"], Is.EqualTo("urn:traffic:refused"));
        Assert.That(said["errors"]!.AsObject().Select(one => $"{one.Key}: {one.Value![0]}"), Is.EquivalentTo(faults));
    }

    [TestCase("crashes?division=152502&from=2022-07-01&to=2022-07-08&limit=5&sessionId=a")]
    [TestCase("cases?status=held&division=152502&limit=5&lang=en")]
    [TestCase("catalogue?q=chd&on=2022-07-08&skip=0&take=5")]
    [TestCase("quarantine?closed=true&limit=5")]
    [TestCase("ledger")]
    [TestCase("reports/ledger?from=2022-07-01&to=2022-07-08")]
    public async Task What_is_asked_rightly_is_answered(string asked) =>
        Assert.That((await app.Http.GetAsync($"/api/v1/{asked}")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
}
