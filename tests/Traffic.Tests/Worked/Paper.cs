namespace Traffic.Tests.Worked;

/// <summary>
/// A small campaign of two banners, on paper: what happened, and what each line of each preset must say of it. Everything here was
/// typed and added up by hand; nothing of it is computed.
/// </summary>
/// <remarks>
/// East is 东乌珠穆沁旗 (152525), West 西乌珠穆沁旗 (152526), Both the league (152500), Empty 多伦县 (152531), which reported nothing.
/// The campaign is 2022-06-25 to 2022-10-02, compared with 2021-06-25 to 2021-10-02. Times are Asia/Shanghai.
/// </remarks>
static class Paper
{
    /// <summary>Where, how many, first at, what. The second of several is a day later, and so on; notes stand after the #.</summary>
    public const string Violations = """
        # East, the campaign: speeding 1 + 1 + 4 + 2 + 4 = 12, of them 8 on site
        East | 1 | 2022-06-25 00:00 | officer speeding      # the first minute of it
        East | 1 | 2022-10-02 23:59 | officer speeding      # the last
        East | 4 | 2022-07-10 09:00 | officer speeding
        East | 2 | 2022-07-20 22:30 | night speeding
        East | 4 | 2022-08-01 10:00 | camera speeding confirmed
        East | 3 | 2022-08-10 10:00 | camera speeding       # nobody looked at them: they do not count
        East | 1 | 2022-08-20 10:00 | camera speeding rejected
        East | 1 | 2022-08-21 10:00 | officer speeding voided
        East | 1 | 2022-08-02 10:00 | officer coach 60      # 60 in 50: exactly 20 %, and 20%以上 includes it
        East | 1 | 2022-08-03 10:00 | officer coach 59      # 18 %: passenger overload, not of the zero
        East | 1 | 2022-08-04 10:00 | officer car 6         # passenger overload 1 + 1 + 1 = 3
        East | 6 | 2022-09-01 10:00 | officer fatigue
        East | 5 | 2022-09-10 10:00 | officer red-light     # on site 8 + 3 + 6 + 5 = 22
        # East, the year before: speeding 4 + 6 = 10, overload 5, fatigue 4; on site 4 + 5 + 4 + 3 = 16
        East | 4 | 2021-06-25 00:00 | officer speeding
        East | 6 | 2021-08-01 10:00 | camera speeding confirmed
        East | 5 | 2021-08-02 10:00 | officer car 6
        East | 4 | 2021-09-01 10:00 | officer fatigue
        East | 2 | 2021-09-10 10:00 | officer red-light
        East | 1 | 2021-10-02 23:59 | officer red-light
        # East, a minute outside: none of these counts
        East | 1 | 2022-06-24 23:59 | officer speeding
        East | 1 | 2022-10-03 00:00 | officer speeding
        East | 1 | 2021-06-24 23:59 | officer fatigue
        East | 1 | 2021-10-03 00:00 | officer fatigue
        # West, the campaign: on site 7 + 5 + 1 + 1 = 14
        West | 7 | 2022-07-01 11:00 | officer speeding
        West | 5 | 2022-07-15 11:00 | officer fatigue
        West | 1 | 2022-08-15 11:00 | officer red-light
        West | 1 | 2022-09-15 11:00 | officer hazmat-route
        # West, the year before: on site 8 + 5 + 1 = 14
        West | 8 | 2021-07-01 11:00 | officer speeding
        West | 5 | 2021-07-15 11:00 | officer fatigue
        West | 1 | 2021-08-15 11:00 | officer red-light
        """;

