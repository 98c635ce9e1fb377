// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Server.Features.CallControl;

/// <summary>The trunks as targets to ring, best first.</summary>
internal sealed class TrunkLines(ITrunks trunks, IDirectNumbers directNumbers) : ITrunkLines
{
    public IEnumerable<RingTarget> For(OutsideCall call)
    {
        var tried = Tried(call, Ordered(call));
        for (var i = 0; i < tried.Count; i++)
        {
            if (trunks.TryTake(tried[i], call.Emergency)) yield return Target(tried[i], call, isLast: i == tried.Count - 1);
        }
    }

    public IReadOnlyList<TrunkPreview> Preview(OutsideCall call)
    {
        var ordered = Ordered(call);
        var tried = Tried(call, ordered);
        return [.. tried.Select(t => Preview(t, call, trunks.StateOf(t.Id).IsUp ? TrunkLot.Tried : TrunkLot.TriedThoughDown)), .. ordered.Except(tried).Select(t => Preview(t, call, TrunkLot.LeftOut))];
    }

    private List<Trunk> Ordered(OutsideCall call)
    {
        var usable = trunks.Current.Usable;
        if (call.Only is { } only) return [.. usable.Where(t => t.Id == only)];
        return [.. call.First is { } first ? usable.OrderByDescending(t => t.Id == first) : usable.AsEnumerable()];
    }

    /// <summary>A trunk thought down is left out, unless all are; where somebody's life may hang on it, it is tried when no other took the call.</summary>
    private List<Trunk> Tried(OutsideCall call, List<Trunk> ordered)
    {
        var up = ordered.Where(t => trunks.StateOf(t.Id).IsUp).ToList();
        return call.Emergency ? [.. up, .. ordered.Except(up)] : up.Count > 0 ? up : ordered;
    }

    private TrunkPreview Preview(Trunk trunk, OutsideCall call, TrunkLot lot)
    {
        var (calls, state) = (trunks.Channels(trunk.Id), trunks.StateOf(trunk.Id));
        if (lot != TrunkLot.LeftOut && !call.Emergency && trunk.ChannelLimit > 0 && calls >= trunk.ChannelLimit) lot = TrunkLot.Full;
        var shown = call.As.Shown.Withheld ? PhoneNumber.None : Presented(trunk, call.As.Shown.Number);
        return new TrunkPreview(trunk.Name, TrunkNumbers.Write(call.Number, trunk.NumberFormat), shown.IsEmpty ? "" : TrunkNumbers.Write(shown, trunk.NumberFormat), lot, state.DetailFr, state.Detail, calls, trunk.ChannelLimit);
    }

    private RingTarget Target(Trunk trunk, OutsideCall call, bool isLast)
    {
        var domain = trunk.Domain.Length > 0 ? trunk.Domain : trunk.Host;
        var secret = trunk.Username.Length > 0 ? trunks.SecretOf(trunk) : null;
        return new RingTarget
        {
            Party = new CallParty(PartyKind.External, call.Number.Reveal(), "") { Trunk = trunk.Id },
            Uri = TrunkNumbers.Uri(trunk, TrunkNumbers.Write(call.Number, trunk.NumberFormat)),
            From = From(trunk, call, domain),
            To = new NameAddress(SipUri.Of(TrunkNumbers.Write(call.Number, trunk.NumberFormat), domain)),
            Headers = Headers(trunk, call, domain),
            Credentials = secret is null ? null : new DigestCredentials(trunk.Username, secret),
            Codecs = TrunkCodecs.Of(trunk),
            Channel = new TrunkChannel(trunks, trunk.Id),
            EarlyMedia = true,
            FirstResponseWithin = PatienceWith(trunk, call.Emergency && !isLast),
            EvenInsecure = call.Emergency,
        };
    }

