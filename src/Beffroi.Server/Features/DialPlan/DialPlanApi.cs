// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.Calendars.Contract;
using Beffroi.Server.Features.DialPlan.Applications;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Features.DialPlan;

/// <summary>An organisation's way of dialling, to set.</summary>
/// <param name="OutsidePrefix">Up to 4 digits dialled for an outside line; empty: none.</param>
/// <param name="Codes">Feature codes; null: those shipped.</param>
public sealed record DialPlanRequest(string OutsidePrefix, Guid? DefaultClass = null, IReadOnlyList<FeatureCode>? Codes = null, int? Version = null);

/// <summary>A calling class to add or change.</summary>
public sealed record CallingClassRequest(Guid OrganisationId, string Name, bool AllowedByDefault, IReadOnlyList<CallingRule> Rules, int? Version = null);

/// <summary>An extension's settings, to set; its PIN stays.</summary>
/// <param name="Calendar">Night lock: while this calendar is closed, <paramref name="ClosedClass"/> counts. Both or neither.</param>
/// <param name="ClosedClass">The calling class while the calendar is closed. Emergency numbers stay allowed.</param>
/// <param name="PinClass">The calling class of calls dialled with the code and the line's PIN; null: none such.</param>
public sealed record LineRequest(
    Guid? CallingClass = null, bool Withhold = false, string PickupGroup = "", int? Version = null, Guid? Calendar = null, Guid? ClosedClass = null, Guid? PinClass = null);

/// <param name="Pin">4 to 8 digits; null takes the PIN away.</param>
public sealed record LinePinRequest(string? Pin);

/// <summary>A number understood.</summary>
/// <param name="Fault">Why it is none; <c>none</c> when it is one.</param>
public sealed record NumberView(NumberFault Fault, string Canonical, string Display, NumberClass Class, string Fr, string En);

/// <summary>How the town dials: prefixes, codes, calling classes.</summary>
internal static class DialPlanApi
{
    internal static void Map(WebApplication app)
    {
        var api = app.MapApi("dial-plan", "Dial plan");
        api.MapGet("organisations/{organisation:guid}", GetPlan).Needs(Access.Read);
        api.MapPut("organisations/{organisation:guid}", PutPlan).Needs(Access.Administer);
        api.MapGet("calling-classes", Classes).Needs(Access.Read);
        api.MapGet("calling-classes/{id:guid}", GetClass).Needs(Access.Read);
        api.MapPost("calling-classes", AddClass).Needs(Access.Administer);
        api.MapPut("calling-classes/{id:guid}", EditClass).Needs(Access.Administer);
        api.MapDelete("calling-classes/{id:guid}", RemoveClass).Needs(Access.Administer);
        api.MapGet("lines", Lines).Needs(Access.Read);
        api.MapGet("lines/{extension:guid}", GetLine).Needs(Access.Read);
        api.MapPut("lines/{extension:guid}", PutLine).Needs(Access.Operate);
        api.MapPut("lines/{extension:guid}/pin", SetPin).Needs(Access.Operate);
        api.MapGet("conflicts", Conflicts).Needs(Access.Read);
        api.MapGet("numbers", Number).Needs(Access.Read);
    }

    /// <summary>Shows how an organisation dials: outside prefix, default calling class, feature codes.</summary>
    internal static Results<Ok<DialPlanSheet>, ProblemHttpResult> GetPlan(Guid organisation, Caller caller, DialPlanBook plans, IDirectory directory)
    {
        if (!directory.Current.Organisations.ContainsKey(organisation) || !caller.Scope.Covers(organisation)) return Problems.NotFound("directory.no-such-organisation", "organisation").ToProblem();
        return TypedResults.Ok(plans.Of(organisation) with { Codes = plans.Codes(organisation).All });
    }

    /// <summary>Sets how an organisation dials. Emergency numbers stay reachable whatever is set here.</summary>
    internal static async Task<Results<Ok<DialPlanSheet>, ProblemHttpResult>> PutPlan(
        Guid organisation, DialPlanRequest request, Caller caller, DialPlanBook plans, CallingClassBook classes, IDirectory directory, CancellationToken stop)
    {
        var errors = new FieldErrors().Check("outsidePrefix", request.OutsidePrefix is { Length: <= 4 } && request.OutsidePrefix.All(char.IsAsciiDigit), "must be at most 4 digits");
        errors.Check("defaultClass", request.DefaultClass is not { } id || classes.Pages.GetValueOrDefault(id)?.OrganisationId == organisation, "is no calling class of the organisation");
        foreach (var code in request.Codes ?? [])
            errors.Check("codes", FeatureCode.IsValid(code.Pattern ?? ""), $"has a pattern that cannot be dialled: {code.Pattern}");
        if ((request.Codes ?? []).GroupBy(c => c.Pattern).FirstOrDefault(g => g.Count() > 1) is { } twice) errors.Add("codes", $"has {twice.Key} twice");
        if (errors.Refused(out var wrong)) return wrong.ToProblem();
        if (!directory.Current.Organisations.ContainsKey(organisation)) return Problems.NotFound("directory.no-such-organisation", "organisation").ToProblem();
        return (await plans.PutAsync(caller, organisation, before =>
        {
            if (request.Version is { } version && version != (before?.Version ?? 0)) return Platform.Storage.StoreFaults.Conflict;
            return new DialPlanSheet(organisation, organisation, request.OutsidePrefix!, request.DefaultClass, request.Codes, (before?.Version ?? 0) + 1);
        }, stop)).ToOk();
    }

