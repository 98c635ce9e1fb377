// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;

namespace Beffroi.Media.Rtp;

/// <summary>Writes the fixed header of RFC 3550 §5.1.</summary>
public static class RtpHeader
{
    /// <summary>A whole header of 12 bytes: no padding, no extension, no contributing source.</summary>
    public static void Write(Span<byte> packet, int payloadType, bool marker, ushort sequence, uint timestamp, uint ssrc)
    {
        packet[0] = 0x80;
        Rewrite(packet, payloadType, marker, sequence, timestamp, ssrc);
    }

    /// <summary>Replaces what differs between two legs. Contributing sources, extension, payload and padding stay as they came.</summary>
    public static void Rewrite(Span<byte> packet, int payloadType, bool marker, ushort sequence, uint timestamp, uint ssrc)
    {
        packet[1] = (byte)(payloadType | (marker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], ssrc);
    }
}
