// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.Globalization;

namespace Beffroi.Media.Sdp;

/// <summary>Payload types that need no rtpmap line: RFC 3551 §6, tables 4 and 5.</summary>
internal static class StaticPayloadTypes
{
    internal const int FirstDynamic = 96;
    internal const int Last = 127;

    private static readonly RtpFormat?[] Known = Table(
        new(0, "PCMU", 8000), new(3, "GSM", 8000), new(4, "G723", 8000), new(5, "DVI4", 8000), new(6, "DVI4", 16000), new(7, "LPC", 8000), new(8, "PCMA", 8000), new(9, "G722", 8000),
        new(10, "L16", 44100, 2), new(11, "L16", 44100), new(12, "QCELP", 8000), new(13, "CN", 8000), new(15, "G728", 8000), new(18, "G729", 8000), new(26, "JPEG", 90000),
        new(31, "H261", 90000), new(32, "MPV", 90000), new(34, "H263", 90000));

    /// <summary>The dynamic ones that nearly every phone has, so that each need not be made anew for each call.</summary>
    private static readonly RtpFormat[] Usual = [new(101, "telephone-event", 8000), new(96, "telephone-event", 8000), new(96, "opus", 48000, 2), new(111, "opus", 48000, 2)];

    internal static RtpFormat? Of(int payloadType) => (uint)payloadType < (uint)Known.Length ? Known[payloadType] : null;

    /// <summary>Reads <c>PCMA/8000</c>, <c>opus/48000/2</c>: RFC 8866 §6.6. Null when it is no such thing.</summary>
    internal static RtpFormat? FromMap(int payloadType, ReadOnlySpan<char> map)
    {
        Span<Range> parts = stackalloc Range[4];
        var count = map.Split(parts, '/');
        if (count < 2) return null;
        var encoding = map[parts[0]];
        if (encoding.Length is 0 or > 64 || encoding.ContainsAnyExcept(TokenChars)) return null;
        if (!int.TryParse(map[parts[1]].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var clock) || clock is < 1 or > 1_000_000) return null;
        var channels = 1;
        if (count > 2 && (!int.TryParse(map[parts[2]].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out channels) || channels is < 1 or > 32)) channels = 1;
        if (Of(payloadType) is { } known && Is(known, encoding, clock, channels)) return known;
        foreach (var usual in Usual)
            if (usual.PayloadType == payloadType && Is(usual, encoding, clock, channels)) return usual;
        return new RtpFormat(payloadType, encoding.ToString(), clock, channels);
    }

    /// <summary>To the letter: the name goes back to the peer as it wrote it.</summary>
    private static bool Is(RtpFormat format, ReadOnlySpan<char> encoding, int clock, int channels) =>
        format.ClockRate == clock && format.Channels == channels && encoding.SequenceEqual(format.Encoding);

    /// <summary>The value of an rtpmap line after the payload type.</summary>
    internal static string Map(RtpFormat format) => string.Create(CultureInfo.InvariantCulture,
        $"{format.PayloadType} {format.Encoding}/{format.ClockRate}{(format.Channels > 1 ? "/" + format.Channels.ToString(CultureInfo.InvariantCulture) : "")}");

    /// <summary>The payload type that the RFC gives to this encoding; -1 for none.</summary>
    internal static int NumberOf(RtpFormat format)
    {
        for (var number = 0; number < 35; number++)
            if (Of(number) is { } known && known.HasSameEncodingAs(format)) return number;
        return -1;
    }

    private static RtpFormat?[] Table(params ReadOnlySpan<RtpFormat> formats)
    {
        var table = new RtpFormat?[formats[^1].PayloadType + 1];
        foreach (var format in formats) table[format.PayloadType] = format;
        return table;
    }

    /// <summary>token of RFC 8866 §9.</summary>
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => c is not ('"' or '(' or ')' or ',' or '/' or ':' or ';' or '<' or '=' or '>' or '?' or '@' or '[' or '\\' or ']'))]);
}
