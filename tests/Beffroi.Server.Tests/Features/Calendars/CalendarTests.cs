// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Server.Features.Calendars.Contract;
using Xunit;
using Calendar = Beffroi.Server.Features.Calendars.Contract.Calendar;

namespace Beffroi.Server.Tests.Features.Calendars;

public sealed class CalendarTests
{
    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    private static Calendar TownHall(CalendarOverride? byHand = null, params CalendarException[] exceptions)
    {
        IReadOnlyList<HourSpan> workday = [Span("08:30-12:00"), Span("13:30-17:00")];
        return new Calendar(Guid.NewGuid(), "Mairie", Paris, [[], workday, workday, workday, workday, workday, [Span("09:00-12:00")]], HolidayRegion.Metropolitan, false, exceptions, byHand);
    }

    private static HourSpan Span(string text) => HourSpan.TryParse(text, out var span) ? span : throw new FormatException(text);

    private static DateTimeOffset At(string paris)
    {
        var wall = DateTime.Parse(paris, CultureInfo.InvariantCulture);
        return new DateTimeOffset(wall, Paris.GetUtcOffset(wall));
    }

    [Theory]
    [InlineData("2026-11-23 08:29:59", false, "2026-11-23 08:30")]
    [InlineData("2026-11-23 08:30:00", true, "2026-11-23 12:00")]
    [InlineData("2026-11-23 12:00:00", false, "2026-11-23 13:30")]
    [InlineData("2026-11-23 16:59:59", true, "2026-11-23 17:00")]
    [InlineData("2026-11-28 12:00:00", false, "2026-11-30 08:30")]
    public void Hours_are_those_of_the_clock_on_the_wall(string now, bool open, string next)
    {
        var state = TownHall().At(At(now));
        Assert.Equal(open, state.Open);
        Assert.Equal(At(next), state.NextChange);
    }

    [Fact]
    public void Whether_it_is_open_is_told_without_looking_for_the_next_change_and_always_the_same()
    {
        var feast = new CalendarException(new DateOnly(2026, 11, 25), new DateOnly(2026, 11, 26), [Span("00:00-24:00")], "Fête");
        var now = At("2026-11-22 00:00");
        foreach (var calendar in new[] { TownHall(), TownHall(null, feast), TownHall(new CalendarOverride(true, now.AddDays(1))), TownHall(new CalendarOverride(false, null)) })
            for (var minute = 0; minute < 7 * 24 * 60; minute += 15) Assert.Equal(calendar.At(now.AddMinutes(minute)).Open, calendar.IsOpen(now.AddMinutes(minute)));
    }

    [Fact]
    public void A_public_holiday_is_closed_and_named()
    {
        var state = TownHall().At(At("2026-07-14 10:00"));
        Assert.False(state.Open);
        Assert.Equal((CalendarCause.PublicHoliday, "Fête nationale"), (state.Cause, state.Label));
        Assert.Equal(At("2026-07-15 08:30"), state.NextChange);
    }

    [Fact]
    public void An_exception_wins_over_holiday_and_week()
    {
        var bridge = new CalendarException(new DateOnly(2026, 7, 13), new DateOnly(2026, 7, 14), [Span("10:00-11:00")], "Fête du port");
        Assert.True(TownHall(null, bridge).At(At("2026-07-14 10:30")).Open);
        Assert.Equal("Fête du port", TownHall(null, bridge).At(At("2026-07-13 15:00")).Label);
    }

    [Fact]
    public void Closed_by_hand_holds_until_its_moment_then_the_hours_speak_again()
    {
        var calendar = TownHall(new CalendarOverride(false, At("2026-11-23 10:00")));
        Assert.Equal((false, CalendarCause.ByHand), (calendar.At(At("2026-11-23 09:00")).Open, calendar.At(At("2026-11-23 09:00")).Cause));
        Assert.Equal(At("2026-11-23 10:00"), calendar.At(At("2026-11-23 09:00")).NextChange);
        Assert.True(calendar.At(At("2026-11-23 10:00")).Open);
    }

    [Fact]
    public void The_night_watch_survives_the_change_to_summer_time()
    {
        // 29 March 2026: 02:00 becomes 03:00. Open 00:00-02:30 ends when the clock first shows 02:30 or later: 03:00 summer time, 01:00 UTC.
        var night = new Calendar(Guid.NewGuid(), "Astreinte", Paris, [[Span("00:00-02:30")], [], [], [], [], [], []], HolidayRegion.Metropolitan, false, [], null);
        var state = night.At(new DateTimeOffset(2026, 3, 29, 0, 30, 0, TimeSpan.Zero));
        Assert.True(state.Open);
        Assert.Equal(new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero), state.NextChange);
    }

    [Fact]
    public void The_hour_that_autumn_repeats_is_open_both_times()
    {
        // 25 October 2026: 03:00 becomes 02:00. Open 02:00-02:30 begins 00:00 UTC and ends at the second 02:30, 01:30 UTC.
        var night = new Calendar(Guid.NewGuid(), "Astreinte", Paris, [[Span("02:00-02:30")], [], [], [], [], [], []], HolidayRegion.Metropolitan, false, [], null);
        Assert.True(night.IsOpen(new DateTimeOffset(2026, 10, 25, 0, 0, 0, TimeSpan.Zero)));
        Assert.True(night.IsOpen(new DateTimeOffset(2026, 10, 25, 1, 29, 59, TimeSpan.Zero)));
        Assert.False(night.IsOpen(new DateTimeOffset(2026, 10, 25, 1, 30, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void A_span_that_touches_the_next_day_is_one_opening()
    {
        var late = new Calendar(Guid.NewGuid(), "Nuit", Paris, [[], [Span("20:00-24:00")], [Span("00:00-06:00")], [], [], [], []], HolidayRegion.Metropolitan, true, [], null);
        Assert.Equal(At("2026-11-24 06:00"), late.At(At("2026-11-23 21:00")).NextChange);
    }

    [Fact]
    public void What_is_always_open_never_changes()
    {
        IReadOnlyList<HourSpan> all = [Span("00:00-24:00")];
        var always = new Calendar(Guid.NewGuid(), "Permanence", Paris, [all, all, all, all, all, all, all], HolidayRegion.Metropolitan, true, [], null);
        var state = always.At(At("2026-11-23 21:00"));
        Assert.True(state.Open);
        Assert.Null(state.NextChange);
    }

    [Fact]
    public void What_is_never_open_never_changes() =>
        Assert.Equal((false, null), (State().Open, State().NextChange));

    private static CalendarState State() =>
        new Calendar(Guid.NewGuid(), "Fermé", Paris, [[], [], [], [], [], [], []], HolidayRegion.Metropolitan, false, [], null).At(At("2026-11-23 21:00"));

    [Theory]
    [InlineData("08:30-12:00", true)]
    [InlineData("00:00-24:00", true)]
    [InlineData("12:00-08:30", false)]
    [InlineData("08:60-12:00", false)]
    [InlineData("08:30-24:01", false)]
    [InlineData("8:30-12:00", false)]
    public void Hours_are_read_strictly(string text, bool valid) => Assert.Equal(valid, HourSpan.TryParse(text, out _));
}
