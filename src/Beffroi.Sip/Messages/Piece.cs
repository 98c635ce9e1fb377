// SPDX-License-Identifier: EUPL-1.2
using System.Text;

namespace Beffroi.Sip.Messages;

/// <summary>A part of a message: 4 bytes, empty when absent.</summary>
internal readonly struct Piece(int start, int length)
{
    private readonly ushort _start = (ushort)start;
    private readonly ushort _length = (ushort)length;

    /// <summary>Where <paramref name="part"/>, a slice of <paramref name="message"/>, stands in it.</summary>
    public static Piece Find(ReadOnlySpan<byte> message, ReadOnlySpan<byte> part) =>
        !part.IsEmpty && message.Overlaps(part, out var offset) ? new Piece(offset, part.Length) : default;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> message) => message.Slice(_start, _length);

    public string Text(ReadOnlySpan<byte> message) => _length == 0 ? "" : Encoding.UTF8.GetString(Of(message));
}
