// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
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
    [MemberNotNullWhen(true, nameof(Branch))]
    public bool HasUniqueBranch => Branch is not null && Branch.Length > Cookie.Length && Branch.StartsWith(Cookie, StringComparison.OrdinalIgnoreCase);

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
