using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using NUnit.Framework;
using Traffic.Platform;

namespace Traffic.Tests.Hosting;

public sealed class ModulesTests
{
    static readonly IModule[] All = [new Named("intake"), new Named("register")];

    [TestCase(null)]
    [TestCase("")]
    [TestCase("register, intake")]
    public void All_modules_run_in_the_order_of_the_line(string? setting) =>
        Assert.That(Names(setting, null), Is.EqualTo(new[] { "intake", "register" }));

    [Test]
    public void A_process_may_run_some_when_a_broker_reaches_the_others() =>
        Assert.That(Names("register", "amqp://127.0.0.1"), Is.EqualTo(new[] { "register" }));

    [Test]
    public void Leaving_a_module_out_without_a_broker_stops_the_start() =>
        Assert.That(() => Names("register", null), Throws.TypeOf<StartRefusedException>().With.Message.Contains("ConnectionStrings:RabbitMq"));

    [Test]
    public void An_unknown_name_stops_the_start_and_is_told_with_the_known_ones() =>
        Assert.That(() => Names("register,regster", "amqp://127.0.0.1"),
            Throws.TypeOf<StartRefusedException>().With.Message.Contains("'regster'").And.Message.Contains("intake, register"));

    [TestCase("register,console", null, false)]
    [TestCase("console", "http://127.0.0.1:5080", true)]
    [TestCase("intake,register,console", null, true)]
    public void Pages_that_would_ask_for_what_nobody_answers_stop_the_start(string setting, string? api, bool starts) =>
        Assert.That(() => Names(setting, "amqp://127.0.0.1", api, new Named("console")),
            starts ? Has.Count.EqualTo(setting.Split(',').Length) : Throws.TypeOf<StartRefusedException>().With.Message.Contains("Traffic:ApiBase"));

    static List<string> Names(string? setting, string? broker, string? api = null, params IModule[] more) =>
    [
        .. Modules.Select([.. All, .. more], new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Traffic:Modules"] = setting, ["ConnectionStrings:RabbitMq"] = broker, ["Traffic:ApiBase"] = api,
        }).Build()).Select(module => module.Name),
    ];

    sealed class Named(string name) : IModule
    {
        public string Name => name;

        public void AddServices(IHostApplicationBuilder builder) { }

        public void AddSubscribers(ISubscriptions log) { }

        public void MapEndpoints(IEndpointRouteBuilder routes) { }
    }
}
