namespace Traffic.Reporting.RecordFigures;

/// <summary>A figure of a campaign's line that has the record behind it, in the window the campaign answers for.</summary>
/// <param name="Version">Of the definition.</param>
/// <param name="Figure"><c>value</c>, <c>numerator</c>, <c>denominator</c>, <c>start</c>, <c>found</c>, …; those compared with begin with <c>baseline</c>.</param>
/// <param name="From">Null where all days up to the last count, as in a stock.</param>
sealed record TargetFigure(
    string Campaign, Title CampaignTitle, string Line, Title Title, int Version, string Division, Title DivisionTitle, string Figure, DateOnly? From, DateOnly To,
    string Records);

/// <summary>A cell of the offences' or the duty report, or of the ledger, that has the record behind it.</summary>
/// <param name="Report"><c>offences</c>, <c>duty</c>, <c>ledger</c>.</param>
/// <param name="Period">A day, an ISO week, a month; of the ledger an hour (UTC), or <c>all</c>.</param>
/// <param name="Dimension">What the report is grouped by; null of its total.</param>
/// <param name="Key">Null of the total of a report so grouped: by shift a night counts for the date it began, by status every record counts.</param>
sealed record CellFigure(
    string Report, string Period, string? Division, Title? DivisionTitle, string? Dimension, string? Key, Title Title, string Records);

/// <summary>A figure of an edition that has the record behind it.</summary>
/// <param name="Part"><c>confirmed</c>, a dimension, <c>targets</c>, <c>activity</c>, <c>comparison</c>, <c>late</c>.</param>
/// <param name="Column"><c>now</c>, <c>before</c>, <c>yearBefore</c>, or the name of the figure.</param>
sealed record EditionCell(string Division, Title DivisionTitle, string Part, string? Key, Title Title, string Column, string Records);

/// <summary>How an edition has the record. Its ledger, which counts all there ever were, has every record registered before it.</summary>
/// <param name="Revision">The one that is in it; null where it was not known when the edition was frozen.</param>
/// <param name="Leaf">True where it is under the edition's root as a counted record.</param>
/// <param name="Late">Why it is among the late ones: <c>registered</c>, <c>withdrawn</c>, …; null where it is not.</param>
/// <param name="Restated">How a restatement differs by it: <c>added</c>, <c>removed</c>, <c>changed</c>; null where it does not.</param>
sealed record EditionFigure(
    string Edition, string Kind, string Period, int Number, string Division, Title DivisionTitle, long AsOf, int? Revision, string? Status, string? Entry,
    bool Leaf, string? Late, string? Restated, IReadOnlyList<EditionCell> Figures);

/// <summary>Every figure and edition a record counts in.</summary>
sealed record RecordFiguresAnswer(
    Guid Id, int Revision, string Status, long AsOf, IReadOnlyList<TargetFigure> Targets, IReadOnlyList<CellFigure> Reports, IReadOnlyList<EditionFigure> Editions);
