// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;

namespace Beffroi.Media.Rtcp;

/// <summary>RFC 3550 §12.1, RFC 4585 §6.1.</summary>
public enum RtcpType : byte { SenderReport = 200, ReceiverReport = 201, SourceDescription = 202, Bye = 203, Application = 204, TransportFeedback = 205, PayloadFeedback = 206, ExtendedReport = 207 }

/// <summary>One packet of a compound RTCP packet, read in place.</summary>
public readonly ref struct RtcpView
{
    private readonly ReadOnlySpan<byte> _packet;

    private RtcpView(ReadOnlySpan<byte> packet) => _packet = packet;

    public RtcpType Type => (RtcpType)_packet[1];

    /// <summary>Report count, source count or feedback message type: the lower five bits of the first byte.</summary>
    public int Count => _packet[0] & 0x1F;

    public ReadOnlySpan<byte> Bytes => _packet;

    /// <summary>The SSRC of who sent it; 0 when the packet is too short to name one.</summary>
    public uint SenderSsrc => _packet.Length >= 8 ? BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]) : 0;

    /// <summary>Takes the next packet off a datagram. False at its end, or where it is not RTCP any more (<paramref name="rest"/> is then not empty). Never throws.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> rest, out RtcpView packet)
    {
        packet = default;
        if (rest.Length < 4 || rest[0] >> 6 != 2 || rest[1] is < 192 or > 223) return false;
        var length = 4 * (BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) + 1);
        if (length > rest.Length) return false;
        var end = length;
        if ((rest[0] & 0x20) != 0)                                          // padding: in the last packet only (RFC 3550 §6.4.1)
        {
            var padding = rest[length - 1];
            if (padding == 0 || padding > length - 4 || length != rest.Length) return false;
            end -= padding;
        }
        packet = new RtcpView(rest[..end]);
        rest = rest[length..];
        return true;
    }

    /// <summary>Report block number <paramref name="index"/> of a sender or receiver report. False when there is none.</summary>
    public bool TryGetReportBlock(int index, out ReportBlock block)
    {
        block = default;
        if (Type is not (RtcpType.SenderReport or RtcpType.ReceiverReport) || index >= Count) return false;
        var start = (Type == RtcpType.SenderReport ? 28 : 8) + index * ReportBlock.Size;
        if (start + ReportBlock.Size > _packet.Length) return false;
        block = ReportBlock.Read(_packet[start..]);
        return true;
    }

    /// <summary>NTP and RTP time of a sender report: RFC 3550 §6.4.1.</summary>
    public bool TryGetSenderTimes(out ulong ntp, out uint rtp)
    {
        (ntp, rtp) = (0, 0);
        if (Type != RtcpType.SenderReport || _packet.Length < 28) return false;
        ntp = BinaryPrimitives.ReadUInt64BigEndian(_packet[8..]);
        rtp = BinaryPrimitives.ReadUInt32BigEndian(_packet[16..]);
        return true;
    }
}

/// <summary>RFC 3550 §6.4.1: what one party says about another's stream.</summary>
/// <param name="FractionLost">Since its former report, in 1/256.</param>
/// <param name="CumulativeLost">24 bits, signed.</param>
/// <param name="Jitter">RTP clock units.</param>
/// <param name="LastSenderReport">Middle 32 bits of the NTP time of the last sender report heard; 0: none.</param>
/// <param name="Delay">Since then, in 1/65536 s.</param>
public readonly record struct ReportBlock(uint Ssrc, byte FractionLost, int CumulativeLost, uint HighestSequence, uint Jitter, uint LastSenderReport, uint Delay)
{
    public const int Size = 24;

    internal static ReportBlock Read(ReadOnlySpan<byte> b) => new(
        BinaryPrimitives.ReadUInt32BigEndian(b), b[4], BinaryPrimitives.ReadInt32BigEndian(b[4..]) << 8 >> 8, BinaryPrimitives.ReadUInt32BigEndian(b[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[12..]), BinaryPrimitives.ReadUInt32BigEndian(b[16..]), BinaryPrimitives.ReadUInt32BigEndian(b[20..]));

    internal void Write(Span<byte> b)
    {
        BinaryPrimitives.WriteUInt32BigEndian(b, Ssrc);
        BinaryPrimitives.WriteInt32BigEndian(b[4..], CumulativeLost & 0xFF_FFFF | FractionLost << 24);
        BinaryPrimitives.WriteUInt32BigEndian(b[8..], HighestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(b[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(b[16..], LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(b[20..], Delay);
    }
}
