// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.Calendars.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Features.Forwarding.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Features.Voicemail.Contract;
using Beffroi.Server.Features.WelcomeMessage.Contract;

namespace Beffroi.Server.Features.DialPlan.Routing;

/// <summary>The rules of all features that the router reads: each is an immutable snapshot, or hands one out.</summary>
internal sealed record RoutingRules(
    IDirectory Directory, IDialPlans Plans, IEmergency Emergency, IDirectNumbers DirectNumbers, IWelcomeMessages Welcomes, ICalendars Calendars, IForwardings Forwardings,
    IHuntGroups Groups, IVoicemailBoxes Boxes, ITrunks Trunks);

/// <summary>Dialled digits, caller and moment in; a <see cref="Way"/> out. Real calls and the explainer run this same code; the explainer hands in a trace.</summary>
/// <remarks>Threading: pure over snapshots, any thread. No wait and no I/O.</remarks>
internal sealed partial class DialPlanEngine(RoutingRules rules)
{
    /// <summary>More forwardings than this in one call are a mistake.</summary>
    internal const int MostHops = 5;

    private static NumberingPlan Numbering => NumberingPlan.French;

    /// <summary>The way of a new call, or of one that is sent on by its number.</summary>
    public Way Resolve(CallRequest request, RouteTrace? trace = null)
    {
        var directory = rules.Directory.Current;
        var origin = OriginOf(request);
        if (origin.Organisation is null) return FromOutside(request.Dialled, origin, trace);
        if (origin.Hops > MostHops) return Refuse(Refusals.TooManyHops, trace, "Trop de renvois.", "Too many forwardings.");
        return Dialled(request.Dialled, origin, directory, trace);
    }

    /// <summary>Who calls, from where.</summary>
    public CallOrigin OriginOf(CallRequest request) => CallOrigin.Of(request, rules.Directory.Current, rules.Trunks.Current);

    /// <summary>The way to a destination that a rule names: an overflow, a closed calendar, a forwarding.</summary>
    public Way Resolve(Destination destination, CallOrigin origin, RouteTrace? trace = null) => destination.Kind switch
    {
        DestinationKind.Number => InternalNumber(destination.Target, origin, trace) ?? Prefixed(destination.Target, origin with { SetByRule = true }, trace)
            ?? Refuse(Refusals.NoSuchNumber, trace, $"Le numéro interne {destination.Target} n'existe pas.", $"The internal number {destination.Target} does not exist."),
        DestinationKind.Voicemail => Voicemail(destination.Number, origin, trace),
        DestinationKind.Outside => Outside(destination.Target, origin with { SetByRule = true }, trace),
        DestinationKind.Announcement => Announce(destination.Target, trace),
        _ => Refuse(Refusals.Nowhere, trace, "La règle ne mène nulle part.", "The rule leads nowhere."),
    };

    private Way Dialled(string dialled, CallOrigin origin, DirectorySnapshot directory, RouteTrace? trace)
    {
        var organisation = origin.Organisation!.Value;
        var prefix = rules.Plans.OutsidePrefix(organisation);
        trace?.Say("dial-plan.dialled", $"Composé : {dialled}.", $"Dialled: {dialled}.");
        if (rules.Emergency.Current.TryMatch(dialled, prefix, out var emergency)) return Emergency(emergency, origin, directory, trace);
        if (rules.Plans.Codes(organisation).TryMatch(dialled, out var code, out var argument)) return Code(code, argument, origin, directory, trace);
        if (InternalNumber(dialled, origin, trace) is { } inside) return inside;
        if (Prefixed(dialled, origin, trace) is { } prefixed) return prefixed;
        return Outside(WithoutPrefix(dialled, prefix, trace), origin, trace);
    }

