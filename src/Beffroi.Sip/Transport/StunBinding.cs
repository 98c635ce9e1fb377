// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;

namespace Beffroi.Sip.Transport;

/// <summary>STUN on a SIP port: the keep-alive of RFC 5626 §3.5.2 and §8, by which a phone keeps its way through a NAT open and sees when its address there has changed.
/// Binding requests alone (RFC 8489), without the short-term or long-term credentials that §8 of RFC 5626 does without too.</summary>
/// <remarks>Threading: no state. Never throws, whatever the bytes.</remarks>
internal static class StunBinding
{
    /// <summary>The longest answer, in bytes: 420 with <see cref="MostUnknown"/> attributes.</summary>
    internal const int LongestAnswer = 64;

    private const int HeaderSize = 20;
    private const uint MagicCookie = 0x2112A442;
    private const ushort BindingRequest = 0x0001, BindingSuccess = 0x0101, BindingError = 0x0111;
    private const ushort XorMappedAddress = 0x0020, ErrorCode = 0x0009, UnknownAttributes = 0x000A;
    private const int MostUnknown = 6;

    /// <summary>RFC 8489 §5: two zero bits, the magic cookie, and the length of what follows. SIP begins with a letter, a CRLF keep-alive has no cookie.</summary>
    internal static bool IsStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= HeaderSize && (datagram[0] & 0xC0) == 0 && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == MagicCookie
        && BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) is var length && length % 4 == 0 && length == datagram.Length - HeaderSize;

    /// <summary>Writes the answer to a Binding request: the address it came from (RFC 8489 §6.3.1), or 420 when it asks for what we do not have.</summary>
    /// <param name="datagram">What <see cref="IsStun"/> has taken for STUN.</param>
    /// <param name="into">At least <see cref="LongestAnswer"/> bytes.</param>
    /// <returns>Bytes written; 0: no request, or one whose attributes are broken. It gets no answer.</returns>
    internal static int Answer(ReadOnlySpan<byte> datagram, EndPointKey source, Span<byte> into)
    {
        if (BinaryPrimitives.ReadUInt16BigEndian(datagram) != BindingRequest) return 0;
        Span<ushort> unknown = stackalloc ushort[MostUnknown];
        if (!TryReadAttributes(datagram[HeaderSize..], unknown, out var unknowns)) return 0;
        var body = into[HeaderSize..];
        var length = unknowns > 0 ? WriteRefusal(body, unknown[..unknowns]) : WriteMapped(body, datagram[4..HeaderSize], source);
        BinaryPrimitives.WriteUInt16BigEndian(into, unknowns > 0 ? BindingError : BindingSuccess);
        BinaryPrimitives.WriteUInt16BigEndian(into[2..], (ushort)length);
        datagram[4..HeaderSize].CopyTo(into[4..]);                    // cookie and transaction id
        return HeaderSize + length;
    }

    /// <summary>RFC 8489 §14: type, length, value padded to four bytes. Types under 0x8000 must be understood; those of credentials are, and not asked for.</summary>
    private static bool TryReadAttributes(ReadOnlySpan<byte> attributes, Span<ushort> unknown, out int unknowns)
    {
        unknowns = 0;
        while (!attributes.IsEmpty)
        {
            if (attributes.Length < 4) return false;
            var type = BinaryPrimitives.ReadUInt16BigEndian(attributes);
            var size = 4 + ((BinaryPrimitives.ReadUInt16BigEndian(attributes[2..]) + 3) & ~3);
            if (attributes.Length < size) return false;
            if (type < 0x8000 && !IsKnown(type) && unknowns < unknown.Length && !unknown[..unknowns].Contains(type)) unknown[unknowns++] = type;
            attributes = attributes[size..];
        }
        return true;
    }

    /// <summary>USERNAME, MESSAGE-INTEGRITY, REALM, NONCE, MESSAGE-INTEGRITY-SHA256, PASSWORD-ALGORITHM, USERHASH.</summary>
    private static bool IsKnown(ushort type) => type is 0x0006 or 0x0008 or 0x0014 or 0x0015 or 0x001C or 0x001D or 0x001E;

    /// <summary>RFC 8489 §14.2: port and address, each with the cookie (and the transaction id for IPv6) on it, so that no NAT rewrites them.</summary>
    private static int WriteMapped(Span<byte> body, ReadOnlySpan<byte> cookieAndId, EndPointKey source)
    {
        var isFour = source.Address >> 32 == 0xFFFF;
        var size = isFour ? 4 : 16;
        BinaryPrimitives.WriteUInt16BigEndian(body, XorMappedAddress);
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(4 + size));
        body[4] = 0;
        body[5] = (byte)(isFour ? 1 : 2);
        BinaryPrimitives.WriteUInt16BigEndian(body[6..], (ushort)(source.Port ^ (MagicCookie >> 16)));
        var address = body.Slice(8, size);
        if (isFour) BinaryPrimitives.WriteUInt32BigEndian(address, (uint)source.Address);
        else BinaryPrimitives.WriteUInt128BigEndian(address, source.Address);
        for (var i = 0; i < size; i++) address[i] ^= cookieAndId[i];
        return 8 + size;
    }

    /// <summary>RFC 8489 §6.3.1.1, §14.8, §14.9: 420 Unknown Attribute, and which ones.</summary>
    private static int WriteRefusal(Span<byte> body, ReadOnlySpan<ushort> unknown)
    {
        var reason = "Unknown Attribute"u8;
        BinaryPrimitives.WriteUInt16BigEndian(body, ErrorCode);
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(4 + reason.Length));
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], (4 << 8) | 20);
        body[8..28].Clear();
        reason.CopyTo(body[8..]);
        BinaryPrimitives.WriteUInt16BigEndian(body[28..], UnknownAttributes);
        BinaryPrimitives.WriteUInt16BigEndian(body[30..], (ushort)(2 * unknown.Length));
        var size = (2 * unknown.Length + 3) & ~3;
        body.Slice(32, size).Clear();
        for (var i = 0; i < unknown.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(body[(32 + 2 * i)..], unknown[i]);
        return 32 + size;
    }
}
