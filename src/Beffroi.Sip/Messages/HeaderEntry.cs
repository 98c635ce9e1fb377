// SPDX-License-Identifier: EUPL-1.2
using System.Runtime.InteropServices;

namespace Beffroi.Sip.Messages;

/// <summary>Where one header field stands in its message: 8 bytes, offsets from the start line. The value is trimmed and may hold folds.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct HeaderEntry(SipHeaderName id, bool folded, int nameOffset, int valueOffset, int length)
{
    public readonly SipHeaderName Id = id;
    private readonly byte _folded = folded ? (byte)1 : (byte)0;
    private readonly ushort _nameOffset = (ushort)nameOffset;
    private readonly ushort _valueOffset = (ushort)valueOffset;
    private readonly ushort _length = (ushort)length;

    public bool Folded => _folded != 0;
    public int NameOffset => _nameOffset;
    public int ValueOffset => _valueOffset;
    public int Length => _length;

    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> message) => message.Slice(_valueOffset, _length);

    /// <summary>The name as the sender wrote it: from its offset to the colon or the blank before it.</summary>
    public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> message)
    {
        var rest = message[_nameOffset..];
        return rest[..rest.IndexOfAny(" \t:"u8)];
    }
}
