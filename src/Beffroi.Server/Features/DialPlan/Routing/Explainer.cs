// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.HuntGroups.Contract;

namespace Beffroi.Server.Features.DialPlan.Routing;

/// <summary>Follows a call to its end in words: the router's steps, then which telephones ring in which order, over which trunks it goes out, and what follows when nobody answers. Places no call.</summary>
/// <remarks>Threading: any thread; reads what holds at this moment (registrations, members logged in, trunks) whatever moment is asked about.</remarks>
internal sealed class Explainer(DialPlanEngine engine, IDirectory directory, IExtensionPhones phones, ITrunkLines trunks, IHuntTurns turns)
{
    /// <summary>So many places are told one after the other; a call that goes on further is a mistake of the settings.</summary>
    private const int MostPlaces = 6;

    public Explanation Tell(CallRequest call)
    {
        var trace = new RouteTrace();
        var way = engine.Resolve(call, trace);
        var (last, passed) = Last(way, []);
        SayPlace(last, call.Caller, trace);
        var origin = engine.OriginOf(call) with { Passed = passed };
        return new Explanation(Outcome(last), (last as Way.Refused)?.Refusal.Code, trace.Steps, last switch
        {
            Way.ToExtension rung => [Unanswered(rung, "busy", RingResult.Busy, origin), Unanswered(rung, "noAnswer", RingResult.NoAnswer, origin), Unanswered(rung, "unreachable", RingResult.Unreachable, origin)],
            Way.ToGroup to => [Overflow(to.Group, origin)],
            _ => [],
        });
    }

    private ExplainedCase Unanswered(Way.ToExtension rung, string when, RingResult result, CallOrigin origin)
    {
        var trace = new RouteTrace();
        var within = origin with { Organisation = origin.Organisation ?? rung.Extension.OrganisationId };
        Follow(engine.AfterRinging(rung, result, within, trace), within, [], trace);
        return new ExplainedCase(when, trace.Steps);
    }

    private ExplainedCase Overflow(HuntGroup group, CallOrigin origin)
    {
        var trace = new RouteTrace();
        Overflow(group, origin, [group.Id], trace);
        return new ExplainedCase("overflow", trace.Steps);
    }

    private void Overflow(HuntGroup group, CallOrigin origin, IReadOnlyList<Guid> groups, RouteTrace trace)
    {
        if (group.Overflow.Kind == DestinationKind.None)
        {
            trace.Say("hunt-groups.no-overflow", $"Le groupement « {group.Name} » n'a pas de débordement : l'appel se termine.", $"The hunt group \"{group.Name}\" has no overflow: the call ends.");
            return;
        }

        trace.Say("hunt-groups.overflow", $"Personne de « {group.Name} » n'a répondu : débordement vers {Words.Fr(group.Overflow)}.", $"Nobody of \"{group.Name}\" answered: overflow to {Words.En(group.Overflow)}.");
        var within = origin with { Organisation = group.OrganisationId };
        Follow(engine.Resolve(group.Overflow, within, trace), within, groups, trace);
    }

    /// <summary>Tells a place that the call comes to, then where it goes when nobody answers there either.</summary>
    /// <param name="groups">The groups where it has been: one of them again would be told for ever.</param>
    private void Follow(Way way, CallOrigin origin, IReadOnlyList<Guid> groups, RouteTrace trace, int places = 1)
    {
        var (last, passed) = Last(way, origin.Passed);
        SayPlace(last, origin.Party, trace);
        if (places == MostPlaces) return;
        var next = origin with { Passed = passed };
        switch (last)
        {
            case Way.ToExtension rung:
                trace.Say("dial-plan.no-answer-there", $"Sans réponse au poste {rung.Extension.Number} :", $"Without an answer at extension {rung.Extension.Number}:");
                var result = TargetsOf(rung.Extension).Count == 0 ? RingResult.Unreachable : RingResult.NoAnswer;
                Follow(engine.AfterRinging(rung, result, next, trace), next, groups, trace, places + 1);
                break;
            case Way.ToGroup to when groups.Contains(to.Group.Id):
                trace.Say("hunt-groups.loop", $"Boucle : l'appel est déjà passé par « {to.Group.Name} ».", $"Loop: the call has been at \"{to.Group.Name}\" already.");
                break;
            case Way.ToGroup { Group: var group }:
                Overflow(group, next, [.. groups, group.Id], trace);
                break;
        }
    }

    private void SayPlace(Way place, CallParty caller, RouteTrace trace)
    {
        switch (place)
        {
            case Way.ToExtension rung: SayPhones(rung.Extension, trace); break;
            case Way.ToGroup { Group: var group }: SayMembers(group, caller, trace); break;
            case Way.ToOutside to: SayTrunks(OutsideOf(to), trace); break;
            case Way.PinAsked { Then: var to }: SayTrunks(OutsideOf(to), trace); break;
            case Way.ToEmergency to: SayTrunks(OutsideOf(to.Sent, to.Shown, to.By) with { First = to.Trunk, Emergency = true }, trace); break;
        }
    }