    /// <summary>Lists calling classes.</summary>
    internal static Ok<IReadOnlyList<CallingClass>> Classes(Caller caller, CallingClassBook classes) => TypedResults.Ok(classes.Visible(caller));

    /// <summary>Shows a calling class.</summary>
    internal static Results<Ok<CallingClass>, ProblemHttpResult> GetClass(Guid id, Caller caller, CallingClassBook classes) => classes.Find(caller, id).ToOk();

    /// <summary>Adds a calling class.</summary>
    internal static async Task<Results<Created<CallingClass>, ProblemHttpResult>> AddClass(
        CallingClassRequest request, Caller caller, CallingClassBook classes, IDirectory directory, TimeProvider time, CancellationToken stop)
    {
        if (Check(request, directory).Refused(out var wrong)) return wrong.ToProblem();
        var added = new CallingClass(Guid.CreateVersion7(time.GetUtcNow()), request.OrganisationId, request.Name.Trim(), request.AllowedByDefault, [.. request.Rules], 0);
        return (await classes.AddAsync(caller, added, stop)).ToCreated(c => $"/api/v1/dial-plan/calling-classes/{c.Id}");
    }

    /// <summary>Changes a calling class; calls made from now on obey it.</summary>
    internal static async Task<Results<Ok<CallingClass>, ProblemHttpResult>> EditClass(
        Guid id, CallingClassRequest request, Caller caller, CallingClassBook classes, IDirectory directory, CancellationToken stop)
    {
        if (Check(request, directory).Refused(out var wrong)) return wrong.ToProblem();
        return (await classes.EditAsync(caller, id, request.Version, before => before.OrganisationId != request.OrganisationId
            ? new Refusal("dial-plan.stays-in-organisation", RefusalKind.Conflict, 500, "A calling class cannot move to another organisation.")
            : before with { Name = request.Name.Trim(), AllowedByDefault = request.AllowedByDefault, Rules = [.. request.Rules], Version = before.Version + 1 }, stop)).ToOk();
    }

    /// <summary>Removes a calling class that nobody has any more.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveClass(Guid id, Caller caller, CallingClassBook classes, CancellationToken stop) =>
        (await classes.RemoveAsync(caller, id, stop)).ToNoContent();

    /// <summary>Lists the extensions for which something was set, by number; the others have the organisation's settings.</summary>
    /// <param name="skip">How many to leave out.</param>
    /// <param name="take">How many to give, 1 to 1000.</param>
    internal static Ok<IReadOnlyList<LineSettings>> Lines(Caller caller, LineBook lines, IDirectory directory, int skip = 0, int take = 500) =>
        TypedResults.Ok<IReadOnlyList<LineSettings>>([.. lines.Visible(caller).Where(l => directory.Current.Extensions.ContainsKey(l.Id)).Skip(Math.Max(0, skip)).Take(Math.Clamp(take, 1, 1000))]);

    /// <summary>Shows what an extension may do and show.</summary>
    internal static Results<Ok<LineSettings>, ProblemHttpResult> GetLine(Guid extension, Caller caller, LineBook lines, IDirectory directory)
    {
        var now = directory.Current;
        if (!now.Extensions.TryGetValue(extension, out var found) || !now.Covers(caller.Scope, found)) return NoExtension.ToProblem();
        return TypedResults.Ok(lines.Pages.GetValueOrDefault(extension) ?? LineSettings.None(extension, found.OrganisationId));
    }

