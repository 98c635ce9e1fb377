// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.Calendars.Contract;

/// <summary>Where a calendar's public holidays are those of: code du travail L3133-1, L3134-13 (Alsace-Moselle), L3422-2 (overseas abolition days).</summary>
public enum HolidayRegion
{
    Metropolitan,
    AlsaceMoselle,
    Guadeloupe,
    Martinique,
    Guyane,
    LaReunion,
    Mayotte,
    SaintMartin,
    SaintBarthelemy,
}

/// <summary>A public holiday of one year.</summary>
public sealed record PublicHoliday(DateOnly Date, string Fr, string En);

/// <summary>French public holidays, computed for any year of the Gregorian calendar.</summary>
public static class PublicHolidays
{
    /// <summary>Easter Sunday: Gregorian computus of Meeus, Jones and Butcher.</summary>
    public static DateOnly Easter(int year)
    {
        var a = year % 19;
        var (b, c) = (year / 100, year % 100);
        var (d, e) = (b / 4, b % 4);
        var f = (b + 8) / 25;
        var g = (b - f + 1) / 3;
        var h = ((19 * a) + b - d - g + 15) % 30;
        var (i, k) = (c / 4, c % 4);
        var l = (32 + (2 * e) + (2 * i) - h - k) % 7;
        var m = (a + (11 * h) + (22 * l)) / 451;
        var n = h + l - (7 * m) + 114;
        return new DateOnly(year, n / 31, (n % 31) + 1);
    }

    /// <summary>All holidays of a year in a region, by date.</summary>
    public static IReadOnlyList<PublicHoliday> Of(int year, HolidayRegion region)
    {
        var easter = Easter(year);
        var days = new List<PublicHoliday>
        {
            new(new DateOnly(year, 1, 1), "Jour de l'an", "New Year's Day"),
            new(easter.AddDays(1), "Lundi de Pâques", "Easter Monday"),
            new(new DateOnly(year, 5, 1), "Fête du Travail", "Labour Day"),
            new(new DateOnly(year, 5, 8), "Victoire de 1945", "Victory Day"),
            new(easter.AddDays(39), "Ascension", "Ascension Day"),
            new(easter.AddDays(50), "Lundi de Pentecôte", "Whit Monday"),
            new(new DateOnly(year, 7, 14), "Fête nationale", "National Day"),
            new(new DateOnly(year, 8, 15), "Assomption", "Assumption"),
            new(new DateOnly(year, 11, 1), "Toussaint", "All Saints' Day"),
            new(new DateOnly(year, 11, 11), "Armistice de 1918", "Armistice Day"),
            new(new DateOnly(year, 12, 25), "Noël", "Christmas Day"),
        };
        if (region == HolidayRegion.AlsaceMoselle)
        {
            days.Add(new PublicHoliday(easter.AddDays(-2), "Vendredi saint", "Good Friday"));
            days.Add(new PublicHoliday(new DateOnly(year, 12, 26), "Saint-Étienne", "Saint Stephen's Day"));
        }
        else if (Abolition(region) is var (month, day))
        {
            days.Add(new PublicHoliday(new DateOnly(year, month, day), "Abolition de l'esclavage", "Abolition of slavery"));
        }
        return [.. days.OrderBy(holiday => holiday.Date)];
    }

    /// <summary>The holiday of a date, or null.</summary>
    public static PublicHoliday? On(DateOnly date, HolidayRegion region)
    {
        foreach (var holiday in Of(date.Year, region))
            if (holiday.Date == date) return holiday;
        return null;
    }

    private static (int Month, int Day)? Abolition(HolidayRegion region) => region switch
    {
        HolidayRegion.Mayotte => (4, 27),
        HolidayRegion.Martinique => (5, 22),
        HolidayRegion.Guadeloupe => (5, 27),
        HolidayRegion.SaintMartin => (5, 28),
        HolidayRegion.Guyane => (6, 10),
        HolidayRegion.SaintBarthelemy => (10, 9),
        HolidayRegion.LaReunion => (12, 20),
        _ => null,
    };
}
