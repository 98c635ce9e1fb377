// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Beffroi.Media.Sdp;

/// <summary>Why a session description was not understood.</summary>
public enum SdpFault
{
    None,
    TooLong,
    TooManyLines,
    TooManyMedia,
    NotSdp,
    BadLine,
    BadOrigin,
    BadConnection,
    BadMedia,
    NoOrigin,
}

/// <summary>A line kept as it came: <c>t=0 0</c>, or one of a type that RFC 8866 does not know.</summary>
public readonly record struct SdpLine(char Type, string Value);

/// <summary>An attribute line: RFC 8866 §5.13. <paramref name="Value"/> is null for a flag such as <c>a=sendrecv</c>.</summary>
public readonly record struct SdpAttribute(string Name, string? Value = null)
{
    /// <summary>Names and values that nearly every description has, so that each need not be made anew for each call.</summary>
    private static readonly string[] Usual = ["rtpmap", "fmtp", "ptime", "maxptime", "sendrecv", "sendonly", "recvonly", "inactive", "rtcp", "rtcp-mux", "rtcp-fb", "mid", "ssrc",
        "0 PCMU/8000", "8 PCMA/8000", "9 G722/8000", "101 telephone-event/8000", "101 0-15", "101 0-16", "20"];

    internal static SdpAttribute Parse(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        return colon < 0 ? new SdpAttribute(Text(line)) : new SdpAttribute(Text(line[..colon]), Text(line[(colon + 1)..]));
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        foreach (var usual in Usual)
            if (Ascii.Equals(bytes, usual)) return usual;
        return Encoding.UTF8.GetString(bytes);
    }

    internal bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => Value is null ? Name : $"{Name}:{Value}";
}

/// <summary>A bandwidth line: RFC 8866 §5.8. <paramref name="Value"/> is in kbit/s for AS and CT, in bit/s for TIAS, RS, RR (RFC 3890, 3556).</summary>
public readonly record struct SdpBandwidth(string Type, string Value)
{
    internal static SdpBandwidth Parse(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? new SdpBandwidth(line, "") : new SdpBandwidth(line[..colon], line[(colon + 1)..]);
    }

    public override string ToString() => $"{Type}:{Value}";
}

/// <summary>The originator and the version of the session: RFC 8866 §5.2. The numbers may be longer than 64 bits, so they stay text.</summary>
public sealed record SdpOrigin(string Username, string SessionId, string SessionVersion, string NetworkType, string AddressType, string Address)
{
    internal static SdpOrigin? Parse(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 6 ? new SdpOrigin(words[0], words[1], words[2], words[3], words[4], words[5]) : null;
    }

    public override string ToString() => $"{Username} {SessionId} {SessionVersion} {NetworkType} {AddressType} {Address}";
}

/// <summary>Where media is to be sent: RFC 8866 §5.7.</summary>
public sealed record SdpConnection(string NetworkType, string AddressType, string Address)
{
    /// <summary>The address as a number; null for a name, which is not looked up (the peer's packets tell its address).</summary>
    public IPAddress? IpAddress { get; } = ParseAddress(AddressType, Address);

    /// <summary>0.0.0.0: "send me nothing" of RFC 2543, which RFC 3264 §8.4 still wants understood; [::] likewise.</summary>
    public bool IsHold => IpAddress is { } address && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    /// <summary>A multicast or broadcast address: we never send there, lest a stranger multiply our packets.</summary>
    public bool IsMulticast => IpAddress is { } address
        && (address.IsIPv6Multicast || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] >= 224));

    internal static SdpConnection? Parse(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 3 ? new SdpConnection(words[0], words[1], words[2]) : null;
    }

    internal static SdpConnection Of(IPAddress address) =>
        new("IN", address.AddressFamily == AddressFamily.InterNetworkV6 ? "IP6" : "IP4", address.ToString());

    private static IPAddress? ParseAddress(string type, string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);        // multicast: address/ttl/count
        var wanted = type.Equals("IP6", StringComparison.OrdinalIgnoreCase) ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        var plain = slash < 0 ? text : text[..slash];
        var dotted = wanted == AddressFamily.InterNetwork && plain.Count(c => c == '.') != 3;       // "1" is 0.0.0.1 to .NET
        return !dotted && IPAddress.TryParse(plain, out var address) && address.AddressFamily == wanted ? address : null;
    }

    public override string ToString() => $"{NetworkType} {AddressType} {Address}";
}
