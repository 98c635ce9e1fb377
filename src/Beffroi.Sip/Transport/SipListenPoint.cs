// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;

namespace Beffroi.Sip.Transport;

/// <summary>An address and port that we receive SIP on, and the name that peers know it by.</summary>
/// <remarks>Threading: immutable once <see cref="Bind"/> was called, before traffic.</remarks>
public sealed class SipListenPoint(SipListenOptions options)
{
    private Func<IPEndPoint>? _bound;

    public SipTransportKind Kind { get; } = options.Transport;

    /// <summary>Address and port in use; the port is the real one where 0 was configured.</summary>
    public IPEndPoint EndPoint => _bound?.Invoke() ?? options.EndPoint;

    /// <summary>The host that peers are told, when it was configured: behind NAT the public address, or a name with a certificate.</summary>
    public string? AdvertisedHost { get; } = options.AdvertisedHost;

    public int Port => options.AdvertisedPort > 0 ? options.AdvertisedPort : EndPoint.Port;

    /// <summary>Host and port for Via and Contact towards a peer.</summary>
    /// <param name="local">The local address of the flow; the any-address when a UDP socket is bound to all.</param>
    /// <param name="remote">The peer: its route chooses our address where we listen on all.</param>
    public string SentBy(IPEndPoint local, IPEndPoint remote)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(remote);
        if (!string.IsNullOrEmpty(AdvertisedHost)) return $"{AdvertisedHost}:{Port}";
        var address = local.Address;
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) address = LocalAddressTowards(remote);
        // The scope of a link-local address means nothing to the peer.
        if (address.AddressFamily == AddressFamily.InterNetworkV6) address = new IPAddress(address.GetAddressBytes());
        return new IPEndPoint(address, Port).ToString();
    }

    internal void Bind(Func<IPEndPoint> bound) => _bound = bound;

    /// <summary>The source address that the kernel's routes give towards a peer. Nothing is sent.</summary>
    internal static IPAddress LocalAddressTowards(IPEndPoint remote)
    {
        try
        {
            using var probe = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(remote);
            return ((IPEndPoint)probe.LocalEndPoint!).Address;
        }
        catch (SocketException)                  // no route: nothing sent there arrives anyway
        {
            return remote.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        }
    }
}
