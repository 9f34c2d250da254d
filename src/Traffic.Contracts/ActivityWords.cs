using System.Text.Json.Serialization;

namespace Traffic.Contracts;

/// <summary>What is counted beside violations.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ActivityKind>))]
public enum ActivityKind
{
    /// <summary>Crash (事故).</summary>
    [JsonStringEnumMemberName("crash")] Crash,

    /// <summary>Hidden danger (隐患).</summary>
    [JsonStringEnumMemberName("danger")] Danger,

    /// <summary>Checked and complying counts (守法率测评).</summary>
    [JsonStringEnumMemberName("observation")] Observation,

    /// <summary>Patrol or night inspection (勤务).</summary>
    [JsonStringEnumMemberName("session")] Session,

    /// <summary>Must-visit point or route (必到点、必巡线).</summary>
    [JsonStringEnumMemberName("point")] Point,

    /// <summary>Visit of such a point.</summary>
    [JsonStringEnumMemberName("visit")] Visit,
}

/// <summary>What led to a crash.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CrashCause>))]
public enum CrashCause
{
    /// <summary>超速.</summary>
    [JsonStringEnumMemberName("speeding")] Speeding,

    /// <summary>酒驾、醉驾.</summary>
    [JsonStringEnumMemberName("drink-driving")] DrinkDriving,

    /// <summary>疲劳驾驶.</summary>
    [JsonStringEnumMemberName("fatigue")] Fatigue,

    /// <summary>超员、超载.</summary>
    [JsonStringEnumMemberName("overload")] Overload,

    /// <summary>未按规定让行.</summary>
    [JsonStringEnumMemberName("no-yield")] NoYield,

    /// <summary>逆行.</summary>
    [JsonStringEnumMemberName("wrong-way")] WrongWay,

    /// <summary>闯红灯.</summary>
    [JsonStringEnumMemberName("red-light")] RedLight,

    /// <summary>无证驾驶.</summary>
    [JsonStringEnumMemberName("unlicensed")] Unlicensed,

    /// <summary>分心驾驶.</summary>
    [JsonStringEnumMemberName("distracted")] Distracted,

    /// <summary>行人或非机动车原因.</summary>
    [JsonStringEnumMemberName("non-motor")] NonMotor,

    /// <summary>车辆故障.</summary>
    [JsonStringEnumMemberName("vehicle-defect")] VehicleDefect,

    /// <summary>道路或天气.</summary>
    [JsonStringEnumMemberName("road-or-weather")] RoadOrWeather,

    /// <summary>牲畜或野生动物.</summary>
    [JsonStringEnumMemberName("animal")] Animal,

    /// <summary>Any other.</summary>
    [JsonStringEnumMemberName("other")] Other,
}

/// <summary>When a crash weighs more: the special actions of 2019 name both.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CrashOccasion>))]
public enum CrashOccasion
{
    /// <summary>重要节日节点.</summary>
    [JsonStringEnumMemberName("key-holiday")] KeyHoliday,

    /// <summary>重要活动举办地.</summary>
    [JsonStringEnumMemberName("key-event")] KeyEvent,
}

/// <summary>Kind of a hidden danger.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DangerKind>))]
public enum DangerKind
{
    /// <summary>Of a vehicle: 逾期未检验.</summary>
    [JsonStringEnumMemberName("inspection-overdue")] InspectionOverdue,

    /// <summary>Of a vehicle: 逾期未报废.</summary>
    [JsonStringEnumMemberName("scrapping-overdue")] ScrappingOverdue,

    /// <summary>Of a driver: 逾期未审验.</summary>
    [JsonStringEnumMemberName("review-overdue")] ReviewOverdue,

    /// <summary>Of a driver: 逾期未换证.</summary>
    [JsonStringEnumMemberName("renewal-overdue")] RenewalOverdue,

    /// <summary>Of a driver: 满分未学习.</summary>
    [JsonStringEnumMemberName("full-points-not-studied")] FullPointsNotStudied,

    /// <summary>Of an enterprise: 源头隐患.</summary>
    [JsonStringEnumMemberName("source")] Source,
}

/// <summary>What became of a danger.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DangerState>))]
public enum DangerState
{
    /// <summary>Found.</summary>
    [JsonStringEnumMemberName("found")] Found,

    /// <summary>Cleared, with proof.</summary>
    [JsonStringEnumMemberName("cleared")] Cleared,

    /// <summary>There again, or never gone.</summary>
    [JsonStringEnumMemberName("reopened")] Reopened,
}

/// <summary>What an observation looked at.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ObservedThing>))]
public enum ObservedThing
{
    /// <summary>Everyone checked: complying is who had no violation at all (守法率).</summary>
    [JsonStringEnumMemberName("overall")] Overall,

    /// <summary>Helmets on motorcycles.</summary>
    [JsonStringEnumMemberName("helmet-motorcycle")] HelmetMotorcycle,

    /// <summary>Helmets on electric bicycles.</summary>
    [JsonStringEnumMemberName("helmet-ebike")] HelmetEbike,

    /// <summary>Seat belts of drivers.</summary>
    [JsonStringEnumMemberName("belt-driver")] BeltDriver,

    /// <summary>Seat belts of passengers.</summary>
    [JsonStringEnumMemberName("belt-passenger")] BeltPassenger,
}

/// <summary>How a patrol goes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PatrolMode>))]
public enum PatrolMode
{
    /// <summary>Police car (警车巡逻).</summary>
    [JsonStringEnumMemberName("car")] Car,

    /// <summary>Police motorcycle (骑警巡逻).</summary>
    [JsonStringEnumMemberName("motorcycle")] Motorcycle,

    /// <summary>On foot (徒步巡逻).</summary>
    [JsonStringEnumMemberName("foot")] Foot,
}

/// <summary>Place or stretch.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PointKind>))]
public enum PointKind
{
    /// <summary>必到点.</summary>
    [JsonStringEnumMemberName("point")] Point,

    /// <summary>必巡线.</summary>
    [JsonStringEnumMemberName("route")] Route,
}
