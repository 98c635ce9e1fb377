// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Click to call.</summary>
/// <param name="Extension">Whose devices ring first.</param>
/// <param name="Number">What is dialled for them then.</param>
/// <param name="OrganisationId">Needed only where several organisations have the same extension.</param>
public sealed record OriginateRequest(string Extension, string Number, Guid? OrganisationId = null);

/// <summary>A blind transfer.</summary>
/// <param name="Leg">Who transfers; the party opposite goes to <paramref name="Number"/>.</param>
public sealed record TransferRequest(Guid Leg, string Number);

/// <summary>An attended transfer: the parties opposite to the two legs are joined.</summary>
public sealed record JoinRequest(Guid Leg, Guid OtherCall, Guid OtherLeg);

/// <summary>Hold or take back.</summary>
/// <param name="Leg">Who holds; the other party hears music.</param>
public sealed record HoldRequest(Guid Leg, bool On);

/// <summary>Answering from here.</summary>
/// <param name="Leg">The telephone that shall answer; null: the first that rings and can.</param>
public sealed record AnswerRequest(Guid? Leg = null);

/// <summary>Parking.</summary>
/// <param name="Leg">Who parks: the party opposite waits with music in the place of this extension.</param>
public sealed record ParkRequest(Guid Leg);

/// <summary>A call that was begun.</summary>
public sealed record OriginatedCall(Guid Id);

/// <summary>Live calls: list, begin, answer, hold, transfer, park, hang up.</summary>
internal static class CallApi
{
    private static readonly TimeSpan OriginatorRings = TimeSpan.FromSeconds(45);

    internal static void Map(WebApplication app)
    {
        var calls = app.MapApi("calls", "CallControl");
        calls.MapGet("", List).Needs(Access.Read);
        calls.MapGet("{id:guid}", Get).Needs(Access.Read);
        calls.MapPost("", Originate).Needs(Access.Operate);
        calls.MapDelete("{id:guid}", HangUp).Needs(Access.Operate);
        calls.MapPost("{id:guid}/answer", Answer).Needs(Access.Operate);
        calls.MapPost("{id:guid}/hold", Hold).Needs(Access.Operate);
        calls.MapPost("{id:guid}/park", Park).Needs(Access.Operate);
        calls.MapPost("{id:guid}/transfer", Transfer).Needs(Access.Operate);
        calls.MapPost("{id:guid}/join", Join).Needs(Access.Operate);
    }

    /// <summary>Lists the calls in progress within the caller's scope, oldest first.</summary>
    internal static Ok<IReadOnlyList<CallView>> List(Caller caller, CallDesk desk) => TypedResults.Ok<IReadOnlyList<CallView>>([.. desk.VisibleTo(caller).OrderBy(c => c.Began)]);

    /// <summary>Shows a call in progress; one that is over is in the history under the same id.</summary>
    internal static Results<Ok<CallView>, ProblemHttpResult> Get(Guid id, Caller caller, CallDesk desk) =>
        desk.Find(caller, id) is { } call ? TypedResults.Ok(call) : CallDesk.NoCall.ToProblem();

    /// <summary>Rings the devices of an extension, then dials for it.</summary>
    internal static async Task<Results<Created<OriginatedCall>, ProblemHttpResult>> Originate(
        OriginateRequest request, Caller caller, CallDesk desk, IDirectory directory, IExtensionPhones phones, TimeProvider time)
    {
        var now = directory.Current;
        var found = request.OrganisationId is { } organisation
            ? now.TryExtension(organisation, request.Extension, out var extension)
            : now.TryExtension(request.Extension, out extension);
        if (!found || !now.Covers(caller.Scope, extension!)) return Problems.NotFound("call.no-such-extension", "extension").ToProblem();
        if (request.Number.Length is 0 or > 64) return new Refusal("call.number", RefusalKind.Invalid, 400, "The number must have 1 to 64 characters.").ToProblem();
        var party = new CallParty(PartyKind.Internal, extension!.Number, now.DisplayName(extension)) { Extension = extension.Id, Person = extension.PersonId, Site = extension.SiteId };
        var number = PhoneNumber.Of(extension.Number);
        var called = new CallParty(PartyKind.External, request.Number, "");
        var devices = phones.TargetsOf(extension, new RingAs(new CallerIdentity(party.Name, number, number, false), party, called, []));
        var (call, refusal) = await desk.Exchange.OriginateAsync(new CallRequest { Caller = party, Dialled = request.Number, At = time.GetUtcNow() }, devices, OriginatorRings);
        if (call is not { } id) return refusal!.ToProblem();
        desk.Note(caller, "call.originated", id, $"{extension.Number} → {request.Number}", request);
        return TypedResults.Created($"/api/v1/calls/{id}", new OriginatedCall(id));
    }

