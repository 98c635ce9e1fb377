// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.Text;

namespace Beffroi.Sip.Messages;

internal enum UriScheme : byte { Sip, Sips, Tel }

/// <summary>Where the parts of a sip, sips or tel URI stand in its text: RFC 3261 §19.1.1, RFC 3966 §3. Found without allocation.</summary>
/// <remarks>
/// Deviation: "#" is taken in the user part, where the grammar wants "%23": telephones send it so in feature codes.
/// Only ASCII is taken: everything else must be escaped, so that one byte is one character.
/// </remarks>
internal readonly struct UriBounds
{
    public const int LongestUri = 4096;
    private const string Alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private static readonly SearchValues<byte> UserBytes = Bytes("-_.!~*'()&=+$,;?/%:#");
    private static readonly SearchValues<byte> HostBytes = Bytes("-._");
    private static readonly SearchValues<byte> Ipv6Bytes = Bytes(":.");
    private static readonly SearchValues<byte> ParameterBytes = Bytes("-_.!~*'()[]/:&+$%=;");
    private static readonly SearchValues<byte> HeaderBytes = Bytes("-_.!~*'()[]/?:+$%=&");
    private static readonly SearchValues<byte> TelBytes = Bytes("+-.()*#%");
    private static readonly SearchValues<byte> SchemeBytes = Bytes("+-.");

    public UriScheme Scheme { get; private init; }
    public ushort UserStart { get; private init; }
    /// <summary>End of the user; a password may follow, up to <see cref="UserInfoEnd"/>.</summary>
    public ushort UserEnd { get; private init; }
    public ushort UserInfoEnd { get; private init; }
    public ushort HostStart { get; private init; }
    public ushort HostEnd { get; private init; }
    public ushort Port { get; private init; }
    /// <summary>The first semicolon, or <see cref="ParametersEnd"/>.</summary>
    public ushort ParametersStart { get; private init; }
    /// <summary>The "?" of the headers, or the end of the text.</summary>
    public ushort ParametersEnd { get; private init; }

    private static SearchValues<byte> Bytes(string marks) => SearchValues.Create(Encoding.ASCII.GetBytes(Alphanumeric + marks));

    /// <summary>True for a scheme and a colon: what an unknown kind of URI must at least have (RFC 3986 §3.1).</summary>
    public static bool HasScheme(ReadOnlySpan<byte> text)
    {
        var colon = text.IndexOf((byte)':');
        return colon > 0 && char.IsAsciiLetter((char)text[0]) && !text[..colon].ContainsAnyExcept(SchemeBytes);
    }

    /// <summary>True if the scheme is one that <see cref="TryScan"/> knows.</summary>
    public static bool IsKnownScheme(ReadOnlySpan<byte> text) => TryScheme(text, out _, out _);

    public static bool TryScan(ReadOnlySpan<byte> text, out UriBounds bounds)
    {
        bounds = default;
        if (text.Length > LongestUri || !TryScheme(text, out var scheme, out var start)) return false;
        if (scheme == UriScheme.Tel) return TryScanTel(text, start, out bounds);

        var at = text[start..].IndexOf((byte)'@');
        int userEnd = start, infoEnd = start, host = start;
        if (at >= 0)
        {
            infoEnd = start + at;
            var info = text[start..infoEnd];
            var colon = info.IndexOf((byte)':');
            userEnd = colon < 0 ? infoEnd : start + colon;
            if (userEnd == start || info.ContainsAnyExcept(UserBytes) || !EscapesAreValid(info)) return false;
            host = infoEnd + 1;
        }
        if (!TryScanHost(text, host, out var hostEnd, out var port, out var rest)) return false;
        var question = text[rest..].IndexOf((byte)'?');
        var parametersEnd = question < 0 ? text.Length : rest + question;
        if (!ParametersAreValid(text[rest..parametersEnd])) return false;
        if (question >= 0 && !HeadersAreValid(text[(parametersEnd + 1)..])) return false;
        bounds = new UriBounds
        {
            Scheme = scheme,
            UserStart = (ushort)start,
            UserEnd = (ushort)userEnd,
            UserInfoEnd = (ushort)infoEnd,
            HostStart = (ushort)host,
            HostEnd = (ushort)hostEnd,
            Port = port,
            ParametersStart = (ushort)rest,
            ParametersEnd = (ushort)parametersEnd
        };
        return true;
    }

    /// <summary>A host name, IPv4 address or IPv6 reference with an optional port, from <paramref name="start"/>.</summary>
    public static bool TryScanHost(ReadOnlySpan<byte> text, int start, out int hostEnd, out ushort port, out int rest)
    {
        hostEnd = rest = start;
        port = 0;
        if (start >= text.Length) return false;
        if (text[start] == '[')
        {
            var close = text[start..].IndexOf((byte)']');
            if (close < 3 || text.Slice(start + 1, close - 1).ContainsAnyExcept(Ipv6Bytes)) return false;
            hostEnd = start + close + 1;
        }
        else
        {
            var length = text[start..].IndexOfAnyExcept(HostBytes);
            hostEnd = length < 0 ? text.Length : start + length;
            if (hostEnd == start || text[start] == '.') return false;
        }
        rest = hostEnd;
        if (rest >= text.Length || text[rest] != ':') return true;
        var digits = ++rest;
        while (rest < text.Length && SipText.IsDigit(text[rest])) rest++;
        if (!SipText.TryNumber(text[digits..rest], out var number) || number is 0 or > ushort.MaxValue) return false;
        port = (ushort)number;
        return true;
    }

    private static bool TryScanTel(ReadOnlySpan<byte> text, int start, out UriBounds bounds)
    {
        bounds = default;
        var semicolon = text[start..].IndexOf((byte)';');
        var end = semicolon < 0 ? text.Length : start + semicolon;
        var number = text[start..end];
        if (number.IsEmpty || number.ContainsAnyExcept(TelBytes) || !EscapesAreValid(number) || !ParametersAreValid(text[end..])) return false;
        bounds = new UriBounds
        {
            Scheme = UriScheme.Tel,
            UserStart = (ushort)start,
            UserEnd = (ushort)end,
            UserInfoEnd = (ushort)end,
            HostStart = (ushort)end,
            HostEnd = (ushort)end,
            ParametersStart = (ushort)end,
            ParametersEnd = (ushort)text.Length
        };
        return true;
    }

    private static bool TryScheme(ReadOnlySpan<byte> text, out UriScheme scheme, out int length)
    {
        scheme = UriScheme.Sip;
        length = 4;
        if (text.Length < 4) return false;
        if (text[3] == ':' && Ascii.EqualsIgnoreCase(text[..3], "sip"u8)) return true;
        if (text[3] == ':' && Ascii.EqualsIgnoreCase(text[..3], "tel"u8))
        {
            scheme = UriScheme.Tel;
            return true;
        }
        length = 5;
        scheme = UriScheme.Sips;
        return text.Length > 4 && text[4] == ':' && Ascii.EqualsIgnoreCase(text[..4], "sips"u8);
    }

    // *( ";" pname [ "=" pvalue ] )
    private static bool ParametersAreValid(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return true;
        if (text[0] != ';' || text.ContainsAnyExcept(ParameterBytes) || !EscapesAreValid(text)) return false;
        for (var at = 0; at < text.Length; at++)
            if (text[at] == ';' && (at + 1 == text.Length || text[at + 1] is (byte)';' or (byte)'='))
                return false;
        return true;
    }

    private static bool HeadersAreValid(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(HeaderBytes) && EscapesAreValid(text);

    private static bool EscapesAreValid(ReadOnlySpan<byte> text)
    {
        for (var at = text.IndexOf((byte)'%'); at >= 0;)
        {
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit((char)text[at + 1]) || !char.IsAsciiHexDigit((char)text[at + 2])) return false;
            var next = text[(at + 3)..].IndexOf((byte)'%');
            at = next < 0 ? -1 : at + 3 + next;
        }
        return true;
    }
}
