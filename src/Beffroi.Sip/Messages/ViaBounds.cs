// SPDX-License-Identifier: EUPL-1.2
using System.Text;

namespace Beffroi.Sip.Messages;

/// <summary>Where the parts of one Via value stand, found without allocation.</summary>
internal ref struct ViaBounds
{
    public ReadOnlySpan<byte> Transport;
    public ReadOnlySpan<byte> Host;
    public ushort Port;
    public ReadOnlySpan<byte> Parameters;
    public ReadOnlySpan<byte> Branch;
    public bool HasRport;
    /// <summary>The sent-by part is sound, so that a 400 finds its way, but the version or the parameters are not.</summary>
    public bool Malformed;

    // sent-protocol LWS sent-by *( SEMI via-params ), blanks around each separator
    public static bool TryScan(ReadOnlySpan<byte> value, out ViaBounds bounds)
    {
        bounds = default;
        var at = 0;
        if (!Take(value, ref at, "SIP"u8) || !Take(value, ref at, "/"u8)) return false;
        at = SipText.SkipBlanks(value, at);
        var version = SipText.TokenLength(value[at..]);
        var otherVersion = !value.Slice(at, version).SequenceEqual("2.0"u8);
        at += version;
        if (!Take(value, ref at, "/"u8)) return false;
        at = SipText.SkipBlanks(value, at);
        var length = SipText.TokenLength(value[at..]);
        if (length == 0) return false;
        bounds.Transport = value.Slice(at, length);
        var host = SipText.SkipBlanks(value, at + length);
        if (host == at + length || !UriBounds.TryScanHost(value, host, out var hostEnd, out bounds.Port, out at)) return false;
        bounds.Host = value[host..hostEnd];
        at = SipText.SkipBlanks(value, at);
        if (bounds.Port == 0 && at < value.Length && value[at] == ':' && !TryPort(value, ref at, out bounds.Port)) return false;
        bounds.Parameters = value[SipText.SkipBlanks(value, at)..];
        bounds.ReadParameters();
        bounds.Malformed |= otherVersion;
        return true;
    }

    public readonly Via ToVia()
    {
        string? received = null, maddr = null;
        List<KeyValuePair<string, string?>>? others = null;
        int rport = 0, ttl = -1;
        for (var scan = new ParameterScanner(Parameters); scan.MoveNext();)
        {
            if (Ascii.EqualsIgnoreCase(scan.Name, "branch"u8)) continue;
            if (Ascii.EqualsIgnoreCase(scan.Name, "received"u8)) received = SipText.Decode(scan.RawValue);
            else if (Ascii.EqualsIgnoreCase(scan.Name, "maddr"u8)) maddr = SipText.Decode(scan.RawValue);
            else if (Ascii.EqualsIgnoreCase(scan.Name, "rport"u8)) rport = SipText.TryNumber(scan.RawValue, out var port) && port <= ushort.MaxValue ? (int)port : 0;
            else if (Ascii.EqualsIgnoreCase(scan.Name, "ttl"u8)) ttl = SipText.TryNumber(scan.RawValue, out var number) && number <= 255 ? (int)number : -1;
            else (others ??= []).Add(new(Encoding.ASCII.GetString(scan.Name), scan.HasValue ? SipText.Unquote(SipText.Decode(scan.RawValue)) : null));
        }
        return new Via
        {
            Transport = TransportText(Transport),
            Host = Encoding.ASCII.GetString(Host),
            Port = Port,
            Branch = Branch.IsEmpty ? null : SipText.Decode(Branch),
            Received = received,
            HasRport = HasRport,
            Rport = rport,
            Maddr = maddr,
            Ttl = ttl,
            Others = others ?? (IReadOnlyList<KeyValuePair<string,
            string?>>)[]
        };
    }

    private void ReadParameters()
    {
        var scan = new ParameterScanner(Parameters);
        while (scan.MoveNext())
        {
            if (Branch.IsEmpty && Ascii.EqualsIgnoreCase(scan.Name, "branch"u8)) Branch = scan.RawValue;
            else if (Ascii.EqualsIgnoreCase(scan.Name, "rport"u8)) HasRport = true;
        }
        Malformed = scan.Malformed;
    }

    private static bool TryPort(ReadOnlySpan<byte> value, ref int at, out ushort port)
    {
        port = 0;
        var start = at = SipText.SkipBlanks(value, at + 1);
        while (at < value.Length && SipText.IsDigit(value[at])) at++;
        if (!SipText.TryNumber(value[start..at], out var number) || number is 0 or > ushort.MaxValue) return false;
        port = (ushort)number;
        return true;
    }

    private static bool Take(ReadOnlySpan<byte> value, ref int at, ReadOnlySpan<byte> expected)
    {
        at = SipText.SkipBlanks(value, at);
        if (value.Length - at < expected.Length || !Ascii.EqualsIgnoreCase(value.Slice(at, expected.Length), expected)) return false;
        at += expected.Length;
        return true;
    }

    private static string TransportText(ReadOnlySpan<byte> transport)
    {
        if (Ascii.EqualsIgnoreCase(transport, "UDP"u8)) return "UDP";
        if (Ascii.EqualsIgnoreCase(transport, "TCP"u8)) return "TCP";
        if (Ascii.EqualsIgnoreCase(transport, "TLS"u8)) return "TLS";
        if (Ascii.EqualsIgnoreCase(transport, "WSS"u8)) return "WSS";
        return Ascii.EqualsIgnoreCase(transport, "WS"u8) ? "WS" : Encoding.ASCII.GetString(transport).ToUpperInvariant();
    }
}