    /// <summary>Where, how many, first at, dead/injured; with a key vehicle, an occasion, or what became of the report.</summary>
    public const string Crashes = """
        # East, the campaign: 3 + 2 + 1 + 1 = 7 crashes; dead 2 + 3 = 5; injured 4 + 4 + 1 = 9
        East | 3 | 2022-06-25 00:00 | 0/0
        East | 2 | 2022-07-05 08:00 | 1/2 key
        East | 1 | 2022-07-25 08:00 | 2/4 key later-3       # two died, and a third later: one crash with 3 dead
        East | 1 | 2022-10-02 23:59 | 0/1
        East | 1 | 2022-08-05 08:00 | 2/1 voided
        # East, the year before: 2 + 5 + 3 + 2 = 12 crashes; dead 5 + 9 + 10 = 24; injured 5 + 0 + 2 = 7
        East | 2 | 2021-07-01 08:00 | 0/0
        East | 5 | 2021-07-05 08:00 | 1/1 key
        East | 3 | 2021-08-05 08:00 | 3/0
        East | 2 | 2021-09-05 08:00 | 5/1 key
        # East, outside the campaign, inside the whole years
        East | 1 | 2022-10-03 00:05 | 4/0
        East | 1 | 2021-06-24 23:55 | 1/0
        # West, the campaign: 4 + 2 + 1 + 1 = 8 crashes; dead 2 + 10 + 30 = 42; injured 4 + 3 + 5 = 12
        West | 4 | 2022-07-02 08:00 | 0/1
        West | 2 | 2022-08-02 08:00 | 1/0
        West | 1 | 2022-09-10 08:00 | 10/3 key key-holiday
        West | 1 | 2022-09-20 08:00 | 30/5
        # West, the year before: 4 + 1 + 3 = 8 crashes; dead 1 + 15 = 16; injured 2
        West | 4 | 2021-07-02 08:00 | 0/0
        West | 1 | 2021-08-02 08:00 | 1/2
        West | 3 | 2021-09-02 08:00 | 5/0 key
        """;

    /// <summary>Where, how many, found at, kind; then when each was cleared, reopened or voided, on that day.</summary>
    public const string Dangers = """
        # East, key vehicles: there before 3 (the scrapped one was gone by then), found 2 + 1 = 3, cleared 2 + 2 = 4, reopened 1: 3 remain
        East | 1 | 2022-05-01 10:00 | scrapping-overdue cleared 2022-05-20
        East | 2 | 2022-06-01 10:00 | inspection-overdue cleared 2022-07-01
        East | 1 | 2022-06-24 23:59 | inspection-overdue
        East | 1 | 2022-06-25 00:00 | inspection-overdue
        East | 1 | 2022-07-10 10:00 | inspection-overdue cleared 2022-07-20 reopened 2022-08-20
        East | 1 | 2022-08-10 10:00 | scrapping-overdue cleared 2022-10-02
        East | 1 | 2022-08-11 10:00 | inspection-overdue voided 2022-08-12
        East | 1 | 2022-10-03 00:01 | inspection-overdue
        # East, key drivers: there before 1, found 2, cleared 3: none remains
        East | 1 | 2022-06-10 10:00 | review-overdue cleared 2022-07-02
        East | 1 | 2022-07-11 10:00 | renewal-overdue cleared 2022-09-01
        East | 1 | 2022-07-12 10:00 | full-points-not-studied cleared 2022-09-02
        East | 1 | 2022-07-13 10:00 | source
        # West, key vehicles: there before 2, both cleared
        West | 2 | 2022-06-02 10:00 | inspection-overdue cleared 2022-07-03
        """;

    /// <summary>Where, how many, first at, what was looked at, checked/complying.</summary>
    public const string Observations = """
        East | 1 | 2022-07-01 10:00 | overall 300/260       # 260 + 89 = 349 of 400
        East | 1 | 2022-08-01 10:00 | overall 100/89
        East | 1 | 2022-08-01 11:00 | belt-driver 500/10           # of belts: not of the rate
        East | 1 | 2022-10-03 10:00 | overall 100/100       # a day after the campaign
        East | 1 | 2021-07-01 10:00 | overall 200/160
        West | 1 | 2022-07-01 10:00 | overall 99/95         # one less than the minimum of 100
        West | 1 | 2021-07-01 10:00 | overall 200/150
        """;

    /// <summary>Where, how many, planned from, officers × hours as they were, vehicles checked; or open.</summary>
    public const string Sessions = """
        # East 20 + 30 = 50 officer-hours and 200 vehicles, the year before 40 and 100. West 7 and 64, the year before none.
        East | 1 | 2022-07-05 09:00 | roadsideCheck 4 x 5:00 checked 120
        East | 1 | 2022-08-05 21:00 | nightInspection 10 x 3:00 checked 80
        East | 1 | 2022-08-06 21:00 | nightInspection open
        East | 1 | 2021-08-05 09:00 | roadsideCheck 5 x 8:00 checked 100
        West | 1 | 2022-08-05 21:00 | nightInspection 2 x 3:30 checked 64
        """;

