namespace Traffic.Tests;

/// <summary>Where the tests find what is not code.</summary>
static class Repository
{
    /// <summary>The folder that holds <c>Traffic.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Real tables and payloads, when <c>TRAFFIC_TEST_DATA</c> says where; they are no part of the repository.</summary>
    public static string? TestData { get; } = Environment.GetEnvironmentVariable("TRAFFIC_TEST_DATA") is { Length: > 0 } folder
        && Directory.Exists(folder) ? folder : null;

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Traffic.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
