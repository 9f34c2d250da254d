using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MassTransit;
using MassTransit.Serialization;
using NUnit.Framework;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Tests.Messages;

/// <summary>
/// Holds each message to its example and its schema in <c>schemas/messages</c>. A red test here means that a process
/// already running would misread us: add an optional field or a new message type instead.
/// </summary>
public sealed class MessageFormatTests
{
    static readonly string Folder = Path.Combine(Repository.Root, "schemas/messages");

    static IEnumerable<Type> Messages => typeof(ReportedViolation).Assembly.GetExportedTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && !type.IsAssignableTo(typeof(JsonSerializerContext)));

    /// <summary>What goes over the bus; the rest stands in log bodies.</summary>
    static readonly Type[] OnTheBus = [typeof(LogAppended), typeof(StandingsChanged), typeof(ActivitiesChanged), typeof(AlarmChanged)];

    /// <summary>Personal members travel sealed, as one member more.</summary>
    static readonly string[] Personal = [.. typeof(SealedMembers).GetProperties().Select(Camel)];

    static string Camel(PropertyInfo member) => JsonNamingPolicy.CamelCase.ConvertName(member.Name);

    static JsonObject Read(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, file)))!.AsObject();

    static string[] MembersOf(Type message) => message == typeof(ReportedViolation) || message == typeof(ReportedActivity)
        ? [.. message.GetProperties().Select(Camel).Except(Personal), "sealed"]
        : [.. message.GetProperties().Select(Camel)];

    [TestCaseSource(nameof(Messages))]
    public void Has_an_example_with_every_member(Type message) =>
        Assert.That(Read($"{message.Name}.json").Select(member => member.Key), Is.EquivalentTo(MembersOf(message)));

    [TestCaseSource(nameof(Messages))]
    public void Has_a_schema_with_every_member_and_its_required_ones(Type message)
    {
        var schema = Read($"{message.Name}.schema.json");
        var required = message.GetProperties()
            .Where(member => member.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null).Select(Camel);

        Assert.Multiple(() =>
        {
            Assert.That(schema["properties"]!.AsObject().Select(member => member.Key), Is.EquivalentTo(MembersOf(message)));
            Assert.That(schema["required"]!.AsArray().Select(member => (string)member!), Is.EquivalentTo(required));
        });
    }

    [TestCaseSource(nameof(Messages))]
    public void Is_written_and_read_in_a_log_as_its_example_says(Type message)
    {
        var example = Read($"{message.Name}.json");
        example.Remove("sealed");

        var read = example.Deserialize(message, TrafficJson.Plain)!;
        var written = JsonSerializer.SerializeToNode(read, message, TrafficJson.Plain)!;

        Assert.That(JsonNode.DeepEquals(written, example), Is.True, written.ToJsonString());
    }

    [TestCaseSource(nameof(OnTheBus))]
    public void Is_written_and_read_on_the_bus_as_its_example_says(Type message)
    {
        var example = Read($"{message.Name}.json");

        var read = example.Deserialize(message, SystemTextJsonMessageSerializer.Options)!;
        var written = JsonSerializer.SerializeToNode(read, message, SystemTextJsonMessageSerializer.Options)!;

        Assert.That(JsonNode.DeepEquals(written, example), Is.True, written.ToJsonString());
    }

    [TestCaseSource(nameof(Messages))]
    public void Keeps_its_name_on_the_wire(Type message) =>
        Assert.That(MessageUrn.ForTypeString(message), Is.EqualTo($"urn:message:Traffic.Contracts:{message.Name}"));

    [TestCaseSource(nameof(Messages))]
    public void Is_described_for_other_systems(Type message) =>
        Assert.That(File.ReadAllText(Path.Combine(Folder, "asyncapi.yaml")), Does.Contain($"$ref: {message.Name}.schema.json"));

    [TestCaseSource(nameof(Words))]
    public void Words_are_the_schemas_words(Type words)
    {
        var known = Directory.EnumerateFiles(Folder, "*.schema.json")
            .SelectMany(file => Enums(JsonNode.Parse(File.ReadAllText(file))!))
            .ToList();

        Assert.That(known, Has.Some.EquivalentTo(
            Enum.GetValues(words).Cast<object>().Select(word => (string)JsonSerializer.SerializeToNode(word, words)!)));
    }

    static IEnumerable<Type> Words => typeof(ReportedViolation).Assembly.GetExportedTypes().Where(type => type.IsEnum);

    static IEnumerable<string[]> Enums(JsonNode node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "enum"
            ? [[.. member.Value!.AsArray().Select(word => (string)word!)]]
            : Enums(member.Value!)),
        JsonArray items => items.SelectMany(item => item is null ? [] : Enums(item)),
        _ => [],
    };

    [Test]
    public void An_older_reader_overlooks_what_it_does_not_know()
    {
        var example = Read("StandingChanged.json");
        example["added2030"] = "x";

        Assert.That(example.Deserialize(TrafficJson.Plain.StandingChanged)!.Revision, Is.EqualTo(2));
    }

    [Test]
    public void The_examples_seal_opens_to_the_personal_members()
    {
        var key = Enumerable.Range(0, 32).Select(number => (byte)number).ToArray();
        var opened = Seal.OpenMembers(key, Convert.FromBase64String((string)Read("ReportedViolation.json")["sealed"]!));

        Assert.That(opened, Is.EqualTo(Read("SealedMembers.json").Deserialize(TrafficJson.Plain.SealedMembers)));
    }

    [Test]
    public void Nothing_personal_is_in_what_goes_over_the_bus() => Assert.That(
        OnTheBus.Concat([typeof(StandingChanged), typeof(ActivityChanged), typeof(ActivityCount)]).SelectMany(message => message.GetProperties()).Select(Camel).Intersect(Personal), Is.Empty);
}