    /// <summary>Ends a call, or one leg of it.</summary>
    internal static Task<Results<NoContent, ProblemHttpResult>> HangUp(Guid id, Caller caller, CallDesk desk, Guid? leg = null) =>
        desk.ActAsync(caller, id, "call.hung-up", leg, _ => Task.FromResult(desk.Exchange.HangUp(id, leg)));

    /// <summary>Has a telephone that rings answer by itself, as if its key were pressed. Refused for telephones that do not allow it.</summary>
    internal static Task<Results<NoContent, ProblemHttpResult>> Answer(Guid id, AnswerRequest request, Caller caller, CallDesk desk) =>
        desk.ActAsync(caller, id, "call.answered", request, _ => desk.Exchange.AnswerAsync(id, request.Leg));

    /// <summary>Parks the other party in the place of the extension that parks; anybody takes it back by the retrieval code. Answers when it waits there; refused while another call does.</summary>
    internal static Task<Results<NoContent, ProblemHttpResult>> Park(Guid id, ParkRequest request, Caller caller, CallDesk desk, IDirectory directory, IDialPlans plans) =>
        desk.ActAsync(caller, id, "call.parked", request, async call =>
        {
            var party = call.Legs.FirstOrDefault(l => l.Id == request.Leg)?.Party;
            if (party?.Device is not { } username || !directory.Current.TryDevice(username, out var device))
                return new Refusal("call.no-such-leg", RefusalKind.Conflict, 481, "This leg is no telephone of the town: only an extension has a place to park in.");
            return plans.Codes(device.OrganisationId).CodeOf(FeatureAction.Park) is { } code
                ? await desk.Exchange.TransferAsync(id, request.Leg, code, untilTaken: true)
                : new Refusal("call.park-off", RefusalKind.Conflict, 480, "The organisation has no feature code for parking.");
        });

    /// <summary>Puts the other party on hold with music, or takes it back.</summary>
    internal static Task<Results<NoContent, ProblemHttpResult>> Hold(Guid id, HoldRequest request, Caller caller, CallDesk desk) =>
        desk.ActAsync(caller, id, request.On ? "call.held" : "call.retrieved", request, _ => desk.Exchange.HoldAsync(id, request.Leg, request.On));

    /// <summary>Transfers the other party to a number without consultation.</summary>
    internal static Task<Results<NoContent, ProblemHttpResult>> Transfer(Guid id, TransferRequest request, Caller caller, CallDesk desk) =>
        desk.ActAsync(caller, id, "call.transferred", request, _ => desk.Exchange.TransferAsync(id, request.Leg, request.Number));

    /// <summary>Joins the other party of this call with that of a second call: the end of an attended transfer.</summary>
    internal static Task<Results<NoContent, ProblemHttpResult>> Join(Guid id, JoinRequest request, Caller caller, CallDesk desk) =>
        desk.ActAsync(caller, id, "call.joined", request, async _ => desk.Find(caller, request.OtherCall) is null
            ? CallDesk.NoCall
            : await desk.Exchange.JoinAsync(id, request.Leg, request.OtherCall, request.OtherLeg));
}