    /// <summary>Sets an extension's calling classes (its own, the one of its night lock, the one with PIN), whether it withholds its number, and its pickup group.</summary>
    internal static async Task<Results<Ok<LineSettings>, ProblemHttpResult>> PutLine(
        Guid extension, LineRequest request, Caller caller, LineBook lines, CallingClassBook classes, ICalendars calendars, IDirectory directory, CancellationToken stop)
    {
        if (!directory.Current.Extensions.TryGetValue(extension, out var found)) return NoExtension.ToProblem();
        var errors = new FieldErrors().Text("pickupGroup", request.PickupGroup, 20, required: false);
        foreach (var (field, named) in new[] { ("callingClass", request.CallingClass), ("closedClass", request.ClosedClass), ("pinClass", request.PinClass) })
            errors.Check(field, named is not { } id || classes.Pages.GetValueOrDefault(id)?.OrganisationId == found.OrganisationId, "is no calling class of the organisation");
        errors.Check("calendar", request.Calendar is not { } calendar || calendars.OrganisationOf(calendar) == found.OrganisationId, "is no calendar of the organisation");
        errors.Check("closedClass", request.Calendar is null == request.ClosedClass is null, "goes with a calendar: give both or neither");
        if (errors.Refused(out var wrong)) return wrong.ToProblem();
        return (await lines.PutAsync(caller, extension, before => request.Version is { } version && version != (before?.Version ?? 0)
            ? Platform.Storage.StoreFaults.Conflict
            : (before ?? LineSettings.None(extension, found.OrganisationId)) with
            {
                CallingClass = request.CallingClass,
                Withhold = request.Withhold,
                PickupGroup = request.PickupGroup.Trim(),
                Calendar = request.Calendar,
                ClosedClass = request.ClosedClass,
                PinClass = request.PinClass,
                Version = (before?.Version ?? 0) + 1,
            }, stop)).ToOk();
    }

    /// <summary>Sets or takes away the PIN with which an extension calls what its calling class with PIN allows, and opens an extension that wrong PINs have locked.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> SetPin(
        Guid extension, LinePinRequest request, Caller caller, LineBook lines, PinCalls pins, IDirectory directory, CancellationToken stop)
    {
        var now = directory.Current;
        if (!now.Extensions.TryGetValue(extension, out var found) || !now.Covers(caller.Scope, found)) return NoExtension.ToProblem();
        if (request.Pin is { } pin)
        {
            var errors = new FieldErrors().Check("pin", Pin.IsValid(pin), "must be 4 to 8 digits").Check("pin", !Pin.IsTooEasy(pin, found.Number), "is one that everybody tries first");
            if (errors.Refused(out var wrong)) return wrong.ToProblem();
        }

        var hash = request.Pin is null ? null : Pin.Hash(request.Pin);
        var outcome = await lines.PutAsync(caller, extension,
            before => (before ?? LineSettings.None(extension, found.OrganisationId)) with { PinHash = hash, Version = (before?.Version ?? 0) + 1 }, stop);
        if (outcome.Succeeded(out _, out _)) pins.Lock.Right(extension);
        return outcome.ToNoContent();
    }

    /// <summary>Lists internal numbers that hide one another, an emergency number, a feature code or the way out.</summary>
    internal static Results<Ok<IReadOnlyList<NumberConflict>>, ProblemHttpResult> Conflicts(
        Guid organisation, Caller caller, IDirectory directory, NumberCheck numbers)
    {
        if (!directory.Current.Organisations.ContainsKey(organisation) || !caller.Scope.Covers(organisation)) return Problems.NotFound("directory.no-such-organisation", "organisation").ToProblem();
        return TypedResults.Ok(numbers.Find(organisation));
    }

    /// <summary>Says what a public number is: canonical form, class, range.</summary>
    internal static Ok<NumberView> Number(string number)
    {
        var fault = NumberingPlan.French.Normalise(number, out var found);
        return TypedResults.Ok(new NumberView(fault, found.Number.Reveal(), NumberingPlan.French.Display(found.Number), found.Class, found.Range?.Fr ?? "", found.Range?.En ?? ""));
    }

    private static Refusal NoExtension { get; } = Problems.NotFound("directory.no-such-extension", "extension");

    private static FieldErrors Check(CallingClassRequest request, IDirectory directory)
    {
        var errors = new FieldErrors().Text("name", request.Name, 120)
            .Check("organisationId", directory.Current.Organisations.ContainsKey(request.OrganisationId), "is no organisation")
            .Check("rules", request.Rules is { Count: <= 500 }, "must be a list of at most 500 rules");
        foreach (var rule in request.Rules ?? [])
        {
            var prefix = rule.Prefix ?? "";
            errors.Check("rules", prefix.Length <= 16 && prefix.All(c => char.IsAsciiDigit(c) || c == '+'), $"has a prefix that is not made of digits: {prefix}");
            errors.Check("rules", prefix.Length > 0 || rule.Class is not null, "has a rule with neither prefix nor class");
            errors.Check("rules", rule.Class is not (NumberClass.Emergency or NumberClass.Internal), "cannot bar emergency or internal numbers");
        }

        return errors;
    }
}
