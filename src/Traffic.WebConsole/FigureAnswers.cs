namespace Traffic.WebConsole;

/// <summary>See <c>/api/v1/violations/{id}/figures</c>.</summary>
public sealed record TargetFigureAnswer(
    string Campaign, Both CampaignTitle, string Line, Both Title, int Version, string Division, Both DivisionTitle, string Figure, DateOnly? From, DateOnly To, string Records);

public sealed record CellFigureAnswer(
    string Report, string Period, string? Division, Both? DivisionTitle, string? Dimension, string? Key, Both Title, string Records);

public sealed record EditionCellAnswer(string Division, Both DivisionTitle, string Part, string? Key, Both Title, string Column, string Records);

public sealed record EditionFigureAnswer(
    string Edition, string Kind, string Period, int Number, string Division, Both DivisionTitle, long AsOf, int? Revision, string? Status, string? Entry, bool Leaf,
    string? Late, string? Restated, IReadOnlyList<EditionCellAnswer> Figures);

public sealed record RecordFiguresAnswer(
    Guid Id, int Revision, string Status, long AsOf, IReadOnlyList<TargetFigureAnswer> Targets, IReadOnlyList<CellFigureAnswer> Reports,
    IReadOnlyList<EditionFigureAnswer> Editions);
