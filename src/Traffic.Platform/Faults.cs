using System.Net.Sockets;
using Npgsql;

namespace Traffic.Platform;

/// <summary>Tells a fault of the moment from a fault of the data.</summary>
public static class Faults
{
    /// <summary>
    /// True for what passes by itself: a connection, a time-out, a stop, or SQLSTATE class 08 (connection), 40 (rollback),
    /// 53 (resources), 55 (lock), 57 (operator), 58 (system), XX (the server's own, e.g. of a connection that a full disk lets nobody open).
    /// Such a fault never counts as an attempt, so an outage never quarantines good records.
    /// </summary>
    public static bool IsOfTheMoment(Exception fault) => fault switch
    {
        PostgresException postgres => postgres.SqlState[..2] is "08" or "40" or "53" or "55" or "57" or "58" or "XX",
        NpgsqlException npgsql => npgsql.InnerException is null or IOException or SocketException or TimeoutException,
        TimeoutException or OperationCanceledException or IOException or SocketException or ObjectDisposedException => true,
        AggregateException many => many.InnerExceptions.All(IsOfTheMoment),
        _ => fault.InnerException is { } inner && IsOfTheMoment(inner),
    };
}
