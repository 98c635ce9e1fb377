// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;

namespace Beffroi.Server.Features.DialPlan.Routing;

/// <summary>Prefixes that lead to a trunk: another PBX of the town, a site that has not moved yet.</summary>
internal sealed partial class DialPlanEngine
{
    /// <summary>A number behind a prefix: the longest prefix wins. null when none holds it.</summary>
    private Way? Prefixed(string dialled, CallOrigin origin, RouteTrace? trace)
    {
        if (origin.Organisation is not { } organisation || rules.Plans.Prefix(organisation, dialled) is not { } route) return null;
        var sent = route.Sent(dialled);
        trace?.Say("dial-plan.prefix", $"Le préfixe {route.Prefix} mène à « {route.Label} » : {sent.Reveal()} y est composé.", $"The prefix {route.Prefix} leads to \"{route.Label}\": {sent.Reveal()} is dialled there.");
        if (origin.InternalFor is not null) return InwardOnly(trace);
        var number = new CanonicalNumber(sent, NumberClass.Internal, null);
        if (origin is { Rights: null, SetByRule: true }) return new Way.ToOutside(number, ShownAsCame(origin, trace), null) { Only = route.Trunk };
        if (origin.Rights is not { } who) return Refuse(Refusals.NobodyKnown, trace, "Appelant inconnu : pas d'appel vers une autre installation.", "Unknown caller: no call to another PBX.");
        var counts = ClassOf(who, origin, trace);
        var allowed = counts.Rights.AllowsInside(dialled, out var decidedBy);
        SayRights(who, counts, allowed, decidedBy, trace);
        if (!allowed) return new Way.Refused(Refusals.Barred, "not-allowed");
        var shown = CallerPresentation.Inside(CallOrigin.NumbersOf(who, false, rules.Directory.Current, rules.DirectNumbers.Current));
        SayShown(shown, trace);
        return OnRights(counts.Reason, new Way.ToOutside(number, shown, who) { Only = route.Trunk }, trace);
    }

    /// <summary>A stranger whom a rule of the town sends to its other PBX is shown there as to a colleague: by the number the network gave.</summary>
    private static CallerIdentity ShownAsCame(CallOrigin origin, RouteTrace? trace)
    {
        var (party, number) = (origin.Party, PhoneNumber.None);
        if (!party.Withheld)
            number = Numbering.NormaliseFromNetwork(party.Number, out var known) == NumberFault.None ? known.Number : PhoneNumber.TryParse(party.Number, out var plain) ? plain : PhoneNumber.None;
        var shown = number.IsEmpty ? new CallerIdentity("", PhoneNumber.None, PhoneNumber.None, true) : new CallerIdentity(party.Name, number, number, false);
        SayShown(shown, trace);
        return shown;
    }

    private static Way.Refused InwardOnly(RouteTrace? trace) =>
        Refuse(Refusals.InwardOnly, trace, "L'appel est entré par une liaison pour les appels internes : il ne ressort par aucune liaison.",
            "The call came in by a trunk for internal calls: it goes out by no trunk again.") with
        {
            Prompt = "not-allowed",
        };
}
