using Traffic.Contracts;

namespace Traffic.Catalogue;

/// <summary>The day a record counts for, and the shift it was found in.</summary>
/// <param name="Day">Calendar day in the zone of the division.</param>
/// <param name="ShiftDate">Day on which the shift began.</param>
/// <param name="Shift">Part of the day.</param>
public readonly record struct ShiftTime(DateOnly Day, DateOnly ShiftDate, Shift Shift);

/// <summary>
/// Turns instants into days and shifts. A night's work belongs to the day it began: 02:30 on the 3rd is the 2nd's night.
/// The hours are half-open (06:00:00 itself is day, 20:00:00 is night) and stand, by season and with their source, in <c>schemas/divisions</c>.
/// </summary>
/// <param name="zone">Zone of the division.</param>
/// <param name="hours">Local times at which the shifts of a calendar day begin: the day after midnight, the night after the day.</param>
public sealed class ShiftRule(TimeZoneInfo zone, Func<DateOnly, (TimeOnly DayFrom, TimeOnly NightFrom)> hours)
{
    /// <summary>Day, shift date and shift of an instant.</summary>
    public ShiftTime Of(DateTimeOffset instant)
    {
        var local = instant.UtcDateTime + zone.GetUtcOffset(instant);
        var day = DateOnly.FromDateTime(local);
        var time = TimeOnly.FromDateTime(local);
        var (dayFrom, nightFrom) = hours(day);
        if (time < dayFrom)
            return new(day, day > DateOnly.MinValue ? day.AddDays(-1) : day, Shift.Night);
        return new(day, day, time < nightFrom ? Shift.Day : Shift.Night);
    }
}
