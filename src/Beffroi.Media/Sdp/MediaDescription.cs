// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Globalization;

namespace Beffroi.Media.Sdp;

/// <summary>One m-line and what belongs to it: RFC 8866 §5.14.</summary>
/// <remarks>Threading: immutable.</remarks>
public sealed record MediaDescription
{
    /// <summary>"audio", "video", "text", "application", "message", "image".</summary>
    public required string Media { get; init; }

    /// <summary>0 refuses or ends the stream (RFC 3264 §6).</summary>
    public required int Port { get; init; }

    /// <summary>The number after the slash in <c>m=video 49170/2</c>; 1 otherwise.</summary>
    public int PortCount { get; init; } = 1;

    /// <summary>"RTP/AVP", "RTP/SAVPF", "udptl".</summary>
    public required string Protocol { get; init; }

    /// <summary>Payload type numbers, or what another protocol has there ("t38").</summary>
    public required ImmutableArray<string> Formats { get; init; }

    public SdpConnection? Connection { get; init; }

    public ImmutableArray<SdpBandwidth> Bandwidths { get; init; } = [];

    public ImmutableArray<SdpAttribute> Attributes { get; init; } = [];

    /// <summary>The lines i, k, and those of unknown type.</summary>
    public ImmutableArray<SdpLine> OtherLines { get; init; } = [];

    public MediaKind Kind => Media.Equals("audio", StringComparison.OrdinalIgnoreCase) ? MediaKind.Audio
        : Media.Equals("video", StringComparison.OrdinalIgnoreCase) ? MediaKind.Video
        : MediaKind.Other;

    /// <summary>True for RTP in the clear, with or without early feedback (RFC 3551, RFC 4585): all that is carried for now.</summary>
    public bool IsPlainRtp => Protocol.Equals("RTP/AVP", StringComparison.OrdinalIgnoreCase) || Protocol.Equals("RTP/AVPF", StringComparison.OrdinalIgnoreCase);

    public bool Has(string attribute) => Attributes.Any(a => a.Is(attribute));

    /// <summary>The value of the first attribute of that name; null when it is missing or has none.</summary>
    public string? Attribute(string name)
    {
        foreach (var attribute in Attributes)
            if (attribute.Is(name)) return attribute.Value;
        return null;
    }

    /// <summary>The payload types of an RTP m-line, in order. One that is neither static nor explained by an rtpmap line is left out.</summary>
    public ImmutableArray<RtpFormat> RtpFormats()
    {
        var maps = ByPayloadType("rtpmap");
        var parameters = ByPayloadType("fmtp");
        var seen = new HashSet<int>();
        var formats = ImmutableArray.CreateBuilder<RtpFormat>();
        foreach (var text in Formats)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var payloadType) || payloadType > 127 || !seen.Add(payloadType)) continue;
            var format = maps.TryGetValue(payloadType, out var map) ? StaticPayloadTypes.FromMap(payloadType, map) : StaticPayloadTypes.Of(payloadType);
            if (format is not null) formats.Add(format with { FormatParameters = parameters.GetValueOrDefault(payloadType) });
        }
        return formats.DrainToImmutable();
    }

    /// <summary>Attributes of the form <c>name:payload-type rest</c>; the first of each payload type counts.</summary>
    private Dictionary<int, string> ByPayloadType(string name)
    {
        var found = new Dictionary<int, string>();
        foreach (var attribute in Attributes)
        {
            if (!attribute.Is(name) || attribute.Value is not { } value) continue;
            var space = value.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0 && int.TryParse(value.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var payloadType))
                found.TryAdd(payloadType, value[(space + 1)..].Trim());
        }
        return found;
    }
}
