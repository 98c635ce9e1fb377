// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Sip.Transactions;

/// <summary>Where responses go: RFC 3261 §18.2.2, RFC 3581 §4.</summary>
internal static class ResponsePath
{
    /// <summary>The flow the request came by, except for a UDP request without <c>rport</c>, which is answered to the port its Via names.</summary>
    /// <remarks>Deviation: <c>maddr</c> is not followed; it would let a request send our answers to third parties.</remarks>
    internal static SipFlow FlowFor(SipMessage request, SipFlow arrived, ISipSender sender)
    {
        if (arrived.Kind != SipTransportKind.Udp || !request.TryTopVia(out var via, out _) || via.HasRport) return arrived;
        var port = via.Port > 0 ? via.Port : SipTransportKind.Udp.DefaultPort();
        return port != arrived.Remote.Port && sender.TryGetFlow(SipTransportKind.Udp, new IPEndPoint(arrived.Remote.Address, port), out var other) ? other : arrived;
    }

    /// <summary>Where to open a connection for a response whose own connection was lost: the address the request came from, at the port its Via names. Null where
    /// none can be opened (WebSocket) or needs to be (UDP).</summary>
    /// <remarks>Deviation: when that fails, the host name of the Via is not looked up (RFC 3263 §5): a request could aim our connections at third parties.</remarks>
    internal static SipTarget? Reopened(SipMessage request, SipFlow arrived)
    {
        if (arrived.Kind is not (SipTransportKind.Tcp or SipTransportKind.Tls) || !request.TryTopVia(out var via, out _)) return null;
        var name = arrived.Kind == SipTransportKind.Tls ? System.Text.Encoding.ASCII.GetString(via.Host) : null;
        if (name is not null && IPAddress.TryParse(name.AsSpan().Trim("[]"), out _)) name = null;
        return new SipTarget(arrived.Kind, new IPEndPoint(arrived.Remote.Address, via.Port > 0 ? via.Port : arrived.Kind.DefaultPort()), name);
    }
}
