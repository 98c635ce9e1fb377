// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.DirectNumbers;

/// <summary>A direct number to add or change.</summary>
/// <param name="Number">In any French or international form.</param>
/// <param name="Destination">Where calls to it go; left out: nowhere yet.</param>
/// <param name="Presentation">Whose outgoing calls show it when they have no number of their own.</param>
public sealed record DirectNumberRequest(
    Guid OrganisationId, string Number, Destination? Destination = null, Guid? SiteId = null, Presentation Presentation = Presentation.Own, string Label = "", int? Version = null);

/// <summary>A run of direct numbers that follow one another.</summary>
/// <param name="First">The first number.</param>
/// <param name="Count">How many, 1 to 1000.</param>
/// <param name="FirstExtension">The internal number that the first leads to; the others follow in step. Empty: they lead nowhere yet.</param>
public sealed record RangeRequest(Guid OrganisationId, string First, int Count, string FirstExtension = "", Guid? SiteId = null, string Label = "");

/// <summary>What a range made.</summary>
public sealed record RangeResult(int Added, string First, string Last);

/// <summary>Direct numbers (SDA).</summary>
internal static class DirectNumberApi
{
    internal static void Map(WebApplication app)
    {
        var api = app.MapApi("direct-numbers", "Direct numbers");
        api.MapGet("", List).Needs(Access.Read);
        api.MapGet("{id:guid}", Get).Needs(Access.Read);
        api.MapPost("", Add).Needs(Access.Administer);
        api.MapPost("ranges", AddRange).Needs(Access.Administer);
        api.MapPut("{id:guid}", Edit).Needs(Access.Operate);
        api.MapDelete("{id:guid}", Remove).Needs(Access.Administer);
    }

    /// <summary>Lists direct numbers, in order.</summary>
    /// <param name="number">The beginning of the E.164 form: +33199.</param>
    /// <param name="free">Only those that lead nowhere.</param>
    /// <param name="skip">How many to leave out.</param>
    /// <param name="take">How many to give, 1 to 1000.</param>
    internal static Ok<IReadOnlyList<DirectNumber>> List(Caller caller, DirectNumberBook numbers, string number = "", bool free = false, int skip = 0, int take = 500)
    {
        var found = numbers.Visible(caller).Where(n => n.Number.Reveal().StartsWith(number, StringComparison.Ordinal) && (!free || n.Destination.Kind == DestinationKind.None))
            .OrderBy(n => n.Number.Reveal(), StringComparer.Ordinal);
        return TypedResults.Ok<IReadOnlyList<DirectNumber>>([.. found.Skip(Math.Max(0, skip)).Take(Math.Clamp(take, 1, 1000))]);
    }

    /// <summary>Shows a direct number.</summary>
    internal static Results<Ok<DirectNumber>, ProblemHttpResult> Get(Guid id, Caller caller, DirectNumberBook numbers) => numbers.Find(caller, id).ToOk();

    /// <summary>Adds a direct number.</summary>
    internal static async Task<Results<Created<DirectNumber>, ProblemHttpResult>> Add(
        DirectNumberRequest request, Caller caller, DirectNumberBook numbers, IDirectory directory, TimeProvider time, CancellationToken stop)
    {
        if (Read(request, directory, out var page).Refused(out var wrong)) return wrong.ToProblem();
        var added = page with { Id = Guid.CreateVersion7(time.GetUtcNow()) };
        return (await numbers.AddAsync(caller, added, stop)).ToCreated(n => $"/api/v1/direct-numbers/{n.Id}");
    }

