// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Calendars.Contract;
using Beffroi.Server.Features.Demo.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Calendars;

/// <summary>Plugs in opening hours.</summary>
public static class CalendarSetup
{
    public static void AddCalendars(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IDemoPart, CalendarDemo>();
        builder.Services.AddSchema<CalendarSchema>();
        builder.Services.AddLoaded<CalendarBook>();
        builder.Services.AddSingleton<ICalendars>(services => services.GetRequiredService<CalendarBook>());
    }

    public static void MapCalendars(this WebApplication app) => CalendarApi.Map(app);
}
