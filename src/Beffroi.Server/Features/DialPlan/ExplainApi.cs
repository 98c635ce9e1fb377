// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DialPlan.Routing;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.DialPlan;

/// <summary>A call that is not placed.</summary>
/// <param name="Extension">The caller, when it is one of the town's extensions.</param>
/// <param name="From">The caller's number, when the call comes from outside.</param>
/// <param name="Trunk">The trunk by which the call comes from outside, where it matters: that of another PBX of the town.</param>
/// <param name="Number">What is dialled.</param>
/// <param name="At">The moment; now when left out.</param>
public sealed record ExplainRequest(string Number, Guid? Extension = null, string? From = null, DateTimeOffset? At = null, Guid? Trunk = null);

/// <summary>What would happen in one case after the phones have rung.</summary>
/// <param name="When">busy, noAnswer or unreachable for an extension; overflow for a hunt group.</param>
public sealed record ExplainedCase(string When, IReadOnlyList<RouteStep> Steps);

/// <summary>Every step a call would take.</summary>
/// <param name="Outcome">Where it leads: extension, huntGroup, voicemail, outside, emergency, featureCode, announcement, refused.</param>
/// <param name="Refusal">The stable code when refused.</param>
/// <param name="Then">What follows when the extension or the group rung does not answer, to the end.</param>
public sealed record Explanation(string Outcome, string? Refusal, IReadOnlyList<RouteStep> Steps, IReadOnlyList<ExplainedCase> Then);

/// <summary>Tells the way of a call in words, without placing it.</summary>
internal static class ExplainApi
{
    internal static void Map(WebApplication app)
    {
        var api = app.MapApi("dial-plan", "Dial plan");
        api.MapPost("explain", Explain).Needs(Access.Read);
        api.MapGet("explain", ExplainByQuery).Needs(Access.Read);
    }

    /// <summary>Says every step that a call would take: this caller, this number, this moment. No call is placed. The same rules run as for a real call.</summary>
    /// <remarks>Which telephones are registered, which members of a group are there and how the trunks fare is told as it is now, whatever moment is asked about.</remarks>
    internal static Results<Ok<Explanation>, ProblemHttpResult> Explain(ExplainRequest request, Caller caller, Explainer explainer, IDirectory directory, TimeProvider time)
    {
        if (new FieldErrors().Text("number", request.Number, 40).Text("from", request.From, 40, required: false).Refused(out var wrong)) return wrong.ToProblem();
        var now = directory.Current;
        var call = new CallRequest { Caller = Stranger(request.From) with { Trunk = request.Trunk }, Dialled = request.Number.Trim(), At = request.At ?? time.GetUtcNow(), FromTrunk = true };
        if (request.Extension is { } id)
        {
            if (!now.Extensions.TryGetValue(id, out var extension) || !now.Covers(caller.Scope, extension)) return Problems.NotFound("directory.no-such-extension", "extension").ToProblem();
            call = call with { Caller = DialPlanEngine.PartyOf(extension, now) with { Device = now.DevicesOf(id) is [var device, ..] ? device.SipUsername : null }, FromTrunk = false };
        }
        else if (caller.Scope.Kind != ScopeKind.Everything)
        {
            return new Refusal("identity.out-of-scope", RefusalKind.Forbidden, 403, "Calls from outside are explained to those who see the whole installation.").ToProblem();
        }

        return TypedResults.Ok(explainer.Tell(call));
    }

    /// <summary>As the POST of the same path, with the call in the query.</summary>
    /// <param name="number">What is dialled.</param>
    /// <param name="extension">The caller's extension, by id.</param>
    /// <param name="from">The caller's number, when the call comes from outside.</param>
    /// <param name="at">The moment; now when left out.</param>
    /// <param name="trunk">The trunk by which the call comes from outside.</param>
    internal static Results<Ok<Explanation>, ProblemHttpResult> ExplainByQuery(
        string number, Caller caller, Explainer explainer, IDirectory directory, TimeProvider time, Guid? extension = null, string? from = null, DateTimeOffset? at = null, Guid? trunk = null) =>
        Explain(new ExplainRequest(number, extension, from, at, trunk), caller, explainer, directory, time);

    private static CallParty Stranger(string? number) =>
        new(PartyKind.External, NumberingPlan.French.NormaliseFromNetwork(number, out var found) == NumberFault.None ? found.Number.Reveal() : "", "");
}
