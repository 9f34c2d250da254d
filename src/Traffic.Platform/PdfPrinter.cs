using System.Diagnostics;
using Microsoft.Extensions.Configuration;

namespace Traffic.Platform;

/// <summary>Prints a page to PDF by a Chromium of the machine, where there is one: <c>Traffic:Chromium</c>, else the usual places.</summary>
/// <param name="settings">Of the host.</param>
public sealed class PdfPrinter(IConfiguration settings) : IDisposable
{
    static readonly string[] UsualPlaces = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>A page that is not printed by then is given up.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    // A browser takes much memory: one at a time.
    readonly SemaphoreSlim one = new(1, 1);

    /// <summary>The browser's program; null where there is none.</summary>
    public string? Program { get; } = settings["Traffic:Chromium"] is { } named
        ? File.Exists(named) ? named : null : Array.Find(UsualPlaces, File.Exists);

    /// <inheritdoc/>
    public void Dispose() => one.Dispose();

    /// <summary>A document of ours, printed.</summary>
    public async Task<byte[]?> Print(string html, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("traffic-print-");
        try
        {
            var file = Path.Combine(folder.FullName, "page.html");
            await File.WriteAllTextAsync(file, html, cancel);
            return await Print(new Uri(file), folder.FullName, cancel);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A page of this very process, printed.</summary>
    public async Task<byte[]?> Print(Uri address, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("traffic-print-");
        try
        {
            return await Print(address, folder.FullName, cancel);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    async Task<byte[]?> Print(Uri address, string folder, CancellationToken cancel)
    {
        if (Program is null)
            return null;
        await one.WaitAsync(cancel);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        try
        {
            var pdf = Path.Combine(folder, "page.pdf");
            var start = new ProcessStartInfo(Program)
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
                ArgumentList =
                {
                    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                    "--disable-sync", "--disable-dev-shm-usage", "--no-pdf-header-footer", $"--user-data-dir={Path.Combine(folder, "profile")}", $"--print-to-pdf={pdf}",
                },
            };
            // Its sandbox does not run as root; what it opens is ours alone.
            if (Environment.UserName == "root")
                start.ArgumentList.Add("--no-sandbox");
            start.ArgumentList.Add(address.AbsoluteUri);
            using var browser = Process.Start(start)!;
            try
            {
                await Task.WhenAll(
                    browser.StandardOutput.ReadToEndAsync(limit.Token), browser.StandardError.ReadToEndAsync(limit.Token), browser.WaitForExitAsync(limit.Token));
            }
            finally
            {
                if (!browser.HasExited)
                    browser.Kill(entireProcessTree: true);
            }
            return File.Exists(pdf) ? await File.ReadAllBytesAsync(pdf, cancel) : null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            one.Release();
        }
    }
}
