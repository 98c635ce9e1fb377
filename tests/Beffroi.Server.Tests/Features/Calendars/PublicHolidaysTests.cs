// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Calendars.Contract;
using Xunit;

namespace Beffroi.Server.Tests.Features.Calendars;

public sealed class PublicHolidaysTests
{
    [Theory]
    [InlineData(1961, 4, 2)]
    [InlineData(1818, 3, 22)]
    [InlineData(2000, 4, 23)]
    [InlineData(2024, 3, 31)]
    [InlineData(2025, 4, 20)]
    [InlineData(2026, 4, 5)]
    [InlineData(2027, 3, 28)]
    [InlineData(2038, 4, 25)]
    public void Easter_falls_where_the_church_says(int year, int month, int day) => Assert.Equal(new DateOnly(year, month, day), PublicHolidays.Easter(year));

    [Fact]
    public void The_eleven_holidays_of_2026()
    {
        Assert.Equal(
            ["2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25", "2026-07-14", "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25"],
            PublicHolidays.Of(2026, HolidayRegion.Metropolitan).Select(h => h.Date.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Strasbourg_rests_on_good_friday_and_saint_stephen()
    {
        Assert.Equal("Vendredi saint", PublicHolidays.On(new DateOnly(2026, 4, 3), HolidayRegion.AlsaceMoselle)?.Fr);
        Assert.NotNull(PublicHolidays.On(new DateOnly(2026, 12, 26), HolidayRegion.AlsaceMoselle));
        Assert.Null(PublicHolidays.On(new DateOnly(2026, 12, 26), HolidayRegion.Metropolitan));
    }

    [Theory]
    [InlineData(HolidayRegion.Mayotte, 4, 27)]
    [InlineData(HolidayRegion.Martinique, 5, 22)]
    [InlineData(HolidayRegion.Guadeloupe, 5, 27)]
    [InlineData(HolidayRegion.Guyane, 6, 10)]
    [InlineData(HolidayRegion.LaReunion, 12, 20)]
    public void The_end_of_slavery_has_its_day_overseas(HolidayRegion region, int month, int day) =>
        Assert.Equal("Abolition de l'esclavage", PublicHolidays.On(new DateOnly(2026, month, day), region)?.Fr);
}