    /// <summary>An internal number: extension, then hunt group. null when it is neither.</summary>
    private Way? InternalNumber(string digits, CallOrigin origin, RouteTrace? trace)
    {
        if (origin.Organisation is not { } organisation || !PhoneNumber.TryParse(digits, out var number)) return null;
        var directory = rules.Directory.Current;
        if (directory.TryExtension(organisation, digits, out var extension)) return ToExtension(extension, origin, directory, trace);
        if (rules.Groups.Current.Of(organisation, number) is { } group)
        {
            var logged = group.Members.Count(m => m.LoggedIn);
            trace?.Say("hunt-groups.group", $"{digits} est le groupement « {group.Name} » ({Words.Fr(group.Strategy)}, {logged} membre(s) présent(s) sur {group.Members.Count}, {group.Timeout.TotalSeconds:0} s).",
                $"{digits} is the hunt group \"{group.Name}\" ({Words.En(group.Strategy)}, {logged} of {group.Members.Count} member(s) logged in, {group.Timeout.TotalSeconds:0} s).");
            return new Way.ToGroup(group);
        }

        return null;
    }

    /// <summary>Takes the outside prefix off. A whole public number dialled without it (from a contact list, a web page) is understood as well.</summary>
    private static string WithoutPrefix(string dialled, string prefix, RouteTrace? trace)
    {
        if (prefix.Length == 0 || dialled.StartsWith('+')) return dialled;
        var rest = dialled.StartsWith(prefix, StringComparison.Ordinal) ? dialled[prefix.Length..] : "";
        var fault = Numbering.Normalise(rest, out _);
        if (fault == NumberFault.None)
        {
            trace?.Say("dial-plan.outside-prefix", $"Le préfixe {prefix} demande une ligne extérieure.", $"The prefix {prefix} asks for an outside line.");
            return rest;
        }

        // "0 07 12…" is a national number that nobody has, not one abroad dialled without the prefix.
        var isNational = fault == NumberFault.NotAssigned && rest.Length == 10 && rest[0] == '0';
        if (dialled.Length >= 10 && !isNational && Numbering.Normalise(dialled, out _) == NumberFault.None)
        {
            trace?.Say("dial-plan.no-prefix-needed", $"Numéro public complet : le préfixe {prefix} n'est pas nécessaire.", $"A whole public number: the prefix {prefix} is not needed.");
            return dialled;
        }

        // Without its prefix a short public number is not meant: "3631" is a mistyped extension. Say which fault the rest has.
        return rest;
    }

    private Way Outside(string digits, CallOrigin origin, RouteTrace? trace)
    {
        var fault = Numbering.Normalise(digits, out var number);
        if (fault != NumberFault.None)
            return Refuse(Refusals.Of(fault), trace, $"Ce n'est ni un numéro interne ni un numéro public ({Words.Fr(fault)}).", $"It is neither an internal nor a public number ({Words.En(fault)}).");
        trace?.Say("dial-plan.public-number", $"Numéro public {number.Number.Reveal()}{(number.Range is { } fr ? $", {fr.Fr}" : ", international")}.",
            $"Public number {number.Number.Reveal()}{(number.Range is { } en ? $", {en.En}" : ", international")}.");
        if (rules.DirectNumbers.Current.TryGet(number.Number, out var ours)) return DirectNumber(ours, origin, trace);
        if (origin.InternalFor is not null) return InwardOnly(trace);
        if (origin is { Rights: null, SetByRule: true }) return ByRule(number, origin, trace);
        if (origin.Rights is not { } who) return Refuse(Refusals.NobodyKnown, trace, "Appelant inconnu : pas d'appel extérieur.", "Unknown caller: no outside call.");
        var counts = ClassOf(who, origin, trace);
        var allowed = counts.Rights.Allows(number, out var decidedBy);
        SayRights(who, counts, allowed, decidedBy, trace);
        return allowed ? OnRights(counts.Reason, new Way.ToOutside(number, ShownOutside(origin, who, trace), who), trace) : new Way.Refused(Refusals.Barred, "not-allowed");
    }

