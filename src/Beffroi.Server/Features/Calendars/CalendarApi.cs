// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.Calendars.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.Calendars;

/// <summary>A calendar to add or change.</summary>
/// <param name="Zone">IANA name of the time zone.</param>
/// <param name="Holidays">Whose public holidays are closed days.</param>
public sealed record CalendarRequest(
    Guid OrganisationId, string Name, WeekHours Week, string Zone = "Europe/Paris", HolidayRegion Holidays = HolidayRegion.Metropolitan, bool OpenOnHolidays = false,
    IReadOnlyList<CalendarException>? Exceptions = null, int? Version = null);

/// <summary>Opens or closes by hand. Both left out: the hours speak again.</summary>
public sealed record OverrideRequest(bool? Open = null, DateTimeOffset? Until = null);

/// <summary>Opening hours.</summary>
internal static class CalendarApi
{
    internal static void Map(WebApplication app)
    {
        var api = app.MapApi("calendars", "Calendars");
        api.MapGet("", List).Needs(Access.Read);
        api.MapPost("", Add).Needs(Access.Operate);
        api.MapGet("{id:guid}", Get).Needs(Access.Read);
        api.MapPut("{id:guid}", Edit).Needs(Access.Operate);
        api.MapDelete("{id:guid}", Remove).Needs(Access.Operate);
        api.MapGet("{id:guid}/state", State).Needs(Access.Read);
        api.MapPut("{id:guid}/override", Override).Needs(Access.Operate);
        api.MapGet("holidays", Holidays).Needs(Access.Read);
    }

    /// <summary>Lists calendars.</summary>
    internal static Ok<IReadOnlyList<CalendarSheet>> List(Caller caller, CalendarBook calendars) => TypedResults.Ok(calendars.Visible(caller));

    /// <summary>Shows a calendar.</summary>
    internal static Results<Ok<CalendarSheet>, ProblemHttpResult> Get(Guid id, Caller caller, CalendarBook calendars) => calendars.Find(caller, id).ToOk();

    /// <summary>Adds a calendar.</summary>
    internal static async Task<Results<Created<CalendarSheet>, ProblemHttpResult>> Add(
        CalendarRequest request, Caller caller, CalendarBook calendars, IDirectory directory, TimeProvider time, CancellationToken stop)
    {
        if (Check(request, directory).Refused(out var wrong)) return wrong.ToProblem();
        var sheet = new CalendarSheet(Guid.CreateVersion7(time.GetUtcNow()), request.OrganisationId, request.Name.Trim(), request.Zone, request.Week, request.Holidays, request.OpenOnHolidays,
            [.. request.Exceptions ?? []], null, 0);
        return (await calendars.AddAsync(caller, sheet, stop)).ToCreated(c => $"/api/v1/calendars/{c.Id}");
    }

    /// <summary>Changes a calendar. What was opened or closed by hand stays so.</summary>
    internal static async Task<Results<Ok<CalendarSheet>, ProblemHttpResult>> Edit(
        Guid id, CalendarRequest request, Caller caller, CalendarBook calendars, IDirectory directory, CancellationToken stop)
    {
        if (Check(request, directory).Refused(out var wrong)) return wrong.ToProblem();
        return (await calendars.EditAsync(caller, id, request.Version, before => before.OrganisationId != request.OrganisationId
            ? new Refusal("calendars.stays-in-organisation", RefusalKind.Conflict, 500, "A calendar cannot move to another organisation.")
            : before with
            {
                Name = request.Name.Trim(),
                Zone = request.Zone,
                Week = request.Week,
                Holidays = request.Holidays,
                OpenOnHolidays = request.OpenOnHolidays,
                Exceptions = [.. request.Exceptions ?? []],
                Version = before.Version + 1,
            }, stop)).ToOk();
    }

    /// <summary>Removes a calendar that nothing uses any more.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Caller caller, CalendarBook calendars, CancellationToken stop) =>
        (await calendars.RemoveAsync(caller, id, stop)).ToNoContent();

    /// <summary>Says whether it is open, why, and when that changes.</summary>
    /// <param name="at">The moment; now when left out.</param>
    internal static Results<Ok<CalendarState>, ProblemHttpResult> State(Guid id, Caller caller, CalendarBook calendars, TimeProvider time, DateTimeOffset? at = null) =>
        calendars.Find(caller, id).Succeeded(out _, out var refusal) ? TypedResults.Ok(calendars.Of(id)!.At(at ?? time.GetUtcNow())) : refusal.ToProblem();

    /// <summary>Opens or closes by hand, until a moment or until taken back.</summary>
    internal static async Task<Results<Ok<CalendarSheet>, ProblemHttpResult>> Override(Guid id, OverrideRequest request, Caller caller, CalendarBook calendars, CancellationToken stop) =>
        (await calendars.EditAsync(caller, id, null, before => before with
        {
            Override = request.Open is { } open ? new CalendarOverride(open, request.Until?.ToUniversalTime()) : null,
            Version = before.Version + 1,
        }, stop)).ToOk();

    /// <summary>Lists the public holidays of a year.</summary>
    /// <param name="year">1950 to 2400.</param>
    /// <param name="region">metropolitan, alsaceMoselle, guadeloupe, martinique, guyane, laReunion, mayotte, saintMartin or saintBarthelemy.</param>
    internal static Results<Ok<IReadOnlyList<PublicHoliday>>, ProblemHttpResult> Holidays(int year, string region = "metropolitan")
    {
        var errors = new FieldErrors().Range("year", year, 1950, 2400).Check("region", Enum.TryParse<HolidayRegion>(region, ignoreCase: true, out var found) && Enum.IsDefined(found), "is none");
        return errors.Refused(out var wrong) ? wrong.ToProblem() : TypedResults.Ok(PublicHolidays.Of(year, found));
    }

    private static FieldErrors Check(CalendarRequest request, IDirectory directory)
    {
        var errors = new FieldErrors().Text("name", request.Name, 120)
            .Check("organisationId", directory.Current.Organisations.ContainsKey(request.OrganisationId), "is no organisation")
            .Check("zone", TimeZoneInfo.TryFindSystemTimeZoneById(request.Zone ?? "", out _), "is no time zone: Europe/Paris, Indian/Reunion...")
            .Check("week", request.Week is not null && request.Week.FromSunday.All(day => day is not null && DoNotOverlap(day)), "must give every day, with hours that do not overlap");
        foreach (var exception in request.Exceptions ?? [])
        {
            errors.Check("exceptions", exception.First <= exception.Last, "has one that ends before it begins");
            errors.Check("exceptions", exception.Hours is not null && DoNotOverlap(exception.Hours), "has one without hours, or with hours that overlap; an empty list is closed");
            errors.Text("exceptions", exception.Label, 120, required: false);
        }

        return errors.Check("exceptions", (request.Exceptions?.Count ?? 0) <= 500, "are more than 500");
    }

    private static bool DoNotOverlap(IReadOnlyList<HourSpan> day)
    {
        var sorted = day.OrderBy(h => h.From).ToList();
        return sorted.Count <= 20 && sorted.Zip(sorted.Skip(1)).All(pair => pair.First.To <= pair.Second.From);
    }
}
