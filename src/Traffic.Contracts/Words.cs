using System.Text.Json.Serialization;

namespace Traffic.Contracts;

/// <summary>How a record came in. Sent by name: a number would change meaning when a case is added in between.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RecordSource>))]
public enum RecordSource
{
    /// <summary>Daytime patrol or checkpoint (路面检查).</summary>
    [JsonStringEnumMemberName("roadsideCheck")] RoadsideCheck,

    /// <summary>Night inspection (夜查).</summary>
    [JsonStringEnumMemberName("nightInspection")] NightInspection,

    /// <summary>Automatic device (非现场).</summary>
    [JsonStringEnumMemberName("camera")] Camera,
}

/// <summary>Kind of road, as the points rules and the campaign's focus lists distinguish them.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RoadKind>))]
public enum RoadKind
{
    /// <summary>高速公路.</summary>
    [JsonStringEnumMemberName("motorway")] Motorway,

    /// <summary>城市快速路.</summary>
    [JsonStringEnumMemberName("urbanExpressway")] UrbanExpressway,

    /// <summary>国道, 省道.</summary>
    [JsonStringEnumMemberName("nationalOrProvincial")] NationalOrProvincial,

    /// <summary>城区道路.</summary>
    [JsonStringEnumMemberName("urban")] Urban,

    /// <summary>农村牧区道路.</summary>
    [JsonStringEnumMemberName("ruralPastoral")] RuralPastoral,

    /// <summary>城郊结合部道路.</summary>
    [JsonStringEnumMemberName("suburban")] Suburban,
}

/// <summary>Kind of place along the road.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PlaceKind>))]
public enum PlaceKind
{
    /// <summary>School gate.</summary>
    [JsonStringEnumMemberName("school")] School,

    /// <summary>Hospital.</summary>
    [JsonStringEnumMemberName("hospital")] Hospital,

    /// <summary>Station or airport.</summary>
    [JsonStringEnumMemberName("station")] Station,

    /// <summary>Market or shopping area.</summary>
    [JsonStringEnumMemberName("market")] Market,

    /// <summary>Crossing.</summary>
    [JsonStringEnumMemberName("crossing")] Crossing,

    /// <summary>Accident-prone point or stretch (事故多发点段).</summary>
    [JsonStringEnumMemberName("accidentProne")] AccidentProne,

    /// <summary>Road works.</summary>
    [JsonStringEnumMemberName("roadWorks")] RoadWorks,

    /// <summary>Any other place.</summary>
    [JsonStringEnumMemberName("other")] Other,
}

/// <summary>A quantity with one fixed unit.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Quantity>))]
public enum Quantity
{
    /// <summary>Measured speed, km/h.</summary>
    [JsonStringEnumMemberName("speed")] Speed,

    /// <summary>Limit in force at the place, km/h.</summary>
    [JsonStringEnumMemberName("speedLimit")] SpeedLimit,

    /// <summary>Alcohol by breath, mg per 100 mL of blood.</summary>
    [JsonStringEnumMemberName("alcoholBreath")] AlcoholBreath,

    /// <summary>Alcohol by blood sample, mg per 100 mL.</summary>
    [JsonStringEnumMemberName("alcoholBlood")] AlcoholBlood,

    /// <summary>Persons aboard, the driver included.</summary>
    [JsonStringEnumMemberName("persons")] Persons,

    /// <summary>Gross mass on the scale, kg.</summary>
    [JsonStringEnumMemberName("grossMass")] GrossMass,

    /// <summary>Load, kg.</summary>
    [JsonStringEnumMemberName("load")] Load,

    /// <summary>Hours at the wheel without a stop of 20 minutes, h.</summary>
    [JsonStringEnumMemberName("drivingTime")] DrivingTime,

    /// <summary>Length of the last stop, min.</summary>
    [JsonStringEnumMemberName("restTime")] RestTime,
}

/// <summary>What was seen at the vehicle or on the picture.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Signal>))]
public enum Signal
{
    /// <summary>Driver or rider without helmet.</summary>
    [JsonStringEnumMemberName("driverNoHelmet")] DriverNoHelmet,

    /// <summary>Passenger without helmet.</summary>
    [JsonStringEnumMemberName("passengerNoHelmet")] PassengerNoHelmet,

    /// <summary>Driver without seat belt.</summary>
    [JsonStringEnumMemberName("driverNoBelt")] DriverNoBelt,

    /// <summary>Passenger without seat belt.</summary>
    [JsonStringEnumMemberName("passengerNoBelt")] PassengerNoBelt,

    /// <summary>Plate covered or defaced on purpose.</summary>
    [JsonStringEnumMemberName("plateCovered")] PlateCovered,

