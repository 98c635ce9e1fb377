// SPDX-License-Identifier: EUPL-1.2
using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Beffroi.Sip.Transport;

/// <summary>Where and how SIP is received and sent. Every limit is per process unless its summary says otherwise.</summary>
public sealed class SipTransportOptions
{
    /// <summary>Listen points for UDP, TCP and TLS; WebSocket comes through the web server's own endpoints.</summary>
    public IList<SipListenOptions> Listen { get; init; } = [];

    public SipTlsOptions Tls { get; init; } = new();

    /// <summary>The web server shows the certificate of <see cref="Tls"/> too (<see cref="SipKestrel.UseSipCertificate"/>), so it must be there without a TLS listen point.</summary>
    public bool WebUsesTls { get; init; }

    public SourceGuardOptions Guard { get; init; } = new();

    /// <summary>Longest message taken from a stream or WebSocket, in bytes. Default and most 65,535, the most a datagram holds.</summary>
    [Range(1500, 65_535)]
    public int MaxMessageBytes { get; init; } = 65_535;

    /// <summary>A message begun on a stream must be whole within this time. Default 10 s.</summary>
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection that carries no registration or call is closed after this time without a byte. Default 3 min:
    /// longer than a transaction (RFC 3261 §18: 64·T1) and than the CRLF keep-alive of RFC 5626 §4.4.1 (120 s).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Time to open a connection, TLS handshake included. Default 4 s, so that several targets fit into Timer B (32 s).</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>A peer must take what is queued for it within this time, or its connection is cut. Default 20 s.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Bytes queued for one slow connection. Default 256 KiB.</summary>
    [Range(65_536, 16 << 20)]
    public int SendQueueBytes { get; init; } = 256 * 1024;

    /// <summary>Inbound connections from one address (IPv6: one /64). Default 512: an office may sit behind one address.</summary>
    [Range(1, 100_000)]
    public int ConnectionsPerAddress { get; init; } = 512;

    /// <summary>Inbound connections in all. Default 20,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; init; } = 20_000;

    /// <summary>Receive buffer asked of the kernel for each UDP socket, in bytes. Default 4 MiB; net.core.rmem_max bounds it.</summary>
    [Range(65_536, 1 << 28)]
    public int UdpReceiveBufferBytes { get; init; } = 4 << 20;

    /// <summary>UDP peers remembered, about 300 bytes each. Default 65,536. A forgotten peer is remembered anew with its next message.</summary>
    [Range(16, 10_000_000)]
    public int MaxUdpFlows { get; init; } = 65_536;

    /// <summary>What goes wrong in these settings, one sentence each; empty when nothing does.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var listen in Listen)
        {
            if (listen.Transport is SipTransportKind.Ws or SipTransportKind.Wss)
                yield return "Listen: WebSocket is served by the web server's endpoints. Remove the entry.";
            if (!IPAddress.TryParse(listen.Address, out _)) yield return $"Listen: '{listen.Address}' is not an IP address. Use 0.0.0.0, :: or an address of this machine.";
        }
        foreach (var twice in Listen.GroupBy(l => (l.Transport is SipTransportKind.Udp, l.Address, l.Port)).Where(g => g.Key.Port != 0 && g.Count() > 1))
            yield return $"Listen: {twice.Key.Address} port {twice.Key.Port} is named twice. Give each transport its own port.";
        foreach (var problem in Tls.Problems(WebUsesTls || Listen.Any(l => l.Transport == SipTransportKind.Tls))) yield return problem;
        foreach (var problem in Guard.Problems()) yield return problem;
    }
}

/// <summary>One address, port and transport to listen on.</summary>
public sealed class SipListenOptions
{
    public SipTransportKind Transport { get; init; }

    /// <summary>"0.0.0.0" all IPv4 addresses, "::" all IPv6 ones, or one address of this machine.</summary>
    public string Address { get; init; } = "0.0.0.0";

    /// <summary>Default 5060, 5061 for TLS; 0 takes a free port.</summary>
    [Range(0, 65_535)]
    public int Port { get; init; } = 5060;

    /// <summary>Host written in Via and Contact instead of the local address: the public address or name in front of a NAT.</summary>
    public string? AdvertisedHost { get; init; }

    /// <summary>Port written in Via and Contact; 0 is the one listened on.</summary>
    [Range(0, 65_535)]
    public int AdvertisedPort { get; init; }

    internal IPEndPoint EndPoint => new(IPAddress.Parse(Address), Port);
}