    /// <summary>
    /// For each line: presets, id; for each place: value, baseline, change in per cent, word; what it took now and then, as count
    /// for each hundred vehicles / for each officer-hour; of a rate its counts and of a stock what came and went instead.
    /// A dash is nothing: no figure is shown.
    /// </summary>
    public const string Campaign = """
        summer-2022 hundred-days yunnan-2021 mps-2019 | raise.compliance
            East | 87.3 | 80.0 | 9.1    | met         | 349/400 160/200         # 87.25; 7.25 ÷ 80 = 9.0625 %
            West | -    | -    | -      | tooFewToSay | 95/99 150/200
            Both | 89.0 | 77.5 | 14.8   | met         | 444/499 310/400         # 88.978; 11.478 ÷ 77.5
        summer-2022 hundred-days | zero.key-vehicles
            East | 3    | -    | -      | missed      | 3 + 3 - 4 + 1 = 3
            West | 0    | -    | -      | met         | 2 + 0 - 2 + 0 = 0
            Both | 3    | -    | -      | missed      | 5 + 3 - 6 + 1 = 3
        summer-2022 hundred-days yunnan-2021 | zero.key-drivers
            East | 0    | -    | -      | met         | 1 + 2 - 3 + 0 = 0
            West | 0    | -    | -      | met         | 0 + 0 - 0 + 0 = 0       # dangers were looked for there: a real 0
            Both | 0    | -    | -      | met         | 1 + 2 - 3 + 0 = 0
        yunnan-2021 | zero.source-dangers
            East | 1    | -    | -      | missed      | 0 + 1 - 0 + 0 = 1
            West | 0    | -    | -      | met         | 0 + 0 - 0 + 0 = 0
            Both | 1    | -    | -      | missed      | 0 + 1 - 0 + 0 = 1
        summer-2022 hundred-days | drop.crashes
            East | 7    | 12   | -41.7  | met         | 3.50/0.14 12.00/0.30
            West | 8    | 8    | 0.0    | met         | 12.50/1.14 -/-          # a change of exactly 0 reaches "at most 0"
            Both | 15   | 20   | -25.0  | met         | 5.68/0.26 20.00/0.50
        summer-2022 hundred-days yunnan-2021 | drop.deaths
            East | 5    | 24   | -79.2  | met         | 2.50/0.10 24.00/0.60
            West | 42   | 16   | 162.5  | missed      | 65.63/6.00 -/-          # 65.625
            Both | 47   | 40   | 17.5   | missed      | 17.80/0.82 40.00/1.00
        summer-2022 hundred-days | drop.injured
            East | 9    | 7    | 28.6   | missed      | 4.50/0.18 7.00/0.18     # 7 ÷ 40 = 0.175
            West | 12   | 2    | -      | tooFewToSay | 18.75/1.71 -/-          # of 2, under the minimum of 5
            Both | 21   | 9    | 133.3  | missed      | 7.95/0.37 9.00/0.23     # 0.225
        mps-2019 | zero.gravest-crashes
            East | 0    | -    | -      | met         | 0.00/0.00 -/-
            West | 1    | -    | -      | missed      | 1.56/0.14 -/-
            Both | 1    | -    | -      | missed      | 0.38/0.02 -/-
        mps-2019 | zero.grave-crashes-key-days
            East | 0    | -    | -      | met         | 0.00/0.00 -/-
            West | 1    | -    | -      | missed      | 1.56/0.14 -/-           # the 10 on the holiday, not the 30
            Both | 1    | -    | -      | missed      | 0.38/0.02 -/-
        mps-2019 | drop.key-vehicle-crashes
            East | 3    | 7    | -57.1  | met         | 1.50/0.06 7.00/0.18
            West | 1    | 3    | -      | tooFewToSay | 1.56/0.14 -/-
            Both | 4    | 10   | -60.0  | met         | 1.52/0.07 10.00/0.25
        mps-2019 | drop.crashes-3-dead
            East | 1    | 5    | -80.0  | met         | 0.50/0.02 5.00/0.13     # 0.125
            West | 2    | 3    | -      | tooFewToSay | 3.13/0.29 -/-           # 3.125
            Both | 3    | 8    | -62.5  | met         | 1.14/0.05 8.00/0.20
        mps-2019 | drop.crashes-5-dead
            East | 0    | 2    | -      | tooFewToSay | 0.00/0.00 2.00/0.05
            West | 2    | 3    | -      | tooFewToSay | 3.13/0.29 -/-
            Both | 2    | 5    | -60.0  | met         | 0.76/0.04 5.00/0.13     # too few apart, enough together
        yunnan-2021 | drop.major-crashes
            East | 1    | 5    | -80.0  | met         | 0.50/0.02 5.00/0.13
            West | 0    | 3    | -      | tooFewToSay | 0.00/0.00 -/-
            Both | 1    | 8    | -87.5  | met         | 0.38/0.02 8.00/0.20
        yunnan-2021 | drop.fatal-crashes
            East | 3    | 10   | -70.0  | met         | 1.50/0.06 10.00/0.25
            West | 4    | 4    | -      | tooFewToSay | 6.25/0.57 -/-
            Both | 7    | 14   | -50.0  | met         | 2.65/0.12 14.00/0.35
        summer-2022-offences last-hundred-days | raise.found-on-site
            East | 22   | 16   | 37.5   | met         | 11.00/0.44 16.00/0.40
            West | 14   | 14   | 0.0    | atRisk      | 21.88/2.00 -/-          # reached, by less than the margin of 5; 21.875
            Both | 36   | 30   | 20.0   | met         | 13.64/0.63 30.00/0.75
        summer-2022-offences last-hundred-days | zero.coach-overload
            East | 1    | -    | -      | missed      | 0.50/0.02 -/-
            West | 0    | -    | -      | met         | 0.00/0.00 -/-
            Both | 1    | -    | -      | missed      | 0.38/0.02 -/-
        summer-2022-offences last-hundred-days | zero.hazmat-route
            East | 0    | -    | -      | met         | 0.00/0.00 -/-
            West | 1    | -    | -      | missed      | 1.56/0.14 -/-
            Both | 1    | -    | -      | missed      | 0.38/0.02 -/-
        summer-2022-offences last-hundred-days | drop.speeding
            East | 12   | 10   | 20.0   | missed      | 6.00/0.24 10.00/0.25
            West | 7    | 8    | -12.5  | met         | 10.94/1.00 -/-
            Both | 19   | 18   | 5.6    | missed      | 7.20/0.33 18.00/0.45
        summer-2022-offences last-hundred-days | drop.passenger-overload
            East | 3    | 5    | -40.0  | met         | 1.50/0.06 5.00/0.13
            West | 0    | 0    | -      | tooFewToSay | 0.00/0.00 -/-           # nothing then: no percentage
            Both | 3    | 5    | -40.0  | met         | 1.14/0.05 5.00/0.13
        summer-2022-offences last-hundred-days | drop.fatigue
            East | 6    | 4    | -      | tooFewToSay | 3.00/0.12 4.00/0.10
            West | 5    | 5    | 0.0    | atRisk      | 7.81/0.71 -/-
            Both | 11   | 9    | 22.2   | missed      | 4.17/0.19 9.00/0.23
        """;