    private void SayPhones(Extension extension, RouteTrace trace)
    {
        var (number, all, here) = (extension.Number, directory.Current.DevicesOf(extension.Id), TargetsOf(extension));
        if (all.Count == 0)
        {
            trace.Say("registration.no-device", $"Le poste {number} n'a pas d'appareil : il est injoignable.", $"Extension {number} has no device: it cannot be reached.");
            return;
        }

        var away = all.Select(d => d.SipUsername).Except(here).ToList();
        if (here.Count == 0) trace.Say("registration.none", $"Aucun appareil du poste {number} n'est enregistré ({Join(away)}) : il est injoignable.", $"No device of extension {number} is registered ({Join(away)}): it cannot be reached.");
        else if (away.Count == 0) trace.Say("registration.here", $"Enregistré(s) : {Join(here)}.", $"Registered: {Join(here)}.");
        else trace.Say("registration.here", $"Enregistré(s) : {Join(here)} ; non enregistré(s) : {Join(away)}.", $"Registered: {Join(here)}; not registered: {Join(away)}.");
    }

    private void SayMembers(HuntGroup group, CallParty caller, RouteTrace trace)
    {
        var now = directory.Current;
        var order = turns.Now(group, caller).Where(now.Extensions.ContainsKey).Select(id => now.Extensions[id]).ToList();
        var rung = order.Where(e => TargetsOf(e).Count > 0).ToList();
        if (rung.Count == 0) trace.Say("hunt-groups.nobody", "Personne à faire sonner : débordement tout de suite.", "Nobody to ring: overflow at once.");
        else if (group.Strategy == HuntStrategy.RingAll)
        {
            var all = Join(rung.Select(e => Name(e, now)));
            trace.Say("hunt-groups.ring", $"Sonnent ensemble {group.Timeout.TotalSeconds:0} s : {all}.", $"Ring together for {group.Timeout.TotalSeconds:0} s: {all}.");
        }
        else
        {
            for (var i = 0; i < rung.Count; i++)
                trace.Say("hunt-groups.turn", $"{i + 1}. {Name(rung[i], now)} sonne {group.MemberRing.TotalSeconds:0} s.", $"{i + 1}. {Name(rung[i], now)} rings for {group.MemberRing.TotalSeconds:0} s.");
            trace.Say("hunt-groups.again", $"Puis à nouveau depuis le premier, jusqu'à {group.Timeout.TotalSeconds:0} s en tout.", $"Then from the first again, until {group.Timeout.TotalSeconds:0} s in all.");
        }

        foreach (var member in group.Members.OrderBy(m => m.Order))
        {
            if (!now.Extensions.TryGetValue(member.Extension, out var extension) || rung.Contains(extension)) continue;
            var (fr, en) = !member.LoggedIn ? ("sorti du groupement", "logged out of the group") : order.Contains(extension) ? ("aucun appareil enregistré", "no device registered")
                : caller.Kind == PartyKind.Internal && caller.Number == extension.Number ? ("c'est l'appelant", "it is the caller") : ("occupé, ou ne veut pas être dérangé", "busy, or not to be disturbed");
            trace.Say("hunt-groups.left-out", $"Ne sonne pas : {Name(extension, now)} ({fr}).", $"Does not ring: {Name(extension, now)} ({en}).");
        }
    }

    private static OutsideCall OutsideOf(Way.ToOutside to) => OutsideOf(to.Number.Number, to.Shown, to.Rights) with { Only = to.Only };

    private static OutsideCall OutsideOf(PhoneNumber number, CallerIdentity shown, Extension? by) =>
        new(number, new RingAs(shown, CallParty.Unknown, new CallParty(PartyKind.External, number.Reveal(), ""), []), by?.OrganisationId, by?.SiteId, null, false);

    private void SayTrunks(OutsideCall call, RouteTrace trace)
    {
        var ways = trunks.Preview(call);
        if (ways.Count == 0 && call.Only is not null) trace.Say("trunks.none", "La liaison de ce préfixe n'est pas en service : l'appel ne peut pas partir.", "The trunk of this prefix is not enabled: the call cannot go there.");
        else if (ways.Count == 0) trace.Say("trunks.none", "Aucune liaison opérateur en service n'est réglée : l'appel ne peut pas sortir.", "No operator trunk is set and enabled: the call cannot go out.");
        var tried = 0;
        foreach (var way in ways)
        {
            var (fr, en) = TrunkWords.Of(way, way.Lot is TrunkLot.Tried or TrunkLot.TriedThoughDown ? ++tried : 0);
            trace.Say(TrunkWords.CodeOf(way.Lot), fr, en);
        }
    }

    /// <summary>The devices that would ring, by SIP username.</summary>
    private List<string> TargetsOf(Extension extension)
    {
        var how = new RingAs(new CallerIdentity("", PhoneNumber.None, PhoneNumber.None, true), CallParty.Unknown, new CallParty(PartyKind.Internal, extension.Number, ""), []);
        return [.. phones.TargetsOf(extension, how).Select(t => t.Party.Device).OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    private static string Name(Extension extension, DirectorySnapshot now) => now.DisplayName(extension) is var name && name == extension.Number ? name : $"{extension.Number} {name}";

    private static string Join(IEnumerable<string> words) => string.Join(", ", words);

    private static (Way Last, IReadOnlyList<CallParty> Passed) Last(Way way, IReadOnlyList<CallParty> passed) => way switch
    {
        Way.Welcomed welcomed => Last(welcomed.Then, passed),
        Way.Diverted diverted => Last(diverted.Then, [.. passed, diverted.From]),
        _ => (way, passed),
    };

    private static string Outcome(Way way) => way switch
    {
        Way.ToExtension => "extension",
        Way.ToGroup => "huntGroup",
        Way.ToVoicemail => "voicemail",
        Way.ToOutside or Way.PinAsked => "outside",
        Way.ToEmergency => "emergency",
        Way.Service => "featureCode",
        Way.Announced => "announcement",
        _ => "refused",
    };
}
