using Microsoft.Extensions.Logging;
using Traffic.Platform;

namespace Traffic.Reporting.Units;

/// <summary>The first start takes the files in <c>schemas/units</c> as version 1; from then on units come by import.</summary>
sealed partial class KeepUnits(UnitStore store, SchemaFiles schemas, Divisions divisions, Words words, ILogger<KeepUnits> log) : BeforeServing
{
    protected override async Task Prepare(CancellationToken cancel)
    {
        var files = schemas.Json("units");
        if (files.Count == 0)
            return;
        var file = new UnitFile(code => divisions.Find(null, code) is not null);
        foreach (var path in files)
            file.Read($"units/{Path.GetFileName(path)}", await File.ReadAllTextAsync(path, cancel));
        var (changes, version, kept) = await store.Add(file, "file", "first version", null, only: false, first: true, cancel);
        if (version == 0 && changes.Faults.Count > 0)
            throw new StartRefusedException(string.Join('\n', changes.Faults.Select(fault => $"{fault.At}: {words.Get(fault.Code, "en", fault.Values)}")));
        if (!kept && changes.Faults.Count + changes.Units.Count + changes.Roster.Count > 0)
            LogDiffers(version);
    }

    [LoggerMessage(LogLevel.Information, "The files in schemas/units say otherwise than version {Version} of the units, which is in use. They are not used: import them.")]
    partial void LogDiffers(int version);
}
