// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;

namespace Beffroi.Media.Rtp;

/// <summary>The fixed header of a STUN message: RFC 8489 §5. Recognised so that it is not taken for something else; not answered.</summary>
public readonly ref struct StunHeader
{
    public const int Size = 20;
    private const uint MagicCookie = 0x2112A442;
    private readonly ReadOnlySpan<byte> _message;

    private StunHeader(ReadOnlySpan<byte> message) => _message = message;

    /// <summary>Method and class, 14 bits.</summary>
    public int Type => BinaryPrimitives.ReadUInt16BigEndian(_message);

    public ReadOnlySpan<byte> TransactionId => _message[8..Size];

    public ReadOnlySpan<byte> Attributes => _message[Size..];

    /// <summary>Never throws, whatever the bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunHeader header)
    {
        header = default;
        if (datagram.Length < Size || (datagram[0] & 0xC0) != 0) return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        if (length % 4 != 0 || length != datagram.Length - Size) return false;
        if (BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) != MagicCookie) return false;
        header = new StunHeader(datagram);
        return true;
    }
}
