// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.SipHost;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Server.Features.CallControl;

/// <summary>INVITE: who is it, proved; then the exchange makes a call of it.</summary>
/// <remarks>Threading: SIP threads; never waits.</remarks>
internal sealed class InviteHandler(Lazy<Exchange> exchange, DeviceGate gate, TrunkGate trunkGate, IDirectory directory, ITrunks trunks, OwnDomains domains, SipTransportLayer transport, TimeProvider time)
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

        if (trunkGate.TryKnow(request, invite.Flow, out var trunk))
        {
            FromTrunk(invite, trunk, uri);
            return;
        }

        if (!gate.TryEnter(request, invite.Flow, proxy: true, out var device, out var status, out var challenge))
        {
            invite.Respond(status, null, challenge);
            return;
        }

        if (!uri.IsTel && !domains.IsOwn(uri))           // a tel URI names no server: whoever gets it routes it (RFC 3261 §19.1.6)
        {
            invite.Respond(SipStatus.NotFound, null, CallIsNotForUs);
            return;
        }

        FromDevice(invite, device, uri);
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
        if (!trunkGate.TryEnter(invite.Request, trunk, out var status, out var challenge))
        {
            transport.Guard.Failed(invite.Flow.Remote.Address);
            invite.Respond(status, null, challenge);
            return;
        }

        if (!trunks.TryTake(trunk))
        {
            invite.Respond(SipStatus.ServiceUnavailable, null, [new SipHeader(SipHeaderName.Reason, "Q.850;cause=34"), new SipHeader(SipHeaderName.RetryAfter, "5")]);
            return;
        }

        var caller = CallerOf(invite.Request, trunk);
        var channel = new TrunkChannel(trunks, trunk.Id);
        exchange.Value.Accept(
            invite,
            new CallRequest { Caller = caller, Dialled = uri.Dialled, At = time.GetUtcNow(), FromTrunk = true },
            TrunkCodecs.Of(trunk),
            channel);
    }

    /// <summary>The network's word (P-Asserted-Identity, RFC 3325) before the caller's own; a withheld number is not shown to anybody.</summary>
    private static CallParty CallerOf(SipMessage request, Trunk trunk)
    {
        var withheld = AsksForPrivacy(request);
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
