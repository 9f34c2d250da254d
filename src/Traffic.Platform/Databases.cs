using Npgsql;

namespace Traffic.Platform;

/// <summary>A data source for each module, which acts as the module's own role (<c>traffic_NAME</c>) and never as the owner.</summary>
public interface IDatabases
{
    /// <summary>The owner's: migrations, partitions and the verbs of the host only.</summary>
    NpgsqlDataSource Owner { get; }

    /// <summary>The data source of a module, e.g. <c>register</c>.</summary>
    NpgsqlDataSource Of(string module);
}
