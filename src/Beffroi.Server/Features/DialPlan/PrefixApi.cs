// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.DialPlan;

/// <summary>A prefix that leads to a trunk, to add or change.</summary>
/// <param name="Prefix">The first digits dialled, 1 to 6.</param>
/// <param name="MinDigits">How many digits follow the prefix at least, 0 to 15.</param>
/// <param name="MaxDigits">How many digits follow the prefix at most, up to 15.</param>
/// <param name="Trunk">The trunk, and no other.</param>
/// <param name="Label">Where it leads, as people call it.</param>
/// <param name="Strip">How many leading digits are taken off before the number is sent: the length of the prefix, when it means nothing there.</param>
/// <param name="Prepend">Up to 10 digits put before what is left.</param>
public sealed record PrefixRouteRequest(
    Guid OrganisationId, string Prefix, int MinDigits, int MaxDigits, Guid Trunk, string Label, int Strip = 0, string Prepend = "", int? Version = null);

/// <summary>Prefixes that lead to a trunk: another PBX of the town, a site that has not moved yet.</summary>
internal static class PrefixApi
{
    internal static void Map(WebApplication app)
    {
        var api = app.MapApi("dial-plan/prefixes", "Dial plan");
        api.MapGet("", List).Needs(Access.Read);
        api.MapGet("{id:guid}", Get).Needs(Access.Read);
        api.MapPost("", Add).Needs(Access.Administer);
        api.MapPut("{id:guid}", Edit).Needs(Access.Administer);
        api.MapDelete("{id:guid}", Remove).Needs(Access.Administer);
    }

    /// <summary>Lists the prefixes that lead to a trunk.</summary>
    internal static Ok<IReadOnlyList<PrefixRoute>> List(Caller caller, PrefixRouteBook prefixes) => TypedResults.Ok(prefixes.Visible(caller));

    /// <summary>Shows a prefix and where it leads.</summary>
    internal static Results<Ok<PrefixRoute>, ProblemHttpResult> Get(Guid id, Caller caller, PrefixRouteBook prefixes) => prefixes.Find(caller, id).ToOk();

    /// <summary>Adds a prefix that leads to a trunk. Emergency numbers, feature codes and internal numbers are asked first; of two prefixes the longer wins.</summary>
    internal static async Task<Results<Created<PrefixRoute>, ProblemHttpResult>> Add(
        PrefixRouteRequest request, Caller caller, PrefixRouteBook prefixes, IDirectory directory, ITrunks trunks, TimeProvider time, CancellationToken stop)
    {
        if (Check(request, directory, trunks).Refused(out var wrong)) return wrong.ToProblem();
        return (await prefixes.AddAsync(caller, Fill(request, Guid.CreateVersion7(time.GetUtcNow()), 0), stop)).ToCreated(r => $"/api/v1/dial-plan/prefixes/{r.Id}");
    }

    /// <summary>Changes a prefix; calls made from now on follow it.</summary>
    internal static async Task<Results<Ok<PrefixRoute>, ProblemHttpResult>> Edit(
        Guid id, PrefixRouteRequest request, Caller caller, PrefixRouteBook prefixes, IDirectory directory, ITrunks trunks, CancellationToken stop)
    {
        if (Check(request, directory, trunks).Refused(out var wrong)) return wrong.ToProblem();
        return (await prefixes.EditAsync(caller, id, request.Version, before => before.OrganisationId != request.OrganisationId
            ? new Refusal("dial-plan.stays-in-organisation", RefusalKind.Conflict, 500, "A prefix cannot move to another organisation.")
            : Fill(request, id, before.Version + 1), stop)).ToOk();
    }

    /// <summary>Removes a prefix. Calls on its trunk go on to their end.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Caller caller, PrefixRouteBook prefixes, CancellationToken stop) =>
        (await prefixes.RemoveAsync(caller, id, stop)).ToNoContent();

    private static PrefixRoute Fill(PrefixRouteRequest request, Guid id, int version) =>
        new(id, request.OrganisationId, request.Prefix, request.MinDigits, request.MaxDigits, request.Strip, request.Prepend ?? "", request.Trunk, request.Label.Trim(), version);

    private static FieldErrors Check(PrefixRouteRequest request, IDirectory directory, ITrunks trunks)
    {
        var (prefix, prepend) = (request.Prefix ?? "", request.Prepend ?? "");
        var shortest = prefix.Length + request.MinDigits;
        return new FieldErrors().Digits("prefix", prefix, PrefixRoute.LongestPrefix).Text("label", request.Label, 120)
            .Range("minDigits", request.MinDigits, 0, PrefixRoute.MostDigits)
            .Check("maxDigits", request.MaxDigits >= request.MinDigits && request.MaxDigits <= PrefixRoute.MostDigits, $"must be from minDigits to {PrefixRoute.MostDigits}")
            .Check("strip", request.Strip >= 0 && request.Strip <= shortest, "must be from 0 to the shortest number dialled")
            .Check("strip", request.Strip < shortest || prepend.Length > 0, "leaves nothing to send")
            .Check("prepend", prepend.Length <= PrefixRoute.LongestPrepend && prepend.All(char.IsAsciiDigit), $"must be at most {PrefixRoute.LongestPrepend} digits")
            .Check("organisationId", directory.Current.Organisations.ContainsKey(request.OrganisationId), "is no organisation")
            .Check("trunk", trunks.Current.TryGet(request.Trunk, out _), "is no trunk");
    }
}
