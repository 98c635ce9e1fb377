// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.DirectNumbers.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Server.Features.CallControl;

/// <summary>INVITE: who is it, proved; then the exchange makes a call of it.</summary>
/// <remarks>Threading: SIP threads; never waits.</remarks>
internal sealed class InviteHandler(Lazy<Exchange> exchange, DeviceGate gate, TrunkGate trunkGate, IDirectory directory, IDirectNumbers numbers, ITrunks trunks, OwnDomains domains, TimeProvider time)
    : IInviteHandler
{
    private static readonly SipHeader[] CallIsNotForUs = [new(SipHeaderName.Warning, "399 beffroi \"This address is not of this server, which relays nothing.\"")];

    public void Handle(InboundInvite invite)
    {
        var request = invite.Request;
        if (request.RequestUri is not { User.Length: > 0 } uri)
        {
            invite.Respond(SipStatus.NotFound);
            return;
        }

        if (trunkGate.TryKnow(request, invite.Flow, out var known) && !known.InboundDigest)
        {
            FromTrunk(invite, known, uri);
            return;
        }

        if (!gate.TryEnterCall(request, invite.Flow, out var device, out var trunk, out var status, out var challenge))
        {
            invite.Respond(status, null, challenge);
            return;
        }

        if (trunk is not null) FromTrunk(invite, trunk, uri);
        else if (!uri.IsTel && !domains.IsOwn(uri)) invite.Respond(SipStatus.NotFound, null, CallIsNotForUs);           // a tel URI names no server: whoever gets it routes it (RFC 3261 §19.1.6)
        else FromDevice(invite, device!, uri);
    }

    private void FromDevice(InboundInvite invite, Device device, SipUri uri)
    {
        var now = directory.Current;
        var extension = now.ExtensionOf(device);
        var caller = new CallParty(PartyKind.Internal, extension.Number, now.DisplayName(extension))
        {
            Extension = extension.Id,
            Person = extension.PersonId,
            Device = device.SipUsername,
            Site = device.SiteId,
            Withheld = AsksForPrivacy(invite.Request),
        };
        exchange.Value.Accept(invite, new CallRequest { Caller = caller, Dialled = uri.Dialled, At = time.GetUtcNow() });
    }

    private void FromTrunk(InboundInvite invite, Trunk trunk, SipUri uri)
    {
        if (!trunks.TryTake(trunk))
        {
            invite.Respond(SipStatus.ServiceUnavailable, null, [new SipHeader(SipHeaderName.Reason, "Q.850;cause=34"), new SipHeader(SipHeaderName.RetryAfter, "5")]);
            return;
        }

        var caller = CallerOf(invite.Request, trunk);
        var channel = new TrunkChannel(trunks, trunk.Id);
        exchange.Value.Accept(
            invite,
            new CallRequest { Caller = caller, Dialled = CalledOf(invite.Request, trunk, uri), At = time.GetUtcNow(), FromTrunk = true },
            TrunkCodecs.Of(trunk),
            channel);
    }

    /// <summary>The number called. An operator with which we register may call the account, as its Contact says (RFC 3261 §16.5), and tell the number elsewhere: in P-Called-Party-ID
    /// (RFC 7315 §4.2), or in To alone. Whoever was forwarded to us has another's number in To: what is not in the inventory does not count.</summary>
    private string CalledOf(SipMessage request, Trunk trunk, SipUri uri)
    {
        if (!string.Equals(uri.User, trunk.Username, StringComparison.OrdinalIgnoreCase)) return uri.Dialled;
        if (NameAddress.TryParse(request.Text("P-Called-Party-ID"), out var called) && IsOurs(called.Uri)) return called.Uri!.Dialled;
        return IsOurs(request.To.Uri) ? request.To.Uri!.Dialled : uri.Dialled;
    }

    private bool IsOurs(SipUri? uri) =>
        uri is not null && NumberingPlan.French.NormaliseFromNetwork(uri.Dialled, out var number) == NumberFault.None && numbers.Current.TryGet(number.Number, out _);

    /// <summary>The network's word (P-Asserted-Identity, RFC 3325) before the caller's own; a withheld number is not shown to anybody, whether Privacy or an anonymous From (RFC 3323 §4.1) says so.</summary>
    private static CallParty CallerOf(SipMessage request, Trunk trunk)
    {
        var withheld = AsksForPrivacy(request) || request.From.Uri?.User.Equals("anonymous", StringComparison.OrdinalIgnoreCase) == true;
        var named = request.TryAddresses(SipHeaderName.PAssertedIdentity, out var asserted) && asserted.Count > 0 ? asserted[0] : request.From;
        var anonymous = withheld || named.Uri is null || named.Uri.User.Equals("anonymous", StringComparison.OrdinalIgnoreCase);
        return new CallParty(PartyKind.External, anonymous ? "" : named.Uri!.User, anonymous ? "" : named.DisplayName) { Trunk = trunk.Id, Withheld = withheld };
    }

    /// <summary>RFC 3323 §4.2: "id" (RFC 3325 §9.3), "user" and "header" all mean that the number is not shown.</summary>
    private static bool AsksForPrivacy(SipMessage request)
    {
        if (request.Text(SipHeaderName.Privacy) is not { } privacy) return false;
        foreach (var value in privacy.Split(';', StringSplitOptions.TrimEntries))
        {
            if (value.Equals("id", StringComparison.OrdinalIgnoreCase) || value.Equals("user", StringComparison.OrdinalIgnoreCase) || value.Equals("header", StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