    /// <summary>Likewise, of Yunnan's preset asked on 2022-10-20 without days: 2022-01-01 to that day, against the same days of 2021.</summary>
    public const string YearToDate = """
        yunnan-2021 | raise.compliance
            East | 89.8 | 80.0 | 12.3   | met         | 449/500 160/200         # exactly 12.25: half goes away from zero
            West | -    | -    | -      | tooFewToSay | 95/99 150/200
            Both | 90.8 | 77.5 | 17.2   | met         | 544/599 310/400         # 90.818; 13.318 ÷ 77.5
        yunnan-2021 | zero.source-dangers
            East | 1    | -    | -      | missed      | 0 + 1 - 0 + 0 = 1
            West | 0    | -    | -      | met         | 0 + 0 - 0 + 0 = 0
            Both | 1    | -    | -      | missed      | 0 + 1 - 0 + 0 = 1
        yunnan-2021 | zero.key-drivers
            East | 0    | -    | -      | met         | 0 + 3 - 3 + 0 = 0
            West | 0    | -    | -      | met         | 0 + 0 - 0 + 0 = 0
            Both | 0    | -    | -      | met         | 0 + 3 - 3 + 0 = 0
        yunnan-2021 | drop.major-crashes
            East | 2    | 5    | -60.0  | met         | 1.00/0.04 5.00/0.13     # and the 4 dead of 3 October
            West | 0    | 3    | -      | tooFewToSay | 0.00/0.00 -/-
            Both | 2    | 8    | -75.0  | met         | 0.76/0.04 8.00/0.20
        yunnan-2021 | drop.fatal-crashes
            East | 4    | 11   | -63.6  | met         | 2.00/0.08 11.00/0.28    # 11 ÷ 40 = 0.275
            West | 4    | 4    | -      | tooFewToSay | 6.25/0.57 -/-
            Both | 8    | 15   | -46.7  | met         | 3.03/0.14 15.00/0.38    # 15 ÷ 40 = 0.375
        yunnan-2021 | drop.deaths
            East | 9    | 25   | -64.0  | met         | 4.50/0.18 25.00/0.63    # 0.625
            West | 42   | 16   | 162.5  | missed      | 65.63/6.00 -/-
            Both | 51   | 41   | 24.4   | missed      | 19.32/0.89 41.00/1.03   # 1.025
        """;
}