    /// <summary>Nobody who calls for help waits out timer B (32 s) while another trunk is there.</summary>
    private static TimeSpan? PatienceWith(Trunk trunk, bool isUrgent) =>
        trunk.AnswerWithinSeconds > 0 ? TimeSpan.FromSeconds(isUrgent ? Math.Min(trunk.AnswerWithinSeconds, Trunk.UsualAnswerWithinSeconds) : trunk.AnswerWithinSeconds)
        : isUrgent ? TimeSpan.FromSeconds(Trunk.UsualAnswerWithinSeconds) : null;

    private static NameAddress From(Trunk trunk, OutsideCall call, string domain)
    {
        if (call.As.Shown.Withheld) return new NameAddress(SipUri.Of("anonymous", "anonymous.invalid"), "Anonymous");
        var number = Presented(trunk, call.As.Shown.Number);
        return new NameAddress(SipUri.Of(number.IsEmpty ? trunk.Username : TrunkNumbers.Write(number, trunk.NumberFormat), domain), call.As.Shown.Name);
    }

    /// <summary>What the operator must know and what it may show: P-Asserted-Identity (RFC 3325), Privacy (RFC 3323), and where the call has been.</summary>
    private List<SipHeader> Headers(Trunk trunk, OutsideCall call, string domain)
    {
        var headers = new List<SipHeader>(4);
        var asserted = Presented(trunk, call.As.Shown.Asserted);
        if (!asserted.IsEmpty)
            headers.Add(new SipHeader(SipHeaderName.PAssertedIdentity, new NameAddress(SipUri.Of(TrunkNumbers.Write(asserted, trunk.NumberFormat), domain), call.As.Shown.Name).Reveal()));
        if (call.As.Shown.Withheld) headers.Add(new SipHeader(SipHeaderName.Privacy, "id"));
        headers.AddRange(DiversionHeaders.Of(call.As, domain, party => Outside(trunk, call, party)));
        return headers;
    }

    /// <summary>Operators cut calls that present a number which is not the town's: without one of its own, a caller shows the trunk's.</summary>
    private static PhoneNumber Presented(Trunk trunk, PhoneNumber number) =>
        !number.IsEmpty ? number : PhoneNumber.TryParse(trunk.PresentedNumber, out var own) ? own : PhoneNumber.None;

    /// <summary>A party as the public network may know it. Who forwarded inside the town is told by a direct number, its own or else its site's, its commune's, the trunk's:
    /// an internal number means nothing outside, and operators cut calls whose Diversion is not a number of the town. Another PBX of the town knows internal numbers.</summary>
    private string Outside(Trunk trunk, OutsideCall call, CallParty party)
    {
        if (!PhoneNumber.TryParse(party.Number, out var number)) return party.Number;
        if (party.Kind == PartyKind.External || call.Only is not null) return TrunkNumbers.Write(number, trunk.NumberFormat);
        var ours = directNumbers.Current;
        var own = call.Organisation is { } organisation ? ours.OfExtension(organisation, number) : PhoneNumber.None;
        if (own.IsEmpty) own = ours.OfSite(party.Site);
        if (own.IsEmpty && call.Organisation is { } commune) own = ours.OfOrganisation(commune);
        own = Presented(trunk, own);
        return own.IsEmpty ? trunk.Username : TrunkNumbers.Write(own, trunk.NumberFormat);
    }
}

/// <summary>How numbers are written on a trunk.</summary>
internal static class TrunkNumbers
{
    public static string Write(PhoneNumber number, TrunkNumberFormat format) => NumberingPlan.French.Write(number, format switch
    {
        TrunkNumberFormat.E164 => NumberFormat.E164,
        TrunkNumberFormat.E164WithoutPlus => NumberFormat.E164WithoutPlus,
        _ => NumberFormat.National,
    });

    public static SipUri Uri(Trunk trunk, string user) => SipUri.Of(user, trunk.Host, trunk.Port, trunk.Transport switch
    {
        TrunkTransport.Tcp => "tcp",
        TrunkTransport.Tls => "tls",
        _ => trunk.Port > 0 ? "udp" : null,
    });
}
