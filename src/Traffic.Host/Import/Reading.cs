namespace Traffic.Host.Import;

/// <summary>One row of a foreign table, in the order of the columns its map asks for.</summary>
/// <param name="Line">CSV: the line of the file where it begins, from 1. JSON: which row it is, from 1.</param>
/// <param name="Values">Null where the row has no such column, or an empty one.</param>
/// <param name="Fault">The row could not be taken apart; null if it could.</param>
readonly record struct SourceRow(int Line, string?[] Values, RowFault? Fault);

/// <summary>Why a row cannot be read.</summary>
/// <param name="Member">Member of our record it was to give; empty for the whole row.</param>
/// <param name="Code">Key in <c>Words.json</c>.</param>
/// <param name="Names">Columns and forms, never a value of the row: it may name a person.</param>
sealed record RowFault(string Member, string Code, params string[] Names);

/// <summary>The reading of one row: its values, and every fault found so far.</summary>
sealed class Reading(string?[] values)
{
    public List<RowFault> Faults { get; } = [];

    /// <summary>The local time the row names; set before the members are read.</summary>
    public DateTime Local { get; set; }

    /// <summary>What was measured, by quantity, in our units; read before the members that are told from it.</summary>
    public Dictionary<string, decimal> Measured { get; } = [];

    /// <summary>The member being read.</summary>
    public string Member { get; set; } = "";

    public string? this[int column] => values[column];

    public string? Fault(string code, params string[] names)
    {
        Faults.Add(new RowFault(Member, code, names));
        return null;
    }
}
