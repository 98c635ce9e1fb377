// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace Beffroi.Sip.Resolution;

/// <summary>A response of a name server, as far as we read it: RFC 1035 §4.</summary>
/// <remarks>Threading: immutable.</remarks>
public sealed class DnsMessage
{
    internal const int HeaderLength = 12, MostRecords = 256, LongestName = 255;
    internal const int NoError = 0, NameError = 3;

    private const int ClassInternet = 1, Pointer = 0xC0;

    private DnsMessage(ushort id, int flags, string question, DnsType questionType, List<DnsRecord> answers, List<DnsRecord> authorities)
    {
        Id = id;
        ResponseCode = flags & 0xF;
        IsTruncated = (flags & 0x0200) != 0;
        Question = question;
        QuestionType = questionType;
        Answers = answers;
        Authorities = authorities;
    }

    public int Id { get; }

    public int ResponseCode { get; }

    public bool IsTruncated { get; }

    public string Question { get; }

    public DnsType QuestionType { get; }

    /// <summary>Of the types we know; others are passed over.</summary>
    public IReadOnlyList<DnsRecord> Answers { get; }

    public IReadOnlyList<DnsRecord> Authorities { get; }

    /// <summary>Writes a query that asks for recursion. False when the name cannot be one: empty, a label over 63 bytes, more than 255 in all, not ASCII.</summary>
    public static bool TryWriteQuery(ushort id, string name, DnsType type, Span<byte> buffer, out int length)
    {
        length = 0;
        if (string.IsNullOrEmpty(name) || name.Length > LongestName - 2 || buffer.Length < HeaderLength + name.Length + 2 + 4) return false;
        buffer[..HeaderLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(buffer, id);
        buffer[2] = 0x01;                                                   // recursion desired
        buffer[5] = 1;                                                      // one question
        var at = HeaderLength;
        foreach (var range in name.AsSpan().Split('.'))
        {
            var label = name.AsSpan(range);
            if (label.Length is 0 or > 63 || !Ascii.IsValid(label)) return false;
            buffer[at++] = (byte)label.Length;
            at += Encoding.ASCII.GetBytes(label, buffer[at..]);
        }
        buffer[at++] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[at..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[(at + 2)..], ClassInternet);
        length = at + 4;
        return true;
    }

    /// <summary>Reads a response with its one question. Never throws, whatever the bytes: anyone on the network may have sent them.
    /// Of a truncated response only the head may be whole; it is then returned without records.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, [NotNullWhen(true)] out DnsMessage? message)
    {
        message = null;
        if (packet.Length < HeaderLength) return false;
        var flags = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var isQueryResponse = (flags & 0xF800) == 0x8000;                   // QR set, opcode 0
        if (!isQueryResponse || BinaryPrimitives.ReadUInt16BigEndian(packet[4..]) != 1) return false;
        var at = HeaderLength;
        if (!TryReadName(packet, ref at, out var question) || at + 4 > packet.Length) return false;
        var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(packet[at..]);
        if (BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 2)..]) != ClassInternet) return false;
        at += 4;
        List<DnsRecord> answers = [], authorities = [];
        var truncated = (flags & 0x0200) != 0;
        if (!truncated)
        {
            if (!TryReadRecords(packet, ref at, BinaryPrimitives.ReadUInt16BigEndian(packet[6..]), answers)) return false;
            if (!TryReadRecords(packet, ref at, BinaryPrimitives.ReadUInt16BigEndian(packet[8..]), authorities)) return false;
        }
        message = new DnsMessage(BinaryPrimitives.ReadUInt16BigEndian(packet), flags, question, type, answers, authorities);
        return true;
    }

    private static bool TryReadRecords(ReadOnlySpan<byte> packet, ref int at, int count, List<DnsRecord> into)
    {
        if (count > MostRecords) return false;
        for (var i = 0; i < count; i++)
        {
            if (!TryReadName(packet, ref at, out var name) || at + 10 > packet.Length) return false;
            var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(packet[at..]);
            var isInternet = BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 2)..]) == ClassInternet;
            var ttl = BinaryPrimitives.ReadInt32BigEndian(packet[(at + 4)..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 8)..]);
            at += 10;
            if (at + length > packet.Length) return false;
            // Names inside may point back into the packet, so the record is read in place, up to its own end.
            if (isInternet)
            {
                if (!TryReadRecord(packet[..(at + length)], at, name, type, Math.Max(0, ttl), out var record)) return false;
                if (record is not null) into.Add(record);
            }
            at += length;
        }
        return true;
    }

    private static bool TryReadRecord(ReadOnlySpan<byte> packet, int at, string name, DnsType type, int ttl, out DnsRecord? record)
    {
        record = null;
        var data = packet[at..];
        switch (type)
        {
            case DnsType.A when data.Length == 4:
            case DnsType.Aaaa when data.Length == 16:
                record = new AddressRecord(name, type, ttl, new IPAddress(data));
                return true;
            case DnsType.A or DnsType.Aaaa:
                return false;
            case DnsType.Cname:
                if (!TryReadName(packet, ref at, out var target)) return false;
                record = new CnameRecord(name, ttl, target);
                return true;
            case DnsType.Srv:
                at += 6;
                if (data.Length < 7 || !TryReadName(packet, ref at, out var host)) return false;
                record = new SrvRecord(name, ttl, Word(data, 0), Word(data, 2), Word(data, 4), host);
                return true;
            case DnsType.Soa:
                if (!TryReadName(packet, ref at, out _) || !TryReadName(packet, ref at, out _) || at + 20 > packet.Length) return false;
                record = new SoaRecord(name, ttl, Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(packet[(at + 16)..])));
                return true;
            case DnsType.Naptr:
                return TryReadNaptr(packet, at, name, ttl, out record);
            default:
                return true;
        }
    }

    private static bool TryReadNaptr(ReadOnlySpan<byte> packet, int at, string name, int ttl, out DnsRecord? record)
    {
        record = null;
        if (at + 4 > packet.Length) return false;
        var (order, preference) = (Word(packet, at), Word(packet, at + 2));
        at += 4;
        if (!TryReadText(packet, ref at, out var flags) || !TryReadText(packet, ref at, out var services) || !TryReadText(packet, ref at, out var regexp)) return false;
        if (!TryReadName(packet, ref at, out var replacement)) return false;
        record = new NaptrRecord(name, ttl, order, preference, flags.ToLowerInvariant(), services.ToLowerInvariant(), regexp, replacement);
        return true;
    }

    private static int Word(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt16BigEndian(data[at..]);

    private static bool TryReadText(ReadOnlySpan<byte> packet, ref int at, out string text)
    {
        text = "";
        if (at >= packet.Length || at + 1 + packet[at] > packet.Length) return false;
        text = Encoding.Latin1.GetString(packet.Slice(at + 1, packet[at]));
        at += 1 + text.Length;
        return true;
    }

    /// <summary>RFC 1035 §4.1.4. A pointer must lead to before the name it stands in, so that no chain of them comes back.</summary>
    private static bool TryReadName(ReadOnlySpan<byte> packet, ref int at, out string name)
    {
        name = "";
        Span<char> text = stackalloc char[LongestName];
        var (length, position, end, before) = (0, at, -1, at);
        while (true)
        {
            if (position >= packet.Length) return false;
            int octet = packet[position];
            if (octet == 0) break;
            if ((octet & Pointer) == Pointer)
            {
                if (position + 1 >= packet.Length) return false;
                var target = (octet & ~Pointer) << 8 | packet[position + 1];
                if (target >= before || target < HeaderLength) return false;
                if (end < 0) end = position + 2;
                position = before = target;
                continue;
            }
            if ((octet & Pointer) != 0 || position + 1 + octet > packet.Length || length + octet + 1 > LongestName) return false;
            if (length > 0) text[length++] = '.';
            foreach (var letter in packet.Slice(position + 1, octet))
            {
                // A dot or a byte outside of ASCII in a label is no host name; it would make two names look alike.
                if (letter is <= (byte)' ' or >= 0x7F or (byte)'.') return false;
                text[length++] = char.ToLowerInvariant((char)letter);
            }
            position += 1 + octet;
        }
        at = end < 0 ? position + 1 : end;
        name = new string(text[..length]);
        return true;
    }
}
