using NUnit.Framework;
using Traffic.Host;
using Traffic.Platform;

namespace Traffic.Tests.Hosting;

/// <summary>An option that nobody knows is named, and the verb does nothing.</summary>
public sealed class SettingsTests
{
    [TestCase("--Traffic:Data=/x")]
    [TestCase("--traffic:data", "/x")]
    [TestCase("--ConnectionStrings:Traffic=Host=a;Password=b", "--urls=http://127.0.0.1:0")]
    [TestCase("--Traffic:Webhooks:0=https://a", "--Logging:LogLevel:Default=Error")]
    public void A_setting_is_taken_as_it_is(params string[] arguments) => Assert.That(Settings.Held(arguments), Is.EqualTo(arguments));

    [Test]
    public void Every_setting_of_the_README_is_taken()
    {
        var named = File.ReadLines(Path.Combine(Repository.Root, "README.md")).Where(line => line.StartsWith("| `Traffic:", StringComparison.Ordinal) || line.StartsWith("| `ConnectionStrings:", StringComparison.Ordinal))
            .Select(line => $"--{line.Split('`')[1]}=x").ToArray();

        Assert.That(Settings.Held(named), Has.Length.GreaterThan(15));
    }

    [TestCase("--Traffic:Dta", "--Traffic:Dta=/x")]
    [TestCase("--ConnectionStrings:Trafic", "--Traffic:Data=/x", "--ConnectionStrings:Trafic=Password=b")]
    [TestCase("--subsciber", "--subsciber", "announce")]
    [TestCase("announce", "announce")]
    [TestCase("--Traffic:Webhooks:", "--Traffic:Webhooks:=https://a")]
    [TestCase("--Traffic:Data", "--Traffic:Data")]
    [TestCase("--Traffic:Data", "--Traffic:Data", "--urls=http://127.0.0.1:0")]
    public void What_is_none_is_named_without_its_value(string named, params string[] arguments)
    {
        var refused = Assert.Throws<StartRefusedException>(() => Settings.Held(arguments))!;

        Assert.That(refused.Message, Does.StartWith($"{named}: ").And.Not.Contain("Password"));
    }

    /// <summary>All verbs, by the program itself: those that take settings, and those that take only options.</summary>
    [TestCase("serve"), TestCase("demo"), TestCase("reconcile"), TestCase("rebuild --compare"), TestCase("quarantine retry --all"), TestCase("subscriber list")]
    [TestCase("catalogue versions"), TestCase("catalogue check"), TestCase("simulate"), TestCase("import --map none FILE"), TestCase("verify E X"), TestCase("")]
    [TestCase("units import --by a --why b FILE")]
    public async Task Every_verb_refuses_an_option_that_it_does_not_know(string verb)
    {
        var (exit, said, complained) = await Executable.Run([.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--Traffic:Dta=/nonexistent"]);

        Assert.That(exit, Is.Not.Zero, said);
        Assert.That(complained, Does.Contain("--Traffic:Dta"));
        Assert.That(complained, Does.Not.Contain("   at "), "a sentence, not a stack trace");
    }
}
