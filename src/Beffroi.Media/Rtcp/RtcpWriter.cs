// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;

namespace Beffroi.Media.Rtcp;

/// <summary>Writes a compound RTCP packet (RFC 3550 §6.1) into a buffer that is large enough: reports and SDES need under 120 bytes and the name.</summary>
public ref struct RtcpWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    public int Length { get; private set; }

    /// <summary>RFC 3550 §6.4.1.</summary>
    public void SenderReport(uint ssrc, ulong ntp, uint rtp, uint packets, uint octets, ReportBlock? block)
    {
        var body = Begin(RtcpType.SenderReport, block is null ? 0 : 1, 24 + (block is null ? 0 : ReportBlock.Size));
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(body[4..], ntp);
        BinaryPrimitives.WriteUInt32BigEndian(body[12..], rtp);
        BinaryPrimitives.WriteUInt32BigEndian(body[16..], packets);
        BinaryPrimitives.WriteUInt32BigEndian(body[20..], octets);
        block?.Write(body[24..]);
    }

    /// <summary>RFC 3550 §6.4.2.</summary>
    public void ReceiverReport(uint ssrc, ReportBlock? block)
    {
        var body = Begin(RtcpType.ReceiverReport, block is null ? 0 : 1, 4 + (block is null ? 0 : ReportBlock.Size));
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        block?.Write(body[4..]);
    }

    /// <summary>RFC 3550 §6.5: CNAME, the one item that is asked of everybody.</summary>
    public void SourceDescription(uint ssrc, ReadOnlySpan<byte> canonicalName)
    {
        var items = 2 + canonicalName.Length + 1;                           // type, length, text, at least one null byte
        var body = Begin(RtcpType.SourceDescription, 1, 4 + (items + 3) / 4 * 4);
        body.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        body[4] = 1;
        body[5] = (byte)canonicalName.Length;
        canonicalName.CopyTo(body[6..]);
    }

    /// <summary>RFC 3550 §6.6.</summary>
    public void Bye(uint ssrc) => BinaryPrimitives.WriteUInt32BigEndian(Begin(RtcpType.Bye, 1, 4), ssrc);

    /// <summary>RFC 4585 §6.1. The control information is for the caller to fill in; its length is a multiple of 4.</summary>
    public Span<byte> Feedback(RtcpType type, int format, uint sender, uint media, int controlLength)
    {
        var body = Begin(type, format, 8 + controlLength);
        BinaryPrimitives.WriteUInt32BigEndian(body, sender);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], media);
        return body[8..];
    }

    private Span<byte> Begin(RtcpType type, int count, int bodyLength)
    {
        var packet = _buffer.Slice(Length, 4 + bodyLength);
        packet[0] = (byte)(0x80 | count);
        packet[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(bodyLength / 4));
        Length += 4 + bodyLength;
        return packet[4..];
    }
}