    /// <summary>Adds a range of direct numbers, all or none; each leads to the extension that follows in step.</summary>
    internal static async Task<Results<Ok<RangeResult>, ProblemHttpResult>> AddRange(
        RangeRequest request, Caller caller, DirectNumberBook numbers, IDirectory directory, TimeProvider time, CancellationToken stop)
    {
        var errors = Place(request.OrganisationId, request.SiteId, directory).Range("count", request.Count, 1, 1000).Text("label", request.Label, 120, required: false);
        var fault = NumberingPlan.French.Normalise(request.First, out var first);
        errors.Check("first", fault == NumberFault.None && first.Number.IsE164, $"is not a public number: {fault}");
        if (request.FirstExtension is { Length: > 0 } digits) errors.Digits("firstExtension", digits, 15);
        if (errors.Refused(out var wrong)) return wrong.ToProblem();
        var pages = Enumerable.Range(0, request.Count).Select(step => new DirectNumber(
            Guid.CreateVersion7(time.GetUtcNow()), request.OrganisationId, request.SiteId, PhoneNumber.Of("+" + Next(first.Number.Reveal()[1..], step)),
            string.IsNullOrEmpty(request.FirstExtension) ? Destination.Nowhere : new Destination(DestinationKind.Number, Next(request.FirstExtension, step)),
            Presentation.Own, request.Label?.Trim() ?? "", 0)).ToList();
        if (pages[^1].Number.Reveal().Length != first.Number.Reveal().Length)
            return new FieldErrors().Add("count", "leads beyond the range").Refused(out var beyond) ? beyond.ToProblem() : throw new InvalidOperationException();
        return (await numbers.AddManyAsync(caller, pages, stop)).Succeeded(out var count, out var refusal)
            ? TypedResults.Ok(new RangeResult(count, pages[0].Number.Reveal(), pages[^1].Number.Reveal()))
            : refusal.ToProblem();
    }

    /// <summary>Changes where a direct number leads, its label, or what it is shown for. The number itself stays.</summary>
    internal static async Task<Results<Ok<DirectNumber>, ProblemHttpResult>> Edit(
        Guid id, DirectNumberRequest request, Caller caller, DirectNumberBook numbers, IDirectory directory, CancellationToken stop)
    {
        if (Read(request, directory, out var page).Refused(out var wrong)) return wrong.ToProblem();
        return (await numbers.EditAsync(caller, id, request.Version, before => page.Number != before.Number || page.OrganisationId != before.OrganisationId
            ? new Refusal("direct-numbers.number-stays", RefusalKind.Conflict, 500, "A direct number keeps its digits and its organisation: remove it and add the other.")
            : page with { Id = id, Version = before.Version + 1 }, stop)).ToOk();
    }

    /// <summary>Removes a direct number from the inventory: it may not be shown any more.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Caller caller, DirectNumberBook numbers, CancellationToken stop) =>
        (await numbers.RemoveAsync(caller, id, stop)).ToNoContent();

    /// <summary>The digits a few steps on, with their leading zeros.</summary>
    private static string Next(string digits, int step) =>
        (long.Parse(digits, CultureInfo.InvariantCulture) + step).ToString(CultureInfo.InvariantCulture).PadLeft(digits.Length, '0');

    private static FieldErrors Place(Guid organisation, Guid? site, IDirectory directory) => new FieldErrors()
        .Check("organisationId", directory.Current.Organisations.ContainsKey(organisation), "is no organisation")
        .Check("siteId", site is not { } id || directory.Current.Sites.GetValueOrDefault(id)?.OrganisationId == organisation, "is no site of the organisation");

    private static FieldErrors Read(DirectNumberRequest request, IDirectory directory, out DirectNumber page)
    {
        var errors = Place(request.OrganisationId, request.SiteId, directory).Text("label", request.Label, 120, required: false);
        var fault = NumberingPlan.French.Normalise(request.Number, out var number);
        errors.Check("number", fault == NumberFault.None && number.Number.IsE164, $"is not a public number: {fault}");
        errors.Check("presentation", request.Presentation != Presentation.Site || request.SiteId is not null, "needs a siteId to be shown for a site");
        var destination = DestinationCheck.Read(errors, "destination", request.Destination, NumberingPlan.French);
        errors.Check("destination", destination.Kind != DestinationKind.Outside || destination.Number != number.Number, "is the number itself");
        page = new DirectNumber(Guid.Empty, request.OrganisationId, request.SiteId, number.Number, destination, request.Presentation, request.Label?.Trim() ?? "", 0);
        return errors;
    }
}