    private static void SayRights(Extension who, CountingClass counts, bool allowed, string decidedBy, RouteTrace? trace)
    {
        var (rights, reason) = counts;
        trace?.Say(allowed ? "dial-plan.allowed" : "dial-plan.barred",
            $"Classe d'appel « {rights.Name} » du poste {who.Number} ({Words.Fr(reason)}) : {(allowed ? "autorisé" : "interdit")}{(decidedBy.Length > 0 ? $" par la règle « {decidedBy} »" : " par défaut")}.",
            $"Calling class \"{rights.Name}\" of extension {who.Number} ({Words.En(reason)}): {(allowed ? "allowed" : "barred")} {(decidedBy.Length > 0 ? $"by the rule \"{decidedBy}\"" : "by default")}.");
    }

    /// <summary>The way out that a class allows: the PIN is asked first where it was the class with PIN.</summary>
    private static Way OnRights(ClassReason reason, Way.ToOutside outside, RouteTrace? trace)
    {
        if (reason != ClassReason.Pin || outside.Rights is not { } who) return outside;
        trace?.Say("dial-plan.pin-asked", $"Le code secret du poste {who.Number} est demandé avant l'appel.", $"The PIN of extension {who.Number} is asked for before the call.");
        return new Way.PinAsked(who, outside);
    }

    /// <summary>The class that counts for an extension: with its PIN, while its night lock is closed, else its own or the default.</summary>
    private CountingClass ClassOf(Extension who, CallOrigin origin, RouteTrace? trace)
    {
        var line = rules.Plans.Line(who.Id);
        if (origin.WithPin && line is { CallsWithPin: true, PinClass: { } pin } && rules.Plans.Rights(pin) is { } withPin) return new CountingClass(withPin, ClassReason.Pin);
        if (line is { Calendar: { } id, ClosedClass: { } closed } && rules.Calendars.Of(id) is { } calendar && rules.Plans.Rights(closed) is { } locked)
        {
            if (trace is not null) SayCalendar(id, calendar.At(origin.At), trace);
            if (!calendar.IsOpen(origin.At)) return new CountingClass(locked, ClassReason.Closed);
        }

        return rules.Plans.ClassOf(who.OrganisationId, who.Id);
    }

    /// <summary>A direct number or a group that an administrator sends outside: nobody's calling class counts; the organisation's number is shown.</summary>
    private Way.ToOutside ByRule(CanonicalNumber number, CallOrigin origin, RouteTrace? trace)
    {
        var direct = rules.DirectNumbers.Current;
        var shown = CallerPresentation.Outside(new CallerNumbers("", PhoneNumber.None, PhoneNumber.None, PhoneNumber.None, direct.OfOrganisation(origin.Organisation!.Value), false), direct.IsOurs);
        SayShown(shown, trace);
        return new Way.ToOutside(number, shown, null);
    }

    private CallerIdentity ShownOutside(CallOrigin origin, Extension who, RouteTrace? trace)
    {
        var direct = rules.DirectNumbers.Current;
        var withheld = origin.Withhold ?? rules.Plans.Line(who.Id)?.Withhold ?? false;
        var shown = CallerPresentation.Outside(CallOrigin.NumbersOf(who, withheld, rules.Directory.Current, direct), direct.IsOurs);
        SayShown(shown, trace);
        return shown;
    }

    private static void SayShown(CallerIdentity shown, RouteTrace? trace) => trace?.Say("dial-plan.presented",
        shown.Withheld ? $"Numéro masqué pour l'appelé ; l'opérateur reçoit {Show(shown.Asserted)}." : $"Numéro présenté : {Show(shown.Number)}.",
        shown.Withheld ? $"The number is withheld from the called party; the operator gets {Show(shown.Asserted)}." : $"Number shown: {Show(shown.Number)}.");

    private static string Show(PhoneNumber number) => number.IsEmpty ? "-" : number.Reveal();

    private static Way.Refused Refuse(Calls.Refusal refusal, RouteTrace? trace, string fr, string en)
    {
        trace?.Say(refusal.Code, fr, en);
        return new Way.Refused(refusal, refusal.SipStatus is 404 or 484 ? "number-unknown" : null);
    }

    private static Way.Announced Announce(string prompt, RouteTrace? trace)
    {
        trace?.Say("dial-plan.announcement", $"Message « {prompt} », puis fin de l'appel.", $"The message \"{prompt}\", then the end of the call.");
        return new Way.Announced(prompt);
    }
}
