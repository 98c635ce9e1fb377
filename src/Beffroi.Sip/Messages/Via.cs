// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text;

namespace Beffroi.Sip.Messages;

/// <summary>One Via value: RFC 3261 §20.42, with rport of RFC 3581.</summary>
public readonly record struct Via
{
    /// <summary>In upper case: "UDP", "TCP", "TLS", "WS", "WSS", or what the sender wrote.</summary>
    public string Transport { get; init; }
    /// <summary>The sent-by host as written, an IPv6 reference with its brackets.</summary>
    public string Host { get; init; }
    /// <summary>The sent-by port; 0 if absent.</summary>
    public int Port { get; init; }
    public string? Branch { get; init; }
    public string? Received { get; init; }
    /// <summary>True if an rport parameter stands there, with or without a value.</summary>
    public bool HasRport { get; init; }
    /// <summary>0 if there is none or it has no value.</summary>
    public int Rport { get; init; }
    public string? Maddr { get; init; }
    /// <summary>-1 if absent.</summary>
    public int Ttl { get; init; }
    /// <summary>Parameters other than the ones above.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Others { get; init; }

    /// <summary>The branch of RFC 3261 requests starts with this cookie, §8.1.1.7.</summary>
    public const string Cookie = "z9hG4bK";

    /// <summary>True if the branch identifies the transaction by itself: the cookie and something after it.</summary>
    public bool HasUniqueBranch => Branch is not null && Branch.Length > Cookie.Length && Branch.StartsWith(Cookie, StringComparison.Ordinal);

    public static bool TryParse(ReadOnlySpan<byte> value, out Via via)
    {
        via = default;
        if (!ViaBounds.TryScan(SipText.Trim(value), out var bounds) || bounds.Malformed) return false;
        via = bounds.ToVia();
        return true;
    }

    /// <summary>The text for the wire.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("SIP/2.0/", 96).Append(Transport).Append(' ').Append(Host);
        if (Port > 0) text.Append(CultureInfo.InvariantCulture, $":{Port}");
        if (Ttl >= 0) text.Append(CultureInfo.InvariantCulture, $";ttl={Ttl}");
        if (Maddr is not null) text.Append(";maddr=").Append(Maddr);
        if (HasRport) text.Append(";rport");
        if (Rport > 0) text.Append(CultureInfo.InvariantCulture, $"={Rport}");
        if (Received is not null) text.Append(";received=").Append(Received);
        if (Branch is not null) text.Append(";branch=").Append(Branch);
        foreach (var (name, other) in Others ?? [])
        {
            text.Append(';').Append(name);
            if (other is not null) text.Append('=').Append(SipText.IsPlainValue(other) ? other : SipText.Quote(other));
        }
        return text.ToString();
    }
}

/// <summary>Where the parts of one Via value stand, found without allocation.</summary>
internal ref struct ViaBounds
{
    public ReadOnlySpan<byte> Transport;
    public ReadOnlySpan<byte> Host;
    public ushort Port;
    public ReadOnlySpan<byte> Parameters;
    public ReadOnlySpan<byte> Branch;
    public bool HasRport;
    /// <summary>The sent-by part is sound, so that a 400 finds its way, but the parameters are not.</summary>
    public bool Malformed;

    // sent-protocol LWS sent-by *( SEMI via-params ), blanks around each separator
    public static bool TryScan(ReadOnlySpan<byte> value, out ViaBounds bounds)
    {
        bounds = default;
        var at = 0;
        if (!Take(value, ref at, "SIP"u8) || !Take(value, ref at, "/"u8) || !Take(value, ref at, "2.0"u8) || !Take(value, ref at, "/"u8)) return false;
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
