// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Features.Emergency;

/// <summary>A site's emergency route to add or change.</summary>
/// <param name="Number">The emergency number; empty: all that have no route of their own.</param>
/// <param name="Presented">The site's number, one of the inventory.</param>
/// <param name="RoutedTo">The long number of the competent centre; empty: the emergency number itself is sent.</param>
/// <param name="Trunk">The trunk to try first.</param>
public sealed record EmergencyRouteRequest(Guid SiteId, string Presented, string Number = "", string RoutedTo = "", Guid? Trunk = null, int? Version = null);

/// <summary>Emergency numbers, the routes of the sites, and the calls that were made.</summary>
internal static class EmergencyApi
{
    private const int MostAlerts = 500;
    private const int MostAlertsLookedAt = 10_000;

    internal static void Map(WebApplication app)
    {
        var api = app.MapApi("emergency", "Emergency");
        api.MapGet("numbers", Numbers).Needs(Access.SignedIn);
        api.MapGet("routes", Routes).Needs(Access.Read);
        api.MapGet("routes/{id:guid}", Get).Needs(Access.Read);
        api.MapPost("routes", Add).Needs(Access.Administer);
        api.MapPut("routes/{id:guid}", Edit).Needs(Access.Administer);
        api.MapDelete("routes/{id:guid}", Remove).Needs(Access.Administer);
        api.MapGet("calls", Calls).Needs(Access.Read);
        api.MapPost("calls/{id:guid}/seen", Seen).Needs(Access.Operate);
    }

    /// <summary>Lists the emergency numbers; they are always allowed.</summary>
    internal static Ok<IReadOnlyList<EmergencyNumber>> Numbers(EmergencyBook emergency) => TypedResults.Ok(emergency.Current.Numbers);

    /// <summary>Lists the routes of the sites.</summary>
    internal static Ok<IReadOnlyList<EmergencyRoute>> Routes(Caller caller, EmergencyBook emergency) => TypedResults.Ok(emergency.Visible(caller));

    /// <summary>Shows a route.</summary>
    internal static Results<Ok<EmergencyRoute>, ProblemHttpResult> Get(Guid id, Caller caller, EmergencyBook emergency) => emergency.Find(caller, id).ToOk();

    /// <summary>Adds a route: where a site's emergency calls go and which number they show.</summary>
    internal static async Task<Results<Created<EmergencyRoute>, ProblemHttpResult>> Add(
        EmergencyRouteRequest request, Caller caller, EmergencyBook emergency, IDirectory directory, IDirectNumbers numbers, ITrunks trunks, TimeProvider time, CancellationToken stop)
    {
        if (Read(request, emergency, directory, numbers, trunks.Current, out var page).Refused(out var wrong)) return wrong.ToProblem();
        return (await emergency.AddAsync(caller, page with { Id = Guid.CreateVersion7(time.GetUtcNow()) }, stop)).ToCreated(r => $"/api/v1/emergency/routes/{r.Id}");
    }

    /// <summary>Changes a route.</summary>
    internal static async Task<Results<Ok<EmergencyRoute>, ProblemHttpResult>> Edit(
        Guid id, EmergencyRouteRequest request, Caller caller, EmergencyBook emergency, IDirectory directory, IDirectNumbers numbers, ITrunks trunks, CancellationToken stop)
    {
        if (Read(request, emergency, directory, numbers, trunks.Current, out var page).Refused(out var wrong)) return wrong.ToProblem();
        return (await emergency.EditAsync(caller, id, request.Version, before => page with { Id = id, Version = before.Version + 1 }, stop)).ToOk();
    }

    /// <summary>Removes a route: the site's calls then show the caller's own number.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Caller caller, EmergencyBook emergency, CancellationToken stop) =>
        (await emergency.RemoveAsync(caller, id, stop)).ToNoContent();

    /// <summary>Lists emergency calls, latest first, at most 500.</summary>
    /// <param name="unseen">Only those nobody has seen.</param>
    internal static async Task<Ok<IReadOnlyList<EmergencyAlert>>> Calls(Caller caller, Store store, EmergencyDesk desk, CancellationToken stop, bool unseen = false)
    {
        await using var db = await store.ReadAsync(stop);
        var alerts = db.Set<EmergencyAlert>().AsQueryable();
        if (caller.Scope.Kind == ScopeKind.Organisation) alerts = alerts.Where(a => a.OrganisationId == caller.Scope.Id);
        if (caller.Scope.Kind == ScopeKind.Site) alerts = alerts.Where(a => a.SiteId == caller.Scope.Id);
        if (unseen) alerts = alerts.Where(a => a.SeenAt == null);
        // Whose unit it was is not in the store.
        var latest = await alerts.OrderByDescending(a => a.At).Take(caller.Scope.Kind == ScopeKind.Unit ? MostAlertsLookedAt : MostAlerts).ToListAsync(stop);
        return TypedResults.Ok<IReadOnlyList<EmergencyAlert>>([.. latest.Where(a => desk.Covers(caller.Scope, a)).Take(MostAlerts)]);
    }

    /// <summary>Notes that somebody has seen an emergency call and looks after it.</summary>
    internal static async Task<Results<Ok<EmergencyAlert>, ProblemHttpResult>> Seen(Guid id, Caller caller, Store store, EmergencyDesk desk, CancellationToken stop)
    {
        var outcome = await store.ChangeAsync<EmergencyAlert>(caller, async change =>
        {
            var before = await change.Db.Set<EmergencyAlert>().AsNoTracking().FirstOrDefaultAsync(a => a.Id == id, stop);
            if (before is null || !desk.Covers(caller.Scope, before)) return Problems.NotFound("emergency.no-such-call", "emergency call");
            change.OnSaved(() => desk.Seen(id));
            if (before.SeenAt is not null) return before;
            var after = before with { SeenAt = change.Now, SeenBy = caller.Name };
            change.Replace(before, after);
            change.Audit("emergency.seen", id, after.Number, null, after);
            return after;
        }, stop);
        return outcome.ToOk();
    }

    private static FieldErrors Read(EmergencyRouteRequest request, EmergencyBook emergency, IDirectory directory, IDirectNumbers numbers, TrunksSnapshot trunks, out EmergencyRoute page)
    {
        var plan = NumberingPlan.French;
        var site = directory.Current.Sites.GetValueOrDefault(request.SiteId);
        var errors = new FieldErrors().Check("siteId", site is not null, "is no site")
            .Check("number", string.IsNullOrEmpty(request.Number) || emergency.Current.TryMatch(request.Number, "", out _), "is not in the list of emergency numbers")
            .Check("trunk", request.Trunk is not { } id || trunks.TryGet(id, out _), "is no trunk");
        var presented = plan.Normalise(request.Presented, out var shown) == NumberFault.None ? shown.Number : PhoneNumber.None;
        errors.Check("presented", numbers.Current.IsOurs(presented), "is not in the inventory of direct numbers: the operator would cut the call");
        var routed = PhoneNumber.None;
        if (!string.IsNullOrEmpty(request.RoutedTo))
        {
            errors.Check("routedTo", plan.Normalise(request.RoutedTo, out var centre) == NumberFault.None && centre.Number.IsE164, "is not a public number");
            routed = centre.Number;
        }

        page = new EmergencyRoute(Guid.Empty, site?.OrganisationId ?? Guid.Empty, request.SiteId, request.Number ?? "", routed, presented, request.Trunk, 0);
        return errors;
    }
}
