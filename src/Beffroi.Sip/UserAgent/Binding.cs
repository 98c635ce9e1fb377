// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>Transport and address that a request came from, as a value that outlives its flow.</summary>
public sealed record SipSource(SipTransportKind Kind, IPEndPoint Remote)
{
    /// <summary><c>udp 192.0.2.7:5060</c></summary>
    public string Write() => $"{Kind.ToString().ToLowerInvariant()} {Remote}";

    /// <summary>What <see cref="Write"/> wrote; null for anything else.</summary>
    public static SipSource? Read(string? text) =>
        text?.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space && Enum.TryParse<SipTransportKind>(text[..space], ignoreCase: true, out var kind)
            && IPEndPoint.TryParse(text[(space + 1)..], out var remote) ? new SipSource(kind, remote) : null;
}

/// <summary>One contact of an address-of-record: where a device is reached until it expires. RFC 3261 §10, RFC 3327, RFC 5626.</summary>
/// <remarks>Immutable and small: some 600 bytes with its strings, which a refresh keeps.</remarks>
public sealed record Binding
{
    /// <summary>Request-URI for requests to the device.</summary>
    public required SipUri Contact { get; init; }

    public required string CallId { get; init; }

    /// <summary>CSeq of the REGISTER that made or last refreshed it.</summary>
    public required uint CSeq { get; init; }

    public required DateTimeOffset Expires { get; init; }

    /// <summary>Preference in thousandths, 0 to 1000: the q parameter; 1000 when the device gives none.</summary>
    public ushort Q { get; init; } = 1000;

    /// <summary>The +sip.instance of the device, such as "&lt;urn:uuid:…&gt;"; null if it gives none (RFC 5626 §4.1).</summary>
    public string? InstanceId { get; init; }

    /// <summary>Which of the device's flows; 0 if it gives none (RFC 5626 §4.2).</summary>
    public int RegId { get; init; }

    /// <summary>Routes to the device, first hop first (RFC 3327); often empty.</summary>
    public IReadOnlyList<NameAddress> Path { get; init; } = [];

    /// <summary>What the device calls itself, at most 128 characters.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The flow the REGISTER came over: the way back through NAT. Null after a restart, until the device comes again.</summary>
    public SipFlow? Flow { get; init; }

    /// <summary>Where the REGISTER came from, kept over a restart; null where it was never known.</summary>
    public SipSource? Source { get; init; }

    /// <summary>The Contact value of a 200, with the seconds left at <paramref name="now"/>.</summary>
    public string ToContact(DateTimeOffset now)
    {
        var seconds = Math.Max(0, (long)Math.Ceiling((Expires - now).TotalSeconds));
        var text = string.Create(CultureInfo.InvariantCulture, $"<{Contact.Reveal()}>;expires={seconds}");
        if (Q < 1000) text += string.Create(CultureInfo.InvariantCulture, $";q={Q / 1000m:0.###}");
        if (InstanceId is not null) text += $";+sip.instance={SipText.Quote(InstanceId)}";
        return RegId == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text};reg-id={RegId}");
    }

    /// <summary>For logs: nothing personal.</summary>
    public override string ToString() => $"{Contact} until {Expires:u}";
}
