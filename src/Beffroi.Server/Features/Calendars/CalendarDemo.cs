// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Calendars.Contract;
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Platform.Identity;

namespace Beffroi.Server.Features.Calendars;

/// <summary>The demo town hall's hours: weekdays, and Saturday morning.</summary>
internal sealed class CalendarDemo(CalendarBook calendars) : IDemoPart
{
    public Task FillAsync(DemoFacts town, Caller caller, CancellationToken stop)
    {
        IReadOnlyList<HourSpan> day = [new(8 * 60 + 30, 12 * 60), new(13 * 60 + 30, 17 * 60 + 30)];
        var week = new WeekHours(day, day, day, day, day, [new(9 * 60, 12 * 60)], []);
        return calendars.AddAsync(caller, new CalendarSheet(DemoCalendar.Hall, town.Town.Id, "Mairie", "Europe/Paris", week, HolidayRegion.Metropolitan, false, [], null, 0), stop);
    }
}
