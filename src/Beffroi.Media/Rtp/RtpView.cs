// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;

namespace Beffroi.Media.Rtp;

/// <summary>An RTP packet read in place: RFC 3550 §5.1. Owns nothing and lives no longer than its datagram.</summary>
public readonly ref struct RtpView
{
    public const int FixedHeader = 12;
    private readonly ReadOnlySpan<byte> _datagram;
    private readonly int _start;
    private readonly int _end;

    private RtpView(ReadOnlySpan<byte> datagram, int start, int end)
    {
        _datagram = datagram;
        _start = start;
        _end = end;
    }

    public bool Marker => (_datagram[1] & 0x80) != 0;

    public int PayloadType => _datagram[1] & 0x7F;

    public ushort Sequence => BinaryPrimitives.ReadUInt16BigEndian(_datagram[2..]);

    /// <summary>In units of the payload type's clock; starts at random and wraps at 2³².</summary>
    public uint Timestamp => BinaryPrimitives.ReadUInt32BigEndian(_datagram[4..]);

    public uint Ssrc => BinaryPrimitives.ReadUInt32BigEndian(_datagram[8..]);

    /// <summary>Without padding.</summary>
    public ReadOnlySpan<byte> Payload => _datagram[_start.._end];

    /// <summary>RFC 3550 §5.1. Never throws, whatever the bytes: anyone on the network may have sent them.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out RtpView packet)
    {
        packet = default;
        if (datagram.Length < FixedHeader || datagram[0] >> 6 != 2) return false;
        var start = FixedHeader + 4 * (datagram[0] & 0x0F);                     // CC: contributing sources
        if ((datagram[0] & 0x10) != 0)                                          // X: one header extension
        {
            if (datagram.Length < start + 4) return false;
            start += 4 + 4 * BinaryPrimitives.ReadUInt16BigEndian(datagram[(start + 2)..]);
        }
        var padding = (datagram[0] & 0x20) != 0 ? datagram[^1] : 0;             // P: the last byte counts itself too
        if ((datagram[0] & 0x20) != 0 && padding == 0) return false;
        if (start + padding > datagram.Length) return false;
        packet = new RtpView(datagram, start, datagram.Length - padding);
        return true;
    }
}
