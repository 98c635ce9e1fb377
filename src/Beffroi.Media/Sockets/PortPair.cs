// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;

namespace Beffroi.Media.Sockets;

/// <summary>The two sockets of one stream: RTP on an even port, RTCP on the next (RFC 3550 §11).</summary>
/// <remarks>Both are opened at once, although many peers send little RTCP: a socket opened later may find its port taken, and an ICMP error
/// in answer to a peer's RTCP makes some peers stop. Threading: opened by any thread, closed by the owner of the stream.</remarks>
internal readonly record struct PortPair(int RtpDescriptor, int RtcpDescriptor, int Port)
{
    private const int AddressInUse = 98;

    internal enum Outcome { Opened, Taken, Failed }

    /// <param name="trafficClass">The byte of the IP header: DiffServ code point times four.</param>
    internal static Outcome TryOpen(IPAddress address, int port, int trafficClass, out PortPair pair, out int error)
    {
        pair = default;
        var outcome = Open(address, port, trafficClass, out var rtp, out error);
        if (outcome != Outcome.Opened) return outcome;
        outcome = Open(address, port + 1, trafficClass, out var rtcp, out error);
        if (outcome != Outcome.Opened)
        {
            _ = Libc.Close(rtp);
            return outcome;
        }
        pair = new PortPair(rtp, rtcp, port);
        return outcome;
    }

    internal void Close()
    {
        _ = Libc.Close(RtpDescriptor);
        _ = Libc.Close(RtcpDescriptor);
    }

    private static unsafe Outcome Open(IPAddress address, int port, int trafficClass, out int descriptor, out int error)
    {
        error = 0;
        var six = address.AddressFamily == AddressFamily.InterNetworkV6;
        descriptor = Libc.Socket(six ? Libc.AfInet6 : Libc.AfInet, Libc.SockDgram | Libc.SockNonblock | Libc.SockCloexec, 0);
        if (descriptor < 0)
        {
            error = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
            return Outcome.Failed;
        }
        if (six)
        {
            var one = 1;
            _ = Libc.SetSocketOption(descriptor, Libc.IpprotoIpv6, Libc.Ipv6V6Only, &one, sizeof(int));
        }
        // A network that refuses the mark still carries the packets.
        if (trafficClass != 0) _ = Libc.SetSocketOption(descriptor, six ? Libc.IpprotoIpv6 : Libc.IpprotoIp, six ? Libc.Ipv6TrafficClass : Libc.IpTos, &trafficClass, sizeof(int));
        var native = NativeAddress.From(new IPEndPoint(address, port), forPeer: false);
        if (Libc.Bind(descriptor, &native, native.Length) == 0) return Outcome.Opened;
        error = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
        _ = Libc.Close(descriptor);
        return error == AddressInUse ? Outcome.Taken : Outcome.Failed;
    }
}
