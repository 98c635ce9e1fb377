// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.Runtime.CompilerServices;

namespace Beffroi.Sip.Messages;

/// <summary>Finds the messages in a byte stream by their Content-Length: RFC 3261 §18.3, keep-alives of RFC 5626 §3.5.1.</summary>
/// <remarks>Threading: one framer per connection, used by its receive loop. It remembers how far it has looked, so that slow senders cost no repeated scans.</remarks>
public sealed class SipStreamFramer
{
    private int _looked;    // bytes known to hold no end of the head
    private int _needed;    // bytes of the whole message, once its head was read; 0 before

    /// <summary>Takes one unit from the front of <paramref name="buffer"/>, which is moved on past it.</summary>
    /// <remarks>
    /// <paramref name="maxSize"/>: largest message taken, in bytes; at most 65,535. <paramref name="message"/> with a fault is a request that can be answered.
    /// <paramref name="keepAlive"/>: a CRLFCRLF was taken: answer CRLF.
    /// </remarks>
    /// <returns>
    /// True: a unit was taken: a keep-alive, or a message (null if it had a fault and cannot be answered). Call again.
    /// False with no fault: more bytes are needed. False with a fault: the framing is lost; answer <paramref name="message"/> if there is one, then close.
    /// </returns>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, int maxSize, out SipMessage? message, out SipParseFault fault, out bool keepAlive)
    {
        message = null;
        fault = SipParseFault.None;
        keepAlive = false;
        if (_needed == 0)
        {
            if (_looked == 0 && SkipBreaks(ref buffer, out keepAlive)) return keepAlive;
            if (!TryReadHead(buffer, Math.Min(maxSize, SipMessage.LargestMessage), out message, out fault)) return false;
        }
        if (buffer.Length < _needed) return false;
        var whole = buffer.Slice(0, _needed);
        buffer = buffer.Slice(_needed);
        _needed = _looked = 0;
        Parse(whole, out message, out fault);
        return true;
    }

    // True when the caller has to stop here: a keep-alive was taken, or only line breaks are there.
    private static bool SkipBreaks(ref ReadOnlySequence<byte> buffer, out bool keepAlive)
    {
        keepAlive = false;
        Span<byte> start = stackalloc byte[4];
        while (true)
        {
            var length = (int)Math.Min(4, buffer.Length);
            buffer.Slice(0, length).CopyTo(start);
            var seen = start[..length];
            if (length == 0) return true;
            if (seen[0] is not ((byte)'\r' or (byte)'\n')) return false;
            keepAlive = seen.SequenceEqual("\r\n\r\n"u8);
            if (keepAlive) buffer = buffer.Slice(4);
            if (keepAlive || "\r\n\r\n"u8.StartsWith(seen)) return true;
            buffer = buffer.Slice(1);                   // a lone CRLF: the pong of our own ping
        }
    }

    private bool TryReadHead(in ReadOnlySequence<byte> buffer, int maxSize, out SipMessage? message, out SipParseFault fault)
    {
        message = null;
        fault = SipParseFault.None;
        var window = buffer.Length > maxSize ? buffer.Slice(0, maxSize) : buffer;
        var headLength = FindHeadEnd(window, _looked);
        if (headLength < 0)
        {
            _looked = (int)Math.Max(0, window.Length - 3);
            if (buffer.Length >= maxSize) fault = SipParseFault.TooLong;
            return false;
        }
        var head = window.Slice(0, headLength);
        byte[]? rented = null;
        if (!head.IsSingleSegment)
        {
            rented = ArrayPool<byte>.Shared.Rent(headLength);
            head.CopyTo(rented);
        }
        var text = rented is null ? head.FirstSpan : rented.AsSpan(0, headLength);
        fault = Measure(text, maxSize, out _needed);
        if (fault != SipParseFault.None) _ = SipMessage.TryParse(text, out message, out _);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return fault == SipParseFault.None;
    }

    // The end of the first empty line, -1 if it has not come yet.
    private static int FindHeadEnd(in ReadOnlySequence<byte> buffer, int from)
    {
        var reader = new SequenceReader<byte>(buffer);
        reader.Advance(from);
        while (reader.TryAdvanceTo((byte)'\n', advancePastDelimiter: true))
        {
            var after = reader;
            if (after.TryPeek(out var next) && next == '\r') after.Advance(1);
            if (after.TryRead(out next) && next == '\n') return (int)after.Consumed;
        }
        return -1;
    }

    // On a stream Content-Length is mandatory: without it nothing after this message can be found.
    [SkipLocalsInit]
    private static SipParseFault Measure(ReadOnlySpan<byte> text, int maxSize, out int needed)
    {
        needed = 0;
        var head = new MessageHead(stackalloc HeaderEntry[MessageHead.MostHeaders]);
        head.Read(text);
        if (StartLine.Read(text[..head.StartLineLength], out _) == SipParseFault.NotSip) return SipParseFault.NotSip;
        if (head.Fault == SipParseFault.TooManyHeaders) return head.Fault;
        var single = (head.Repeated & (UInt128.One << (int)SipHeaderName.ContentLength)) == 0;
        if (!single || !SipText.TryNumber(head.First(text, SipHeaderName.ContentLength), out var length)) return SipParseFault.BadContentLength;
        if (length > maxSize - text.Length) return SipParseFault.TooLong;
        needed = text.Length + (int)length;
        return SipParseFault.None;
    }

    private static void Parse(in ReadOnlySequence<byte> whole, out SipMessage? message, out SipParseFault fault)
    {
        if (whole.IsSingleSegment)
        {
            _ = SipMessage.TryParse(whole.FirstSpan, out message, out fault);
            return;
        }
        var length = (int)whole.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        whole.CopyTo(rented);
        _ = SipMessage.TryParse(rented.AsSpan(0, length), out message, out fault);
        ArrayPool<byte>.Shared.Return(rented);
    }
}
