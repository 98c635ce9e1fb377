// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.Calendars.Contract;

/// <summary>The demo town's calendar, by which other features of the demo find it.</summary>
public static class DemoCalendar
{
    public static Guid Hall { get; } = new("5a170b1e-0000-7000-8000-000000000001");
}