    /// <summary>No plate.</summary>
    [JsonStringEnumMemberName("plateMissing")] PlateMissing,

    /// <summary>Plate wrongly mounted.</summary>
    [JsonStringEnumMemberName("plateMisplaced")] PlateMisplaced,

    /// <summary>Plate unclear or incomplete.</summary>
    [JsonStringEnumMemberName("plateUnclear")] PlateUnclear,

    /// <summary>Plate forged or another vehicle's.</summary>
    [JsonStringEnumMemberName("plateForged")] PlateForged,

    /// <summary>Passed a red light.</summary>
    [JsonStringEnumMemberName("redLight")] RedLight,

    /// <summary>Against the direction of travel.</summary>
    [JsonStringEnumMemberName("wrongWay")] WrongWay,

    /// <summary>In the emergency lane.</summary>
    [JsonStringEnumMemberName("emergencyLane")] EmergencyLane,

    /// <summary>Not in the lane prescribed.</summary>
    [JsonStringEnumMemberName("wrongLane")] WrongLane,

    /// <summary>Parked or stopped where it is not allowed.</summary>
    [JsonStringEnumMemberName("illegallyParked")] IllegallyParked,

    /// <summary>On the pavement.</summary>
    [JsonStringEnumMemberName("onPavement")] OnPavement,

    /// <summary>Non-motor vehicle in the motor lane.</summary>
    [JsonStringEnumMemberName("inMotorLane")] InMotorLane,

    /// <summary>Goods vehicle carrying persons against the rules.</summary>
    [JsonStringEnumMemberName("truckCarryingPersons")] TruckCarryingPersons,

    /// <summary>Exhaust or body modified without permission.</summary>
    [JsonStringEnumMemberName("modified")] Modified,

    /// <summary>Vehicle has reached the scrapping standard.</summary>
    [JsonStringEnumMemberName("scrapped")] Scrapped,

    /// <summary>Hazardous goods off the prescribed time or route.</summary>
    [JsonStringEnumMemberName("hazmatOffRoute")] HazmatOffRoute,

    /// <summary>Driver without any valid licence.</summary>
    [JsonStringEnumMemberName("noLicence")] NoLicence,

    /// <summary>Driver whose licence is suspended or withheld.</summary>
    [JsonStringEnumMemberName("licenceSuspended")] LicenceSuspended,

    /// <summary>Driver whose licence does not cover the vehicle (准驾不符).</summary>
    [JsonStringEnumMemberName("wrongLicenceClass")] WrongLicenceClass,

    /// <summary>The plate may be a copy of another vehicle's (套牌嫌疑): a person must look before anybody is punished.</summary>
    [JsonStringEnumMemberName("plateSuspectedCloned")] PlateSuspectedCloned,

    /// <summary>Blood was taken, its value is not there yet.</summary>
    [JsonStringEnumMemberName("bloodSampleTaken")] BloodSampleTaken,
}

/// <summary>Who answers for a record at the moment. People set it; the law sets the entry.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StandingStatus>))]
public enum StandingStatus
{
    /// <summary>A camera's record nobody has reviewed: in no enforcement figure (Administrative Penalty Law, art. 41).</summary>
    [JsonStringEnumMemberName("captured")] Captured,

    /// <summary>Not decidable from what was reported: the decision names what is missing.</summary>
    [JsonStringEnumMemberName("toReview")] ToReview,

    /// <summary>Decidable, but a person must look first (clock, age, margin of a limit).</summary>
    [JsonStringEnumMemberName("held")] Held,

    /// <summary>Stands: counts in enforcement figures.</summary>
    [JsonStringEnumMemberName("confirmed")] Confirmed,

    /// <summary>A reviewer found no violation.</summary>
    [JsonStringEnumMemberName("rejected")] Rejected,

    /// <summary>Withdrawn with a reason; never deleted.</summary>
    [JsonStringEnumMemberName("voided")] Voided,
}

/// <summary>Part of the day by the hours of the season.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Shift>))]
public enum Shift
{
    /// <summary>Day patrol (白天巡逻).</summary>
    [JsonStringEnumMemberName("day")] Day,

    /// <summary>Night inspection (晚上夜查).</summary>
    [JsonStringEnumMemberName("night")] Night,
}

/// <summary>What became of a zero target.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AlarmChange>))]
public enum AlarmChange
{
    /// <summary>Broken by a record just counted.</summary>
    [JsonStringEnumMemberName("rang")] Rang,

    /// <summary>Unbroken again: voided, cleared, corrected.</summary>
    [JsonStringEnumMemberName("undone")] Undone,
}
