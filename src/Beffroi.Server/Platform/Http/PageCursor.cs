// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using Beffroi.Calls;

namespace Beffroi.Server.Platform.Http;

/// <summary>Where a page of a list by time, newest first, ended: moment and id, since many rows may share a moment. Opaque to clients.</summary>
public readonly record struct PageCursor(DateTimeOffset At, Guid Id)
{
    private const int Length = 24;

    /// <summary>As clients get it and give it back.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, At.UtcTicks);
        Id.TryWriteBytes(bytes[8..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads what a client gave; none at all is the beginning.</summary>
    /// <returns>False with the refusal when it is none of ours.</returns>
    public static bool TryRead(string? text, out PageCursor? cursor, [NotNullWhen(false)] out Refusal? refusal)
    {
        cursor = null;
        refusal = null;
        if (string.IsNullOrEmpty(text)) return true;
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length == Base64Url.GetEncodedLength(Length) && Base64Url.TryDecodeFromChars(text, bytes, out var written) && written == Length
            && BinaryPrimitives.ReadInt64BigEndian(bytes) is var ticks && ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks)
        {
            cursor = new PageCursor(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[8..]));
            return true;
        }

        return !new FieldErrors().Add("after", "is not what a page gave as next").Refused(out refusal);
    }
}
