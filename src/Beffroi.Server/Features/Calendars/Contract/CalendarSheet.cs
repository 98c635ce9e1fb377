// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using System.Text.Json.Serialization;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Calendars.Contract;

/// <summary>Hours of each day of the week: <c>"monday": ["08:30-12:00", "13:30-17:00"]</c>; an empty list is closed.</summary>
public sealed record WeekHours(
    IReadOnlyList<HourSpan> Monday, IReadOnlyList<HourSpan> Tuesday, IReadOnlyList<HourSpan> Wednesday, IReadOnlyList<HourSpan> Thursday,
    IReadOnlyList<HourSpan> Friday, IReadOnlyList<HourSpan> Saturday, IReadOnlyList<HourSpan> Sunday)
{
    /// <summary>Sunday first, as <see cref="DayOfWeek"/> counts.</summary>
    [JsonIgnore]
    public IReadOnlyList<IReadOnlyList<HourSpan>> FromSunday => [Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday];
}

/// <summary>A calendar as it is written down. Immutable.</summary>
/// <param name="Zone">IANA name: <c>Europe/Paris</c>, <c>Indian/Reunion</c>.</param>
public sealed record CalendarSheet(
    Guid Id, Guid OrganisationId, string Name, string Zone, WeekHours Week, HolidayRegion Holidays, bool OpenOnHolidays, IReadOnlyList<CalendarException> Exceptions,
    CalendarOverride? Override, int Version) : IPage
{
    /// <summary>The calendar that answers questions.</summary>
    /// <exception cref="TimeZoneNotFoundException">The zone is not one.</exception>
    public Calendar ToCalendar() => new(Id, Name, TimeZoneInfo.FindSystemTimeZoneById(Zone), Week.FromSunday, Holidays, OpenOnHolidays, Exceptions, Override);
}

/// <summary>Calendars as other features see them.</summary>
public interface ICalendars
{
    /// <summary>A calendar, null when it is not there; any thread, never waits.</summary>
    Calendar? Of(Guid id);

    /// <summary>Whose calendar it is, null when it is not there.</summary>
    Guid? OrganisationOf(Guid id);
}

/// <summary>"08:30-12:00" in JSON.</summary>
internal sealed class HourSpanJson : JsonConverter<HourSpan>
{
    public override HourSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        HourSpan.TryParse(reader.GetString(), out var span) ? span : throw new JsonException("Hours are written 08:30-12:00, from earlier to later, 24:00 at most.");

    public override void Write(Utf8JsonWriter writer, HourSpan value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
