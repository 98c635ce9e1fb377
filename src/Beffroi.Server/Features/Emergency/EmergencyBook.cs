// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Emergency;

/// <summary>The emergency routes of all sites and the list of numbers.</summary>
internal sealed class EmergencyBook(Store store, IDirectory directory, EmergencyNumbers numbers, EmergencyDesk desk) : Book<EmergencyRoute>(store, "emergency", "route"), IEmergency
{
    private volatile EmergencyPlan _current = new(numbers.List, []);

    public EmergencyPlan Current => _current;

    public void Alert(EmergencyCall call) => desk.Begin(call);

    protected override string Label(EmergencyRoute page) => $"{directory.Current.Sites.GetValueOrDefault(page.SiteId)?.Name} {page.Number}".TrimEnd();

    protected override bool Covers(Caller caller, EmergencyRoute page) => caller.Scope.Covers(page.OrganisationId, page.SiteId);

    protected override Refusal? Check(EmergencyRoute page, IReadOnlyCollection<EmergencyRoute> all) => all.Any(r => r.Id != page.Id && r.SiteId == page.SiteId && r.Number == page.Number)
        ? new Refusal("emergency.route-taken", RefusalKind.Conflict, 500, "The site has a route for that number already.")
        : null;

    protected override void Swapped(FrozenDictionary<Guid, EmergencyRoute> pages) => _current = new EmergencyPlan(numbers.List, pages.Values);
}

/// <summary>The list of emergency numbers in use: the one shipped, or the installation's own file.</summary>
internal sealed record EmergencyNumbers(IReadOnlyList<EmergencyNumber> List);
