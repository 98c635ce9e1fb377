// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.HuntGroups;

/// <summary>A member, in the order of ringing.</summary>
public sealed record MemberRequest(Guid Extension, bool LoggedIn = true);

/// <summary>A hunt group to add or change.</summary>
/// <param name="Number">Its internal number.</param>
/// <param name="MemberRingS">Seconds one member rings when members ring one after the other, 5 to 120.</param>
/// <param name="TimeoutS">Seconds the group rings in all, 5 to 600.</param>
/// <param name="Overflow">Where the call goes when nobody answered; left out: it ends.</param>
/// <param name="Members">In the order of ringing; at most 200.</param>
public sealed record HuntGroupRequest(
    Guid OrganisationId, string Number, string Name, HuntStrategy Strategy, IReadOnlyList<MemberRequest> Members, Guid? SiteId = null, int MemberRingS = 15, int TimeoutS = 60,
    Destination? Overflow = null, int? Version = null);

/// <summary>Whether a member takes the group's calls.</summary>
public sealed record LoginRequest(bool LoggedIn);

/// <summary>Hunt groups (groupements d'appels).</summary>
internal static class HuntGroupApi
{
    internal static void Map(WebApplication app)
    {
        var api = app.MapApi("hunt-groups", "Hunt groups");
        api.MapGet("", List).Needs(Access.Read);
        api.MapGet("{id:guid}", Get).Needs(Access.Read);
        api.MapPost("", Add).Needs(Access.Operate);
        api.MapPut("{id:guid}", Edit).Needs(Access.Operate);
        api.MapDelete("{id:guid}", Remove).Needs(Access.Operate);
        api.MapPut("{id:guid}/members/{extension:guid}", Log).Needs(Access.SignedIn);
    }

    /// <summary>Lists hunt groups.</summary>
    internal static Ok<IReadOnlyList<HuntGroup>> List(Caller caller, HuntGroupBook groups) => TypedResults.Ok(groups.Visible(caller));

    /// <summary>Shows a hunt group.</summary>
    internal static Results<Ok<HuntGroup>, ProblemHttpResult> Get(Guid id, Caller caller, HuntGroupBook groups) => groups.Find(caller, id).ToOk();

    /// <summary>Adds a hunt group.</summary>
    internal static async Task<Results<Created<HuntGroup>, ProblemHttpResult>> Add(
        HuntGroupRequest request, Caller caller, HuntGroupBook groups, IDirectory directory, TimeProvider time, CancellationToken stop)
    {
        if (Read(request, directory, out var page).Refused(out var wrong)) return wrong.ToProblem();
        return (await groups.AddAsync(caller, page with { Id = Guid.CreateVersion7(time.GetUtcNow()) }, stop)).ToCreated(g => $"/api/v1/hunt-groups/{g.Id}");
    }

    /// <summary>Changes a hunt group; calls that come from now on ring as it says.</summary>
    internal static async Task<Results<Ok<HuntGroup>, ProblemHttpResult>> Edit(
        Guid id, HuntGroupRequest request, Caller caller, HuntGroupBook groups, IDirectory directory, CancellationToken stop)
    {
        if (Read(request, directory, out var page).Refused(out var wrong)) return wrong.ToProblem();
        return (await groups.EditAsync(caller, id, request.Version, before => before.OrganisationId != request.OrganisationId
            ? new Refusal("hunt-groups.stays-in-organisation", RefusalKind.Conflict, 500, "A hunt group cannot move to another organisation.")
            : page with { Id = id, Version = before.Version + 1 }, stop)).ToOk();
    }

    /// <summary>Removes a hunt group.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Caller caller, HuntGroupBook groups, CancellationToken stop) =>
        (await groups.RemoveAsync(caller, id, stop)).ToNoContent();

    /// <summary>Logs a member in or out: a person for their own extension, or who manages the group.</summary>
    internal static async Task<Results<Ok<HuntGroup>, ProblemHttpResult>> Log(
        Guid id, Guid extension, LoginRequest request, Caller caller, HuntGroupBook groups, IDirectory directory, CancellationToken stop)
    {
        if (caller.Role == Role.Auditor) return new Refusal("identity.not-allowed", RefusalKind.Forbidden, 403, "Auditors change nothing.").ToProblem();
        var own = caller.Person is { } person && directory.Current.Extensions.GetValueOrDefault(extension)?.PersonId == person;
        if (caller.Role == Role.Person && !own) return Problems.NotFound("hunt-groups.no-such-group", "group").ToProblem();
        // A person's account reaches nothing but the person's own things: the membership is one.
        var acting = caller.Role == Role.Person ? caller with { Scope = Scope.Everything } : caller;
        return (await groups.LogAsync(acting, id, extension, request.LoggedIn, stop)).ToOk();
    }

    private static FieldErrors Read(HuntGroupRequest request, IDirectory directory, out HuntGroup page)
    {
        var now = directory.Current;
        var errors = new FieldErrors().Text("name", request.Name, 120).Digits("number", request.Number, 15)
            .Range("memberRingS", request.MemberRingS, 5, 120).Range("timeoutS", request.TimeoutS, 5, 600)
            .Check("organisationId", now.Organisations.ContainsKey(request.OrganisationId), "is no organisation")
            .Check("siteId", request.SiteId is not { } site || now.Sites.GetValueOrDefault(site)?.OrganisationId == request.OrganisationId, "is no site of the organisation")
            .Check("members", request.Members is { Count: <= 200 }, "must be a list of at most 200")
            .Check("members", (request.Members ?? []).All(m => now.Extensions.GetValueOrDefault(m.Extension)?.OrganisationId == request.OrganisationId), "has one that is no extension of the organisation")
            .Check("members", (request.Members ?? []).DistinctBy(m => m.Extension).Count() == (request.Members?.Count ?? 0), "has one twice");
        var overflow = DestinationCheck.Read(errors, "overflow", request.Overflow, NumberingPlan.French);
        errors.Check("overflow", overflow.Kind != DestinationKind.Number || overflow.Target != request.Number, "is the group itself");
        page = new HuntGroup(Guid.Empty, request.OrganisationId, request.SiteId, PhoneNumber.TryParse(request.Number, out var number) ? number : PhoneNumber.None, request.Name?.Trim() ?? "",
            request.Strategy, TimeSpan.FromSeconds(request.MemberRingS), TimeSpan.FromSeconds(request.TimeoutS), overflow,
            [.. (request.Members ?? []).Select((m, order) => new HuntMember(m.Extension, order, m.LoggedIn))], 0);
        return errors;
    }
}
