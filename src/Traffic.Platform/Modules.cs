using Microsoft.Extensions.Configuration;

namespace Traffic.Platform;

/// <summary>Which modules this process runs.</summary>
public static class Modules
{
    /// <summary>All modules, or those that <c>Traffic:Modules</c> names (comma-separated).</summary>
    /// <exception cref="StartRefusedException">An unknown name; some modules left out without a broker to reach them by, or without an address for the pages to ask.</exception>
    public static IReadOnlyList<IModule> Select(IReadOnlyList<IModule> all, IConfiguration settings)
    {
        var wanted = (settings["Traffic:Modules"] ?? "").Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (wanted.Length == 0)
            return all;
        if (wanted.FirstOrDefault(name => !all.Any(module => module.Name == name)) is { } unknown)
            throw new StartRefusedException(
                $"Traffic:Modules names '{unknown}', which is no module. Known: {string.Join(", ", all.Select(module => module.Name))}.");
        if (settings.GetConnectionString("RabbitMq") is null && all.Any(module => !wanted.Contains(module.Name)))
            throw new StartRefusedException(
                "Traffic:Modules leaves modules out, so ConnectionStrings:RabbitMq has to say how to reach the processes that run them.");
        if (wanted.Contains("console") && settings["Traffic:ApiBase"] is null && all.Any(module => !wanted.Contains(module.Name)))
            throw new StartRefusedException(
                "Traffic:Modules has the console, whose pages ask every module: run all of them here, or let Traffic:ApiBase name the address that answers for all.");
        return [.. all.Where(module => wanted.Contains(module.Name))];
    }
}

/// <summary>The host must not start as it is configured; the message says what to change.</summary>
public sealed class StartRefusedException(string message, Exception? inner = null) : Exception(message, inner);
