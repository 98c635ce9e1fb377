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

    /// <summary>The payload types of an RTP m-line, in order. One that is neither static nor explained by an rtpmap line is left out. Worked out once per m-line.</summary>
    public ImmutableArray<RtpFormat> RtpFormats()
    {
        if (_formats.WorkedOut is not { } known || known.From != Formats || known.With != Attributes) _formats.WorkedOut = known = new(Formats, Attributes, ReadFormats());
        return known.Formats;
    }

    private FormatsMemo _formats;

    private ImmutableArray<RtpFormat> ReadFormats()
    {
        Span<short> maps = stackalloc short[PayloadTypes], parameters = stackalloc short[PayloadTypes];      // the attribute of each payload type, from 1; 0: none
        IndexByPayloadType("rtpmap", maps);
        IndexByPayloadType("fmtp", parameters);
        UInt128 seen = 0;
        var formats = ImmutableArray.CreateBuilder<RtpFormat>(Formats.Length);
        foreach (var text in Formats)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var payloadType) || payloadType >= PayloadTypes || (seen & (UInt128.One << payloadType)) != 0) continue;
            seen |= UInt128.One << payloadType;
            var format = maps[payloadType] > 0 ? StaticPayloadTypes.FromMap(payloadType, AfterNumber(maps[payloadType])) : StaticPayloadTypes.Of(payloadType);
            if (format is null) continue;
            formats.Add(parameters[payloadType] > 0 ? format with { FormatParameters = AfterNumber(parameters[payloadType]).ToString() } : format);
        }
        return formats.DrainToImmutable();
    }

    private const int PayloadTypes = 128;

    /// <summary>Attributes of the form <c>name:payload-type rest</c>; the first of each payload type counts.</summary>
    private void IndexByPayloadType(string name, Span<short> index)
    {
        for (var i = 0; i < Attributes.Length; i++)
        {
            if (!Attributes[i].Is(name) || Attributes[i].Value is not { } value) continue;
            var space = value.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0 && int.TryParse(value.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var payloadType) && payloadType < PayloadTypes && index[payloadType] == 0)
                index[payloadType] = (short)(i + 1);
        }
    }

    private ReadOnlySpan<char> AfterNumber(short index)
    {
        var value = Attributes[index - 1].Value!;
        return value.AsSpan(value.IndexOf(' ', StringComparison.Ordinal) + 1).Trim();
    }

    /// <summary>What was worked out, and from what: a copy with other formats or attributes sees that it is not its own. No part of what the m-line is, so that all are equal.</summary>
    private struct FormatsMemo : IEquatable<FormatsMemo>
    {
        internal ReadFormatsResult? WorkedOut;

        public readonly bool Equals(FormatsMemo other) => true;

        public override readonly bool Equals(object? obj) => obj is FormatsMemo;

        public override readonly int GetHashCode() => 0;
    }

    private sealed record ReadFormatsResult(ImmutableArray<string> From, ImmutableArray<SdpAttribute> With, ImmutableArray<RtpFormat> Formats);
}
