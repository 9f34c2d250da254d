using NUnit.Framework;
using Traffic.Platform;

namespace Traffic.Tests.Casework;

public sealed class TwoPersonsTests
{
    [TestCase("P One", "p one")]
    [TestCase("P One", "  P  One ")]
    [TestCase("P One", "Ｐ Ｏｎｅ", Description = "full width")]
    [TestCase("P One", "P\u00A0One", Description = "a blank that does not break")]
    [TestCase("P One", "P\u200B One", Description = "a blank without width")]
    [TestCase("P One", "P O\u00ADne", Description = "a soft hyphen")]
    [TestCase("P One", "P One\uFE0F", Description = "a selector of variants")]
    [TestCase("P One", "P One.")]
    [TestCase("René", "Rene\u0301", Description = "one character or two")]
    [TestCase("P One", "\uD800P One", Description = "half a character")]
    [TestCase("张三", "张 三")]
    [TestCase("1523", "１５２３")]
    [TestCase("P One", "")]
    [TestCase("P One", ".")]
    [TestCase(null, "P One")]
    public void One_person_is_not_two(string? one, string? other)
    {
        Assert.That(TwoPersons.Are(one, other), Is.False);
        Assert.That(TwoPersons.Are(other, one), Is.False);
    }

    [TestCase("P One", "P Two")]
    [TestCase("张三", "张三丰")]
    [TestCase("152301", "152310")]
    [TestCase("ᠪᠠᠲᠤ", "ᠪᠣᠯᠳ")]
    public void Two_are_two(string one, string other) => Assert.That(TwoPersons.Are(one, other), Is.True);
}
