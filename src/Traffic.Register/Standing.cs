using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Register;

/// <summary>What a record amounts to at the moment: everything that counts hang on.</summary>
sealed record Standing
{
    public required int Revision { get; init; }
    public required StandingStatus Status { get; init; }
    public required string Entry { get; init; }
    public required string Family { get; init; }
    public required string Division { get; init; }
    public required DateOnly Day { get; init; }
    public required DateOnly ShiftDate { get; init; }
    public required Shift Shift { get; init; }
    public required RecordSource Source { get; init; }
    public required string VehicleClass { get; init; }
    public string? Origin { get; init; }

    /// <summary>Unit that filed it; null where none is named.</summary>
    public string? UnitCode { get; init; }

    /// <summary>Campaign items joined by commas; empty for none.</summary>
    public required string Items { get; init; }

    /// <summary>Tags of the campaign's overlays joined by commas, each the rule that gave it; empty for none.</summary>
    public required string Overlays { get; init; }

    /// <summary>A stable word for why a person must look, or what the person wrote who made the change.</summary>
    public string? Reason { get; init; }
    public string? ChangedBy { get; init; }
    public int? Points { get; init; }
    public int? FineMin { get; init; }
    public int? FineMax { get; init; }
    public bool CriminalReferral { get; init; }
    public string? LawEdition { get; init; }
    public required string CatalogueVersion { get; init; }
    public required string Trace { get; init; }

    /// <summary>With the entry that a person named. A criminal case is fined by no traffic police, and points are a driver's: a camera's record without one has none.</summary>
    public Standing By(CatalogueEntry entry, bool driverKnown) => this with
    {
        Entry = entry.Id, Family = entry.Family, Items = string.Join(',', entry.Items),
        Points = entry.CriminalReferral || (Source == RecordSource.Camera && !driverKnown) ? null : entry.Points,
        FineMin = entry.CriminalReferral ? null : entry.FineMin, FineMax = entry.CriminalReferral ? null : entry.FineMax,
        CriminalReferral = entry.CriminalReferral,
    };

    /// <summary>As it is told to others. A person's own words stay in the register: they may name somebody.</summary>
    /// <param name="receivedAt">When intake accepted the record, UTC; null but when it is registered.</param>
    public StandingChanged Told(Guid recordId, Standing? former, DateTime? receivedAt) => new()
    {
        RecordId = recordId, Revision = Revision, Entry = Entry, Family = Family, DivisionCode = Division, Day = Day, Shift = Shift,
        Source = Source, VehicleClass = VehicleClass, Status = Status, FormerStatus = former?.Status,
        FormerEntry = former is not null && former.Entry != Entry ? former.Entry : null, Origin = Origin,
        Reason = ChangedBy is null ? Reason : "person", ShiftDate = ShiftDate == Day ? null : ShiftDate, Items = Items,
        Overlays = Told(Overlays), Points = Points, Criminal = Told(CriminalReferral), UnitCode = UnitCode,
        ReceivedAt = receivedAt is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null,
        Before = former is null ? null : new StandingBefore
        {
            Entry = former.Entry, Family = former.Family, VehicleClass = former.VehicleClass, Items = former.Items,
            Overlays = Told(former.Overlays), Points = former.Points, Criminal = Told(former.CriminalReferral),
        },
    };

    static string? Told(string overlays) => overlays.Length == 0 ? null : overlays;

    static bool? Told(bool criminal) => criminal ? true : null;
}

/// <summary>A record to be stored, decided.</summary>
/// <param name="record">As reported.</param>
/// <param name="receivedAt">When intake accepted it.</param>
/// <param name="position">Intake's log row.</param>
/// <param name="item">Its place in that row.</param>
/// <param name="standing">What it amounts to by itself; the driver's history may change that before it is stored.</param>
/// <param name="driverKey">Keyed hash of the id number; null without one.</param>
/// <param name="act">See <see cref="SameActs"/>.</param>
sealed class NewRow(ReportedViolation record, DateTime receivedAt, long position, int item, Standing standing, Guid? driverKey, long? act)
{
    public ReportedViolation Record => record;
    public DateTime ReceivedAt => receivedAt;
    public long Position => position;
    public int Item => item;
    public Standing Standing { get; set; } = standing;
    public Guid? DriverKey => driverKey;

    /// <summary>Number of the act that several cameras may have seen; null where no window for it is known.</summary>
    public long? Act => act;
}

/// <summary>A record whose standing changes.</summary>
sealed record ChangedRow(StoredRow Row, Standing Standing)
{
    public Guid RecordId => Row.RecordId;
    public DateTime ReceivedAt => Row.ReceivedAt;
    public Standing Former => Row.Standing;
}
