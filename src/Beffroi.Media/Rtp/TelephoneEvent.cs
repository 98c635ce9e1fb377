// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;

namespace Beffroi.Media.Rtp;

/// <summary>The payload of RFC 4733 §2.3: event, end bit, volume, duration.</summary>
/// <param name="Event">0 to 15 are the DTMF keys (§3.2).</param>
/// <param name="Duration">RTP clock units since the packet's timestamp.</param>
public readonly record struct TelephoneEvent(byte Event, bool End, byte Volume, ushort Duration)
{
    public const int Size = 4;
    private const string Keys = "0123456789*#ABCD";

    /// <summary>The key, or '\0' when the event is none.</summary>
    public char Key => Event < Keys.Length ? Keys[Event] : '\0';

    public static bool TryParse(ReadOnlySpan<byte> payload, out TelephoneEvent parsed)
    {
        parsed = default;
        if (payload.Length < Size) return false;
        parsed = new TelephoneEvent(payload[0], (payload[1] & 0x80) != 0, (byte)(payload[1] & 0x3F), BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
        return true;
    }

    /// <summary>False when <paramref name="key"/> is none of 0-9, *, #, A-D.</summary>
    public static bool TryGetEvent(char key, out byte number)
    {
        var at = Keys.IndexOf(char.ToUpperInvariant(key), StringComparison.Ordinal);
        number = (byte)Math.Max(0, at);
        return at >= 0;
    }

    public void Write(Span<byte> payload)
    {
        payload[0] = Event;
        payload[1] = (byte)((End ? 0x80 : 0) | Volume);
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], Duration);
    }
}

/// <summary>Tells each press of a key once, at whichever of its packets comes first, however many of the others are lost, repeated or reordered.</summary>
/// <remarks>Threading: the stream's media thread.</remarks>
public struct TelephoneEventReceiver
{
    private bool _any;
    private byte _event;
    private uint _start;
    private uint _end;

    /// <summary>True for the first packet seen of a press.</summary>
    /// <param name="timestamp">Of the RTP packet: the start of the event (RFC 4733 §2.2.1).</param>
    public bool TryTake(in TelephoneEvent received, uint timestamp, out char key)
    {
        key = received.Key;
        var end = timestamp + received.Duration;
        if (_any && (int)(timestamp - _start) <= 0)                         // another packet of the same press, or one of an older press
        {
            if (timestamp == _start && (int)(end - _end) > 0) _end = end;
            return false;
        }
        // RFC 4733 §2.5.1.3: a press longer than 65,535 units goes on as a new segment that begins where the former ended.
        var continues = _any && received.Event == _event && timestamp == _end && _end - _start == ushort.MaxValue;
        (_any, _event, _start, _end) = (true, received.Event, timestamp, end);
        return !continues && key != '\0';
    }

    /// <summary>The source has changed: its timestamps say nothing about the former's.</summary>
    public void Restart() => _any = false;
}
