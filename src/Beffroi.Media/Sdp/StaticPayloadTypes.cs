// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;

namespace Beffroi.Media.Sdp;

/// <summary>Payload types that need no rtpmap line: RFC 3551 §6, tables 4 and 5.</summary>
internal static class StaticPayloadTypes
{
    internal const int FirstDynamic = 96;
    internal const int Last = 127;

    internal static RtpFormat? Of(int payloadType) => payloadType switch
    {
        0 => new RtpFormat(0, "PCMU", 8000),
        3 => new RtpFormat(3, "GSM", 8000),
        4 => new RtpFormat(4, "G723", 8000),
        5 => new RtpFormat(5, "DVI4", 8000),
        6 => new RtpFormat(6, "DVI4", 16000),
        7 => new RtpFormat(7, "LPC", 8000),
        8 => new RtpFormat(8, "PCMA", 8000),
        9 => new RtpFormat(9, "G722", 8000),
        10 => new RtpFormat(10, "L16", 44100, 2),
        11 => new RtpFormat(11, "L16", 44100),
        12 => new RtpFormat(12, "QCELP", 8000),
        13 => new RtpFormat(13, "CN", 8000),
        15 => new RtpFormat(15, "G728", 8000),
        18 => new RtpFormat(18, "G729", 8000),
        26 => new RtpFormat(26, "JPEG", 90000),
        31 => new RtpFormat(31, "H261", 90000),
        32 => new RtpFormat(32, "MPV", 90000),
        34 => new RtpFormat(34, "H263", 90000),
        _ => null,
    };

    /// <summary>Reads <c>PCMA/8000</c>, <c>opus/48000/2</c>: RFC 8866 §6.6. Null when it is no such thing.</summary>
    internal static RtpFormat? FromMap(int payloadType, string map)
    {
        var parts = map.Split('/', 4);
        if (parts.Length < 2 || parts[0].Length is 0 or > 64 || !parts[0].All(IsTokenChar)) return null;
        if (!int.TryParse(parts[1].AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var clock) || clock is < 1 or > 1_000_000) return null;
        var channels = 1;
        if (parts.Length > 2 && (!int.TryParse(parts[2].AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out channels) || channels is < 1 or > 32)) channels = 1;
        return new RtpFormat(payloadType, parts[0], clock, channels);
    }

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

    private static bool IsTokenChar(char c) => c is > ' ' and < (char)127 and not ('"' or '(' or ')' or ',' or '/' or ':' or ';' or '<' or '=' or '>' or '?' or '@' or '[' or '\\' or ']');
}
