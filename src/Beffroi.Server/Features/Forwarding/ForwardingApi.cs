// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.Forwarding;

/// <summary>All rules of an extension, to set at once; what is left out is not set.</summary>
/// <param name="Immediate">A number to dial, or <c>voicemail</c>. Public numbers are checked against the extension's calling class.</param>
/// <param name="NoAnswerAfterS">Seconds of ringing, 5 to 120.</param>
public sealed record ForwardingRequest(
    bool DoNotDisturb = false, string? Immediate = null, string? Busy = null, string? NoAnswer = null, string? Unreachable = null, int NoAnswerAfterS = 20, int? Version = null);

/// <summary>Forwardings (renvois).</summary>
internal static class ForwardingApi
{
    internal static void Map(WebApplication app)
    {
        var api = app.MapApi("forwardings", "Forwarding");
        api.MapGet("", List).Needs(Access.SignedIn);
        api.MapGet("{extension:guid}", Get).Needs(Access.SignedIn);
        api.MapPut("{extension:guid}", Put).Needs(Access.SignedIn);
    }

    /// <summary>Lists the extensions for which forwardings were set, by number: one's own, or those within the scope.</summary>
    /// <param name="skip">How many to leave out.</param>
    /// <param name="take">How many to give, 1 to 1000.</param>
    internal static Ok<IReadOnlyList<ForwardingRules>> List(Caller caller, ForwardingBook forwardings, IDirectory directory, int skip = 0, int take = 500) =>
        TypedResults.Ok<IReadOnlyList<ForwardingRules>>([.. forwardings.Visible(caller).Where(f => directory.Current.Extensions.ContainsKey(f.Id)).Skip(Math.Max(0, skip)).Take(Math.Clamp(take, 1, 1000))]);

    /// <summary>Shows an extension's forwardings: to its person, and to those who manage it.</summary>
    internal static Results<Ok<ForwardingRules>, ProblemHttpResult> Get(Guid extension, Caller caller, ForwardingBook forwardings, IDirectory directory)
    {
        var now = directory.Current;
        if (!now.Extensions.TryGetValue(extension, out var found) || !ForwardingBook.OwnOrCovered(caller, found, now)) return NoExtension.ToProblem();
        return TypedResults.Ok(forwardings.Of(extension) ?? ForwardingRules.None(extension, found.OrganisationId));
    }

    /// <summary>Sets an extension's forwardings and do not disturb: by its person, or by those who manage it.</summary>
    internal static async Task<Results<Ok<ForwardingRules>, ProblemHttpResult>> Put(
        Guid extension, ForwardingRequest request, Caller caller, ForwardingBook forwardings, IDirectory directory, CancellationToken stop)
    {
        var now = directory.Current;
        if (!now.Extensions.TryGetValue(extension, out var found) || !ForwardingBook.OwnOrCovered(caller, found, now)) return NoExtension.ToProblem();
        if (caller.Role == Role.Auditor) return new Calls.Refusal("identity.not-allowed", Calls.RefusalKind.Forbidden, 403, "Auditors change nothing.").ToProblem();
        if (new FieldErrors().Range("noAnswerAfterS", request.NoAnswerAfterS, 5, 120).Refused(out var wrong)) return wrong.ToProblem();
        var read = new Destination?[4];
        string?[] given = [request.Immediate, request.Busy, request.NoAnswer, request.Unreachable];
        for (var kind = 0; kind < given.Length; kind++)
        {
            if (!Read(found, given[kind], forwardings).Succeeded(out var destination, out var refusal)) return refusal.ToProblem();
            read[kind] = destination.Kind == DestinationKind.None ? null : destination;
        }

        return (await forwardings.ChangeAsync(caller, found, request.Version, before => before with
        {
            DoNotDisturb = request.DoNotDisturb,
            Immediate = read[0],
            Busy = read[1],
            NoAnswer = read[2],
            Unreachable = read[3],
            NoAnswerAfter = TimeSpan.FromSeconds(request.NoAnswerAfterS),
        }, stop)).ToOk();
    }

    private static Calls.Refusal NoExtension { get; } = Problems.NotFound("directory.no-such-extension", "extension");

    private static Outcome<Destination> Read(Extension extension, string? text, ForwardingBook forwardings) => text?.Trim() switch
    {
        null or "" => Destination.Nowhere,
        var number => forwardings.ReadTarget(extension, number.Replace(" ", "", StringComparison.Ordinal)),
    };
}
