// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Transport;

/// <summary>How SIP messages travel: RFC 3261 §18, WebSocket RFC 7118.</summary>
public enum SipTransportKind : byte { Udp, Tcp, Tls, Ws, Wss }

public static class SipTransportKinds
{
    /// <summary>The transport as it stands in a Via header: RFC 3261 §20.42, RFC 7118 §5.2.</summary>
    public static string ViaToken(this SipTransportKind kind) => kind switch
    {
        SipTransportKind.Udp => "UDP",
        SipTransportKind.Tcp => "TCP",
        SipTransportKind.Tls => "TLS",
        SipTransportKind.Ws => "WS",
        _ => "WSS"
    };

    /// <summary>The value of the URI parameter <c>transport</c>: "tcp" for TLS in a sips URI (RFC 3261 §26.2.2), "ws" for both kinds of WebSocket.</summary>
    public static string UriToken(this SipTransportKind kind) => kind switch
    {
        SipTransportKind.Udp => "udp",
        SipTransportKind.Tcp => "tcp",
        SipTransportKind.Tls => "tls",
        _ => "ws"
    };

    public static bool IsReliable(this SipTransportKind kind) => kind != SipTransportKind.Udp;

    public static bool IsSecure(this SipTransportKind kind) => kind is SipTransportKind.Tls or SipTransportKind.Wss;

    /// <summary>RFC 3261 §19.1.2, RFC 7118 §8.</summary>
    public static int DefaultPort(this SipTransportKind kind) => kind switch
    {
        SipTransportKind.Tls => 5061,
        SipTransportKind.Ws => 80,
        SipTransportKind.Wss => 443,
        _ => 5060
    };
}
