// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Server.Features.Calendars.Contract;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Features.Forwarding.Contract;

namespace Beffroi.Server.Features.DialPlan.Routing;

/// <summary>What happens inside the town: direct numbers, welcome messages, extensions and their forwardings, emergency routes, feature codes.</summary>
internal sealed partial class DialPlanEngine
{
    /// <summary>The way on when an extension did not answer: its forwarding, else its voicemail box, else a refusal.</summary>
    /// <param name="result">Never <see cref="RingResult.Answered"/>, <see cref="RingResult.Stopped"/> or <see cref="RingResult.Deflected"/>.</param>
    public Way AfterRinging(Way.ToExtension rung, RingResult result, CallOrigin origin, RouteTrace? trace = null)
    {
        var kind = result switch
        {
            RingResult.Busy or RingResult.Declined => ForwardingKind.Busy,
            RingResult.NoAnswer => ForwardingKind.NoAnswer,
            _ => ForwardingKind.Unreachable,
        };
        if (rung.Rules?.Of(kind) is { } destination) return Forward(rung.Extension, destination, ReasonOf(kind), origin, trace);
        var number = PhoneNumber.Of(rung.Extension.Number);
        if (rules.Boxes.Current.Of(rung.Extension.OrganisationId, number) is not null)
            return Forward(rung.Extension, Destination.VoicemailOf(number), ReasonOf(kind), origin, trace);
        return kind switch
        {
            ForwardingKind.Busy => Refuse(Refusals.Busy, trace, "Ni renvoi ni messagerie : l'appelant entend l'occupation.", "No forwarding and no voicemail: the caller hears busy."),
            ForwardingKind.NoAnswer => Refuse(Refusals.NoAnswer, trace, "Ni renvoi ni messagerie : l'appel se termine.", "No forwarding and no voicemail: the call ends."),
            _ => Refuse(Refusals.Unreachable, trace, "Ni renvoi ni messagerie : le poste est injoignable.", "No forwarding and no voicemail: the extension cannot be reached."),
        };
    }

    internal static DiversionReason ReasonOf(ForwardingKind kind) => kind switch
    {
        ForwardingKind.Immediate => DiversionReason.Unconditional,
        ForwardingKind.Busy => DiversionReason.UserBusy,
        ForwardingKind.NoAnswer => DiversionReason.NoAnswer,
        _ => DiversionReason.Unavailable,
    };

    private Way FromOutside(string dialled, CallOrigin origin, RouteTrace? trace)
    {
        trace?.Say("dial-plan.from-outside", $"Appel de l'extérieur vers {dialled}.", $"A call from outside to {dialled}.");
        if (!origin.FromTrunk) return Refuse(Refusals.NobodyKnown, trace, "L'appelant n'est pas un poste connu.", "The caller is no known extension.");
        if (origin.InternalFor is { } organisation && FromPeer(dialled, origin with { Organisation = organisation }, trace) is { } inside) return inside;
        var fault = Numbering.NormaliseFromNetwork(dialled, out var number);
        if (fault != NumberFault.None || !rules.DirectNumbers.Current.TryGet(number.Number, out var direct))
            return Refuse(Refusals.NotOurs, trace, "Ce numéro n'est pas dans l'inventaire des SDA.", "This number is not in the inventory of direct numbers.");
        return DirectNumber(direct, origin, trace);
    }

    /// <summary>A call from another PBX of the town: extensions and groups, and neither feature codes nor any way out. null when the number is no internal one.</summary>
    private Way? FromPeer(string dialled, CallOrigin origin, RouteTrace? trace)
    {
        var name = rules.Directory.Current.Organisations.GetValueOrDefault(origin.Organisation!.Value)?.Name ?? "?";
        trace?.Say("dial-plan.internal-in", $"La liaison porte les appels internes de {name} : ses postes et ses groupes peuvent être appelés, rien d'autre.",
            $"The trunk carries the internal calls of {name}: its extensions and groups may be called, nothing else.");
        return InternalNumber(dialled, origin, trace);
    }

    private Way DirectNumber(DirectNumber direct, CallOrigin origin, RouteTrace? trace)
    {
        trace?.Say("direct-numbers.found", $"{direct.Number.Reveal()} est la SDA « {direct.Label} ».", $"{direct.Number.Reveal()} is the direct number \"{direct.Label}\".");
        if (origin.Entered.Contains(direct.Number)) return Refuse(Refusals.Loop, trace, $"Boucle : l'appel est déjà passé par {direct.Number.Reveal()}.", $"Loop: the call has been at {direct.Number.Reveal()} already.");
        if (origin.Entered.Count > MostHops) return Refuse(Refusals.TooManyHops, trace, $"Plus de {MostHops} SDA se renvoient l'appel.", $"More than {MostHops} direct numbers send the call on.");
        var inside = origin with { Organisation = direct.OrganisationId, Entered = [.. origin.Entered, direct.Number] };
        return Welcome(direct.Number, inside, trace, () => Resolve(direct.Destination, inside, trace));
    }

