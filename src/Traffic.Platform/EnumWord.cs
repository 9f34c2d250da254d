using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Serialization;

namespace Traffic.Platform;

/// <summary>The words that stand for an enum's cases in JSON, in the database and in queries: one spelling everywhere.</summary>
public static class EnumWord
{
    /// <summary>All words of an enum, in the order of its cases.</summary>
    public static IReadOnlyList<string> All(Type type) =>
        [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(one => one.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name)];

    static class Of<T> where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> Words = Enum.GetValues<T>().ToFrozenDictionary(
            one => one, one => typeof(T).GetField(one.ToString())!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name);

        public static readonly FrozenDictionary<string, T> Values = Words.ToFrozenDictionary(one => one.Value, one => one.Key);
    }

    /// <summary>The word of a case.</summary>
    public static string Word<T>(this T value) where T : struct, Enum => Of<T>.Words[value];

    /// <summary>The case of a word; null for an unknown word.</summary>
    public static T? Parse<T>(string word) where T : struct, Enum => Of<T>.Values.TryGetValue(word, out var value) ? value : null;
}
