// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Rtp;

/// <summary>What a datagram on a media port is: RFC 7983 §7, and RFC 5761 §4 for RTP against RTCP.</summary>
public enum DatagramKind : byte { Unknown, Stun, Dtls, Rtp, Rtcp }

public static class Demultiplexer
{
    /// <summary>Looks at the first two bytes only. Never throws.</summary>
    public static DatagramKind Classify(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < 2) return DatagramKind.Unknown;
        return datagram[0] switch
        {
            <= 3 => DatagramKind.Stun,
            >= 20 and <= 63 => DatagramKind.Dtls,
            // RFC 5761 §4: RTCP packet types 192 to 223 are what RTP payload types 64 to 95 with the marker bit would look like.
            >= 128 and <= 191 => datagram[1] is >= 192 and <= 223 ? DatagramKind.Rtcp : DatagramKind.Rtp,
            _ => DatagramKind.Unknown,
        };
    }
}
