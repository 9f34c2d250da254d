using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Traffic.Tests;

/// <summary>The real executable, as a person or a service manager runs it.</summary>
static class Executable
{
    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "traffic.dll");

    /// <summary>A run to its end, within two minutes.</summary>
    public static Task<(int Exit, string Said, string Complained)> Run(string[] arguments, params (string Name, string? Value)[] settings) =>
        Run(TimeSpan.FromMinutes(2), arguments, settings);

    /// <summary>A run to its end, within a time.</summary>
    public static async Task<(int Exit, string Said, string Complained)> Run(
        TimeSpan within, string[] arguments, params (string Name, string? Value)[] settings)
    {
        using var process = Process.Start(Described(arguments, settings))!;
        using var limit = new CancellationTokenSource(within);
        var said = process.StandardOutput.ReadToEndAsync(limit.Token);
        var complained = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await said, await complained);
    }

    /// <summary>A run that serves; returns when it is ready.</summary>
    /// <param name="user">A user id to run as; null: as we run.</param>
    public static Task<Serving> Serve(string[] arguments, string? user, params (string Name, string? Value)[] settings) =>
        Serve(FreePort(), arguments, user, settings);

    /// <summary>The same at a given port, e.g. the one it had before it was killed.</summary>
    public static async Task<Serving> Serve(int port, string[] arguments, string? user, params (string Name, string? Value)[] settings)
    {
        var start = Described(arguments, [.. settings, ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}")], user);
        var begin = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        var said = new System.Text.StringBuilder();
        process.OutputDataReceived += (_, line) => { lock (said) said.AppendLine(line.Data); };
        process.ErrorDataReceived += (_, line) => { lock (said) said.AppendLine(line.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (true)
            try
            {
                if (process.HasExited)
                    throw new InvalidOperationException($"It ended with {process.ExitCode}: {said}");
                using var answer = await http.GetAsync("/health/ready", limit.Token);
                if (answer.IsSuccessStatusCode)
                    return new Serving(process, http, Stopwatch.GetElapsedTime(begin), said);
            }
            catch (HttpRequestException) { await Task.Yield(); }
    }

    static ProcessStartInfo Described(string[] arguments, (string Name, string? Value)[] settings, string? user = null)
    {
        var start = user is null
            ? new ProcessStartInfo("dotnet", [Program, .. arguments])
            : new ProcessStartInfo("setpriv", ["--reuid", user, "--regid", user, "--clear-groups", "dotnet", Program, .. arguments]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = "/tmp";
        start.Environment["Traffic__Schemas"] = Path.Combine(Repository.Root, "schemas");
        start.Environment["Logging__LogLevel__Default"] = "Error";
        foreach (var (name, value) in settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        return start;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>A running host.</summary>
sealed class Serving(Process process, HttpClient http, TimeSpan toFirstAnswer, System.Text.StringBuilder said) : IAsyncDisposable
{
    public HttpClient Http => http;

    /// <summary>Waits, at most a minute, until it has written this.</summary>
    public async Task HasSaid(string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!Said().Contains(text, StringComparison.Ordinal))
            await Task.Delay(50, limit.Token);

        string Said()
        {
            lock (said)
                return said.ToString();
        }
    }

    /// <summary>From its start until it answered ready.</summary>
    public TimeSpan ToFirstAnswer => toFirstAnswer;

    /// <summary><c>kill -9</c>.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Ctrl+C; returns its exit code.</summary>
    public async Task<int> Interrupt()
    {
        using var ask = Process.Start("kill", ["-INT", $"{process.Id}"]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await Interrupt();
        process.Dispose();
        http.Dispose();
    }
}
