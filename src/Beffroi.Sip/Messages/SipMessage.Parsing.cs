// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Beffroi.Sip.Messages;

public sealed partial class SipMessage
{
    /// <summary>Parses one datagram, or one framed message of a stream: RFC 3261 §7 and §18.3. Never throws, whatever the bytes.</summary>
    /// <remarks>
    /// <paramref name="message"/> is set when true is returned; also when the bytes are a faulty request that can be answered (never an ACK):
    /// give it to <see cref="SipResponses.Refuse"/> with <paramref name="fault"/>.
    /// CRLFs before the start line and bytes after the body are left out. Without Content-Length the body reaches to the end of the datagram.
    /// </remarks>
    public static bool TryParse(ReadOnlySpan<byte> datagram, [NotNullWhen(true)] out SipMessage? message, out SipParseFault fault) =>
        TryRead(datagram, null, out message, out fault);

    /// <summary>Parses bytes the program itself wrote; the array is kept, not copied.</summary>
    /// <exception cref="FormatException">They are no well-formed message: a bug of the caller.</exception>
    public static SipMessage Own(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return TryRead(bytes, bytes, out var message, out var fault) ? message : throw new FormatException($"Wrote a malformed message: {fault}.");
    }

    [SkipLocalsInit]
    private static bool TryRead(ReadOnlySpan<byte> datagram, byte[]? owned, [NotNullWhen(true)] out SipMessage? message, out SipParseFault fault)
    {
        message = null;
        var blank = datagram.IndexOfAnyExcept((byte)'\r', (byte)'\n');
        if (blank < 0) return Fail(SipParseFault.KeepAlive, out fault);
        var text = datagram[blank..];
        if (text.Length > LargestMessage) return Fail(SipParseFault.TooLong, out fault);
        if (!StartsLikeSip(text[0])) return Fail(SipParseFault.NotSip, out fault);

        var head = new MessageHead(stackalloc HeaderEntry[MessageHead.MostHeaders]);
        head.Read(text);
        fault = StartLine.Read(text[..head.StartLineLength], out var startLine);
        if (fault == SipParseFault.NotSip || (fault != SipParseFault.None && !startLine.IsRequest)) return false;

        var found = KeyFields.Read(text, head, startLine, out var keys);
        if (fault == SipParseFault.None) fault = found;
        var bodyStart = head.BodyStart < 0 ? text.Length : head.BodyStart;
        var bodyLength = text.Length - bodyStart;
        if (keys.ContentLength > bodyLength && fault == SipParseFault.None) fault = SipParseFault.BadContentLength;
        if (keys.ContentLength >= 0) bodyLength = Math.Min(bodyLength, keys.ContentLength);

        if (fault != SipParseFault.None && !CanAnswer(text, startLine, keys)) return false;
        var whole = text[..(bodyStart + bodyLength)];
        var bytes = owned is not null && owned.Length == whole.Length ? owned : whole.ToArray();
        message = new SipMessage(bytes, head, startLine, bodyStart, keys);
        return fault == SipParseFault.None;
    }

    /// <summary>The method of a CSeq value: what follows the number and the blanks.</summary>
    internal static ReadOnlySpan<byte> CSeqToken(ReadOnlySpan<byte> value)
    {
        var at = 0;
        while (at < value.Length && SipText.IsDigit(value[at])) at++;
        var start = SipText.SkipBlanks(value, at);
        return start == at ? default : value[start..];
    }

    // An ACK is never answered; neither is what does not say where to answer to.
    private static bool CanAnswer(ReadOnlySpan<byte> text, in StartLine startLine, in KeyFields keys) =>
        startLine.IsRequest && keys.IsAnswerable && !text[..startLine.MethodLength].SequenceEqual("ACK"u8);

    private static bool StartsLikeSip(byte first) => SipText.TokenLength([first]) == 1;

    private static bool Fail(SipParseFault why, out SipParseFault fault)
    {
        fault = why;
        return false;
    }
}
