// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Beffroi.Server.Platform.SipHost;

/// <summary>The addresses of this machine, asked of the system at most every ten seconds: they change with DHCP, VPN and a standby's shared address.</summary>
/// <remarks>Threading: any thread.</remarks>
public sealed class LocalAddresses(TimeProvider time)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(10);

    private volatile Known? _known;

    public bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (IPAddress.IsLoopback(address)) return true;
        var known = _known;
        if (known is not null && known.Addresses.Contains(Bare(address))) return true;
        if (known is not null && time.GetElapsedTime(known.AskedAt) < Refresh) return false;
        _known = known = new(time.GetTimestamp(), Ask());
        return known.Addresses.Contains(Bare(address));
    }

    private static FrozenSet<IPAddress> Ask() => NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => Bare(a.Address)).ToFrozenSet();

    /// <summary>The scope of a link-local address stands in no URI.</summary>
    private static IPAddress Bare(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()) : address;

    private sealed record Known(long AskedAt, FrozenSet<IPAddress> Addresses);
}
