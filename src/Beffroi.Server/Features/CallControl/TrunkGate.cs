// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using Beffroi.Media.Sdp;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Knows a trunk without its password: by the address it sends from, or by the Contact of a registration of ours that it calls. Where the trunk's calls must prove
/// themselves (<see cref="Trunk.InboundDigest"/>), <see cref="DeviceGate"/> asks, from whatever address they come.</summary>
internal sealed class TrunkGate(ITrunks trunks, TrunkRegistrations registrations, IDirectory directory)
{
    /// <summary>What a trunk may send: calls. It neither registers here nor watches lamps.</summary>
    private static readonly SipHeader[] Served = [new(SipHeaderName.Allow, "ACK, BYE, CANCEL, INFO, INVITE, NOTIFY, OPTIONS, PRACK, REFER, UPDATE")];

    /// <summary>The trunk that speaks. A device behind the same address (a test bench, a gateway) says who it is: its credentials, or its name, are the device's.</summary>
    public bool TryKnow(SipMessage request, SipFlow flow, [NotNullWhen(true)] out Trunk? trunk)
    {
        trunk = null;
        if (request.Has(SipHeaderName.ProxyAuthorization) || request.Has(SipHeaderName.Authorization)) return false;
        if (request.From.Uri is { } from && directory.Current.TryDevice(from.User, out _)) return false;
        var source = flow.Remote.Address;
        return registrations.TryContact(request.RequestUri, out trunk) || trunks.Current.TryFrom(source, out trunk) || registrations.TryFrom(source, request.RequestUri?.User ?? "", out trunk);
    }

    /// <summary>RFC 3261 §8.2.1: a method that is not for trunks gets 405 with those that are. A challenge would ask the operator for a password that it does not have.</summary>
    public bool Refuses(ServerTransaction transaction)
    {
        if (!TryKnow(transaction.Request, transaction.Flow, out _)) return false;
        transaction.Respond(SipStatus.MethodNotAllowed, null, Served);
        return true;
    }
}

/// <summary>A taken channel; given back once.</summary>
internal sealed class TrunkChannel(ITrunks trunks, Guid trunk) : IDisposable
{
    private int _given;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _given, 1) == 0) trunks.Release(trunk);
    }
}

/// <summary>A trunk's codec list as a policy.</summary>
internal static class TrunkCodecs
{
    public static CodecPolicy Of(Trunk trunk) => trunk.Codecs.Count == 0
        ? CodecPolicy.Default
        : CodecPolicy.Default with { Allowed = [.. trunk.Codecs], Own = [.. trunk.Codecs], OurOrder = true, Video = false, Text = false };
}
