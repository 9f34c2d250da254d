using System.Diagnostics;
using NUnit.Framework;

namespace Traffic.Tests;

/// <summary>What a detachment installs: one folder, which needs nothing of the sources.</summary>
public sealed class PublishTests
{
    [Test]
    public async Task The_program_is_published_into_one_folder_and_runs_from_there()
    {
        var folder = Directory.CreateTempSubdirectory("traffic-publish-");
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        try
        {
            var (exit, said) = await Run("publish", Path.Combine(Repository.Root, "src/Traffic.Host"), "-c", configuration, "--no-build", "-o", folder.FullName, "--nologo");
            Assert.That(exit, Is.Zero, said);

            (exit, said) = await Run(Path.Combine(folder.FullName, "traffic.dll"), "catalogue", "check");
            Assert.That(exit, Is.Zero, said);
            Assert.That(said, Does.Contain("2022-04-01"), "it reads the editions that were published with it");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static async Task<(int Exit, string Said)> Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, WorkingDirectory = Path.GetTempPath() })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var said = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, said);
    }
}
