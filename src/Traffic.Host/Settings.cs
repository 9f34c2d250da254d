using Traffic.Platform;

namespace Traffic.Host;

/// <summary>
/// What may be said beside the options of a verb: settings, as <c>--Name=value</c> or <c>--Name value</c>. Whatever else comes is an option
/// that was misspelt: ignored, a verb would do another thing than it was told.
/// </summary>
static class Settings
{
    /// <summary>The README's table, and how a host is started and logs. A name that ends in a colon stands for all that begin with it.</summary>
    static readonly string[] Known =
    [
        "Traffic:Data", "Traffic:Modules", "Traffic:ApiBase", "Traffic:MasterKey", "Traffic:Schemas", "Traffic:Workers", "Traffic:BatchItems",
        "Traffic:RecentItems", "Traffic:Reports:ChangesInMemory", "Traffic:MaxInFlight", "Traffic:Announce", "Traffic:Webhooks:", "Traffic:WebhookKey",
        "Traffic:Postgres", "Traffic:Chromium", "ConnectionStrings:Traffic", "ConnectionStrings:RabbitMq",
        "urls", "environment", "Logging:", "Kestrel:",
    ];

    /// <summary>The arguments as they are, where each is a setting.</summary>
    /// <exception cref="StartRefusedException">Names the first that is none; not its value, which may be a password.</exception>
    public static string[] Held(string[] arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i].Split('=')[0];
            if (!name.StartsWith("--", StringComparison.Ordinal) || !IsKnown(name[2..]))
                throw new StartRefusedException($"{name}: there is no such option or setting. 没有此选项或设置。");
            if (name.Length == arguments[i].Length && (++i == arguments.Length || arguments[i].StartsWith("--", StringComparison.Ordinal)))
                throw new StartRefusedException($"{name}: its value is missing. 缺少取值。");
        }
        return arguments;
    }

    static bool IsKnown(string name) => Array.Exists(Known, known => known[^1] == ':'
        ? name.Length > known.Length && name.StartsWith(known, StringComparison.OrdinalIgnoreCase) : name.Equals(known, StringComparison.OrdinalIgnoreCase));
}
