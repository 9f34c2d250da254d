using System.CommandLine;

namespace Traffic.Host;

/// <summary>The verb <c>catalogue</c>: what people do with the law as data.</summary>
static class CatalogueVerb
{
    public static Command Create()
    {
        var catalogue = new Command("catalogue", "The law as data. 违法行为目录。");
        catalogue.Subcommands.Add(Check());
        foreach (var change in CatalogueChanges.Create())
            catalogue.Subcommands.Add(change);
        return catalogue;
    }

    /// <summary>Reads a folder as the host would and names every fault.</summary>
    static Command Check()
    {
        var folder = new Argument<DirectoryInfo?>("FOLDER")
        {
            Arity = ArgumentArity.ZeroOrOne, Description = "A folder of catalogue files; default the one beside the program. 目录文件夹。",
        };
        var check = new Command("check",
            "Holds the files to their schema; finds gaps, overlaps, missing sources, tiers that do not join, codes used twice; says file, line, reason; exit 1. 检查目录文件。") { folder };
        check.SetAction(parsed => Check(
            parsed.GetValue(folder)?.FullName ?? Path.Combine(AppContext.BaseDirectory, "schemas", "catalogue"), Console.Out, Console.Error));
        return check;
    }

    internal static int Check(string folder, TextWriter said, TextWriter faulty)
    {
        var files = Catalogue.Catalogue.FilesOf(folder);
        var faults = CatalogueSchema.Faults(files).Concat(Catalogue.Catalogue.Check(files))
            .OrderBy(fault => fault.File, StringComparer.Ordinal).ThenBy(fault => fault.Line).ToList();
        foreach (var fault in faults)
            faulty.WriteLine($"{Path.Combine(folder, fault.File)}:{fault.Line}: {fault.Reason}");
        if (faults.Count > 0)
            return 1;
        var catalogue = Catalogue.Catalogue.Read(files);
        foreach (var edition in catalogue.Editions)
            said.WriteLine($"{edition.Id}: {edition.Entries.Count} entries, {edition.Entries.Sum(entry => entry.Codes.Count)} codes");
        said.WriteLine($"{catalogue.Version}: no fault");
        return 0;
    }
}
