// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using Beffroi.Server.Features.Calendars.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.WelcomeMessage.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Calendars;

/// <summary>All calendars, ready to answer.</summary>
internal sealed class CalendarBook(Store store, Lazy<IWelcomeMessages> welcomes, Lazy<IDialPlans> plans) : Book<CalendarSheet>(store, "calendars", "calendar"), ICalendars
{
    private volatile FrozenDictionary<Guid, Calendar> _calendars = FrozenDictionary<Guid, Calendar>.Empty;

    public Calendar? Of(Guid id) => _calendars.GetValueOrDefault(id);

    public Guid? OrganisationOf(Guid id) => Pages.GetValueOrDefault(id)?.OrganisationId;

    protected override string Label(CalendarSheet page) => page.Name;

    protected override string? StillUsedBy(CalendarSheet page) =>
        welcomes.Value.Current.Uses(page.Id) ? "a welcome message" : plans.Value.UsesCalendar(page.Id) ? "the night lock of extensions" : null;

    protected override void Swapped(FrozenDictionary<Guid, CalendarSheet> pages) => _calendars = pages.Values.ToFrozenDictionary(c => c.Id, c => c.ToCalendar());
}
