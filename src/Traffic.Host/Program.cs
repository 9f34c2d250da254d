using System.CommandLine;
using Traffic.Host;
using Traffic.Platform;

var root = new RootCommand("Traffic violation enforcement: takes records in, decides, counts, reports. 交通违法执法后端。");
Command[] verbs =
[
    Serve.Create(), Demo.Create(), Traffic.Host.Import.ImportVerb.Create(), SimulateVerb.Create(), UnitsVerb.Create(), CatalogueVerb.Create(),
    Traffic.Host.Reconcile.ReconcileVerb.Create(),
    QuarantineVerb.Create(), SubscriberVerb.Create(), VerifyVerb.Create(), Traffic.Host.Rebuild.RebuildVerb.Create(),
];
foreach (var verb in verbs)
    root.Subcommands.Add(verb);
try
{
    // Without a verb it serves.
    return await root.Parse(args is [] or [['-', ..], ..] && !args.Contains("--help") && !args.Contains("--version")
        ? ["serve", .. args] : args).InvokeAsync(new InvocationConfiguration
        {
            // After Ctrl+C there is time to stop the database as well.
            EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(40),
        });
}
catch (Exception refused) when (refused is StartRefusedException or Traffic.Simulator.NotTakenException)
{
    Console.Error.WriteLine(refused.Message);
    return 2;
}
catch (AggregateException several) when (several.InnerExceptions.All(one => one is StartRefusedException))
{
    foreach (var refused in several.InnerExceptions)
        Console.Error.WriteLine(refused.Message);
    return 2;
}