    private Way Welcome(PhoneNumber number, CallOrigin origin, RouteTrace? trace, Func<Way> then)
    {
        if (rules.Welcomes.Current.Of(origin.Organisation!.Value, number) is not { } welcome) return then();
        var state = welcome.Calendar is { } id ? rules.Calendars.Of(id)?.At(origin.At) : null;
        if (state is not null) SayCalendar(welcome.Calendar!.Value, state, trace);
        if (state is not { Open: false })
        {
            if (welcome.OpenPrompt.Length == 0) return then();
            trace?.Say("welcome-message.open", $"Message d'accueil « {welcome.OpenPrompt} » {Words.Fr(welcome.Moment)}{(welcome.AnswerFirst ? ", appel décroché" : ", avant décroché")}.",
                $"Welcome message \"{welcome.OpenPrompt}\" {Words.En(welcome.Moment)}{(welcome.AnswerFirst ? ", call answered" : ", before the answer")}.");
            return new Way.Welcomed(welcome, true, welcome.OpenPrompt, then());
        }

        if (welcome.ClosedPrompt.Length > 0)
            trace?.Say("welcome-message.closed", $"Message de fermeture « {welcome.ClosedPrompt} ».", $"Closed message \"{welcome.ClosedPrompt}\".");
        var after = welcome.Closed.Kind == DestinationKind.None
            ? Refuse(Refusals.Closed, trace, "Fermé : l'appel se termine.", "Closed: the call ends.") with { Prompt = null }
            : Resolve(welcome.Closed, origin, trace);
        return new Way.Welcomed(welcome, false, welcome.ClosedPrompt, after);
    }

    private void SayCalendar(Guid id, CalendarState state, RouteTrace? trace)
    {
        if (trace is null || rules.Calendars.Of(id) is not { } calendar) return;
        var next = state.NextChange is { } at ? TimeZoneInfo.ConvertTime(at, calendar.Zone) : (DateTimeOffset?)null;
        trace.Say(state.Open ? "calendars.open" : "calendars.closed",
            $"Calendrier « {calendar.Name} » : {(state.Open ? "ouvert" : "fermé")} ({Words.Fr(state)}){(next is { } fr ? $", jusqu'au {fr:dd/MM/yyyy HH:mm}" : "")}.",
            $"Calendar \"{calendar.Name}\": {(state.Open ? "open" : "closed")} ({Words.En(state)}){(next is { } en ? $", until {en:yyyy-MM-dd HH:mm}" : "")}.");
    }

    private Way ToExtension(Extension extension, CallOrigin origin, DirectorySnapshot directory, RouteTrace? trace)
    {
        if (origin.HasBeenAt(extension)) return Refuse(Refusals.Loop, trace, $"Boucle : l'appel est déjà passé par {extension.Number}.", $"Loop: the call has been at {extension.Number} already.");
        var forwarding = rules.Forwardings.Of(extension.Id);
        var name = directory.DisplayName(extension);
        trace?.Say("directory.extension", $"{extension.Number} est le poste de {name}.", $"{extension.Number} is the extension of {name}.");
        if (forwarding?.Immediate is { } immediate) return Forward(extension, immediate, DiversionReason.Unconditional, origin, trace);
        if (forwarding?.DoNotDisturb == true) return DoNotDisturb(extension, origin, trace);
        var ring = forwarding?.NoAnswerAfter ?? ForwardingRules.DefaultNoAnswerAfter;
        trace?.Say("dial-plan.ring", $"Les appareils enregistrés du poste {extension.Number} sonnent {ring.TotalSeconds:0} s.", $"The registered devices of extension {extension.Number} ring for {ring.TotalSeconds:0} s.");
        return new Way.ToExtension(extension, name, ring, forwarding);
    }

    private Way DoNotDisturb(Extension extension, CallOrigin origin, RouteTrace? trace)
    {
        trace?.Say("forwarding.do-not-disturb", $"Le poste {extension.Number} ne veut pas être dérangé.", $"Extension {extension.Number} does not want to be disturbed.");
        var number = PhoneNumber.Of(extension.Number);
        return rules.Boxes.Current.Of(extension.OrganisationId, number) is null
            ? new Way.Refused(Refusals.DoNotDisturb)
            : Forward(extension, Destination.VoicemailOf(number), DiversionReason.DoNotDisturb, origin, trace);
    }

