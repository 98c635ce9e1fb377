// SPDX-License-Identifier: EUPL-1.2
using System.Text;

namespace Beffroi.Sip.Messages;

/// <summary>A Request-Line or Status-Line, RFC 3261 §7.1 and §7.2: one space between the parts, none elsewhere.</summary>
internal readonly struct StartLine
{
    private static ReadOnlySpan<byte> Version => "SIP/2.0"u8;

    public bool IsRequest { get; private init; }
    public int MethodLength { get; private init; }
    public int UriStart { get; private init; }
    public int UriLength { get; private init; }
    public int StatusCode { get; private init; }
    public int ReasonStart { get; private init; }

    public static SipParseFault Read(ReadOnlySpan<byte> line, out StartLine start) =>
        line.Length > 4 && Ascii.EqualsIgnoreCase(line[..4], "SIP/"u8) ? ReadStatusLine(line, out start) : ReadRequestLine(line, out start);

    private static SipParseFault ReadStatusLine(ReadOnlySpan<byte> line, out StartLine start)
    {
        start = default;
        if (line.Length < 11 || !Ascii.EqualsIgnoreCase(line[..7], Version)) return SipParseFault.BadVersion;
        // "SIP/2.0 200 " has an empty reason; "SIP/2.0 200" without the space is taken too.
        if (line[7] != ' ' || (line.Length > 11 && line[11] != ' ')) return SipParseFault.BadStatusCode;
        if (!SipText.TryNumber(line.Slice(8, 3), out var code) || code is < 100 or > 699) return SipParseFault.BadStatusCode;
        start = new StartLine { StatusCode = (int)code, ReasonStart = Math.Min(12, line.Length) };
        return SipParseFault.None;
    }

    private static SipParseFault ReadRequestLine(ReadOnlySpan<byte> line, out StartLine start)
    {
        start = new StartLine { IsRequest = true };
        var end = line.Length;
        while (end > 0 && line[end - 1] == ' ') end--;
        var versionAt = line[..end].LastIndexOf((byte)' ') + 1;
        var version = line[versionAt..end];
        if (versionAt < 2 || version.Length < 5 || !Ascii.EqualsIgnoreCase(version[..4], "SIP/"u8)) return SipParseFault.NotSip;

        var method = SipText.TokenLength(line);
        if (method == 0 || line[method] != ' ') return SipParseFault.NotSip;
        var uri = method + 1;
        start = new StartLine { IsRequest = true, MethodLength = method, UriStart = uri, UriLength = Math.Max(0, versionAt - 1 - uri) };
        if (!Ascii.EqualsIgnoreCase(version, Version)) return SipParseFault.BadVersion;
        var text = line.Slice(uri, start.UriLength);
        if (end != line.Length || text.IsEmpty || text.ContainsAny((byte)' ', (byte)'\t')) return SipParseFault.BadStartLine;
        return UriIsValid(text) ? SipParseFault.None : SipParseFault.BadRequestUri;
    }

    // No headers in a Request-URI (RFC 3261 §19.1.1, table 1); another scheme is the core's to refuse with 416.
    private static bool UriIsValid(ReadOnlySpan<byte> uri)
    {
        if (UriBounds.IsKnownScheme(uri)) return UriBounds.TryScan(uri, out var bounds) && bounds.ParametersEnd == uri.Length;
        return UriBounds.HasScheme(uri) && !uri.ContainsAny((byte)'<', (byte)'>', (byte)'"');
    }
}
