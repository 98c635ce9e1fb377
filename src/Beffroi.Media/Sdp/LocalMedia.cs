// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Net;

namespace Beffroi.Media.Sdp;

/// <summary>Our side of one leg, as its SDP shall name it.</summary>
/// <param name="Address">The address that the peer is told (the advertised one behind a NAT). Its family is that of the leg.</param>
/// <param name="Ports">The RTP port of each stream, in the order of the m-lines. An m-line without a port here, or with 0, is refused.</param>
public sealed record LocalMedia(IPAddress Address, ImmutableArray<int> Ports)
{
    /// <summary>What we want to do on audio: <see cref="MediaDirection.SendOnly"/> holds the peer with music, <see cref="MediaDirection.Inactive"/> without.</summary>
    public MediaDirection Direction { get; init; } = MediaDirection.SendReceive;

    /// <summary>The RTCP port of each stream where it is not the RTP port + 1; 0 or missing otherwise (RFC 3605).</summary>
    public ImmutableArray<int> RtcpPorts { get; init; } = [];

    /// <summary>Offer RTCP on the RTP port (RFC 5761). What a peer offers is accepted whatever this says.</summary>
    public bool OfferRtcpMux { get; init; }

    internal int PortOf(int stream) => stream < Ports.Length ? Ports[stream] : 0;

    internal int RtcpPortOf(int stream) => !RtcpPorts.IsDefault && stream < RtcpPorts.Length ? RtcpPorts[stream] : 0;
}