    private Way Forward(Extension from, Destination to, DiversionReason reason, CallOrigin origin, RouteTrace? trace)
    {
        trace?.Say("forwarding.forwarded", $"Renvoi du poste {from.Number} ({Words.Fr(reason)}) vers {Words.Fr(to)}.", $"Extension {from.Number} forwards ({Words.En(reason)}) to {Words.En(to)}.");
        if (origin.Hops >= MostHops) return Refuse(Refusals.TooManyHops, trace, $"Plus de {MostHops} renvois.", $"More than {MostHops} forwardings.");
        var party = PartyOf(from, rules.Directory.Current);
        var then = Resolve(to, origin with { Organisation = from.OrganisationId, Rights = from, WithPin = false, Passed = [.. origin.Passed, party] }, trace);
        return new Way.Diverted(party, reason, then);
    }

    private Way Voicemail(PhoneNumber number, CallOrigin origin, RouteTrace? trace)
    {
        if (origin.Organisation is not { } organisation || rules.Boxes.Current.Of(organisation, number) is not { } box)
            return Refuse(Refusals.NoBox, trace, $"Il n'y a pas de messagerie pour {Show(number)}.", $"There is no voicemail box for {Show(number)}.");
        trace?.Say("voicemail.deposit", $"Messagerie de {box.Name}.", $"Voicemail of {box.Name}.");
        return new Way.ToVoicemail(box);
    }

    private Way.ToEmergency Emergency(EmergencyNumber number, CallOrigin origin, DirectorySnapshot directory, RouteTrace? trace)
    {
        var by = origin.Caller ?? origin.Rights;
        var site = origin.Party.Site ?? by?.SiteId;
        var route = rules.Emergency.Current.RouteOf(site, number);
        var direct = rules.DirectNumbers.Current;
        var numbers = by is null ? default : CallOrigin.NumbersOf(by, false, directory, direct);
        var shown = CallerPresentation.Emergency(numbers, route?.Presented ?? PhoneNumber.None, direct.IsOurs);
        var sent = route is { RoutedTo.IsEmpty: false } ? route.RoutedTo : PhoneNumber.Of(number.Number);
        var place = site is { } id && directory.Sites.TryGetValue(id, out var found) ? found.Name : "?";
        trace?.Say("emergency.call", $"Urgence : {number.Number}, {number.Fr}. Toujours autorisé. Site {place}, envoyé vers {sent.Reveal()}.",
            $"Emergency: {number.Number}, {number.En}. Always allowed. Site {place}, sent to {sent.Reveal()}.");
        SayShown(shown, trace);
        return new Way.ToEmergency(number, sent, shown, route?.Trunk, by);
    }

    private Way Code(FeatureCode code, string argument, CallOrigin origin, DirectorySnapshot directory, RouteTrace? trace)
    {
        trace?.Say("dial-plan.feature-code", $"Code {code.Pattern} : {code.Fr}{(argument.Length > 0 ? $" ({argument})" : "")}.", $"Code {code.Pattern}: {code.En}{(argument.Length > 0 ? $" ({argument})" : "")}.");
        // Without an extension's rights it is a stranger who sends the extension there: not the extension's own wish.
        if (origin.Rights is not { } rights || (code.Action == FeatureAction.Park ? rights : origin.Caller) is not { } by) return Refuse(Refusals.NobodyKnown, trace, "Les codes sont réservés aux postes.", "Codes are for extensions only.");
        return code.Action switch
        {
            FeatureAction.WithholdNumber => Dialled(argument, origin with { Withhold = true }, directory, trace),
            FeatureAction.ShowNumber => Dialled(argument, origin with { Withhold = false }, directory, trace),
            FeatureAction.VoicemailDeposit => Voicemail(PhoneNumber.TryParse(argument, out var number) ? number : PhoneNumber.None, origin, trace),
            FeatureAction.CallWithPin => CallWithPin(argument, origin with { Rights = by, WithPin = true }, directory, trace),
            _ => new Way.Service(code, argument, by),
        };
    }

    /// <summary>As if the number were dialled alone, with the class that the line's PIN opens. An emergency number needs no PIN here either.</summary>
    private Way CallWithPin(string argument, CallOrigin origin, DirectorySnapshot directory, RouteTrace? trace)
    {
        var emergency = rules.Emergency.Current.TryMatch(argument, rules.Plans.OutsidePrefix(origin.Organisation!.Value), out _);
        if (!emergency && rules.Plans.Line(origin.Rights!.Id) is not { CallsWithPin: true })
        {
            return Refuse(Refusals.NoPin, trace, "Ce poste n'appelle pas avec un code secret : il n'a pas de classe avec code secret, ou pas de code.",
                "This extension does not call with a PIN: it has no calling class with PIN, or no PIN.") with
            {
                Prompt = "pin-not-set",
            };
        }

        return Dialled(argument, origin, directory, trace);
    }

    internal static CallParty PartyOf(Extension extension, DirectorySnapshot directory) =>
        new(PartyKind.Internal, extension.Number, directory.DisplayName(extension)) { Extension = extension.Id, Person = extension.PersonId, Site = extension.SiteId };
}
