// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Beffroi.Media.Sdp;

/// <summary>A session description: RFC 8866. Attributes and lines that we do not know are kept in their order.</summary>
/// <remarks>Threading: immutable.</remarks>
public sealed record SessionDescription
{
    public required SdpOrigin Origin { get; init; }

    /// <summary>The s= line; "-" when there is no name.</summary>
    public string SessionName { get; init; } = "-";

    /// <summary>Where the media of every m-line without its own c= line goes.</summary>
    public SdpConnection? Connection { get; init; }

    public ImmutableArray<SdpBandwidth> Bandwidths { get; init; } = [];

    public ImmutableArray<SdpAttribute> Attributes { get; init; } = [];

    public ImmutableArray<MediaDescription> Media { get; init; } = [];

    /// <summary>The lines i, u, e, p, t, r, z, k, and those of unknown type.</summary>
    public ImmutableArray<SdpLine> OtherLines { get; init; } = [];

    /// <summary>Reads a description. Never throws, whatever the bytes: anyone on the network may have sent them.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SessionDescription? description, out SdpFault fault) =>
        SdpParser.TryParse(bytes, out description, out fault);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out SessionDescription?, out SdpFault)"/>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SessionDescription? description) => TryParse(bytes, out description, out _);

    /// <summary>The description as it goes into a SIP body: lines in the order of RFC 8866 §5, ended by CRLF.</summary>
    public byte[] ToBytes() => SdpWriter.Write(this);

    public override string ToString() => System.Text.Encoding.UTF8.GetString(ToBytes());

    /// <summary>Where <paramref name="media"/> asks its packets to be sent: its own c= line or the session's.</summary>
    public SdpConnection? ConnectionOf(MediaDescription media)
    {
        ArgumentNullException.ThrowIfNull(media);
        return media.Connection ?? Connection;
    }

    /// <summary>The direction of <paramref name="media"/> as its sender sees it: its own attribute, the session's, else both ways (RFC 8866 §6.7).</summary>
    public MediaDirection DirectionOf(MediaDescription media)
    {
        ArgumentNullException.ThrowIfNull(media);
        return Direction(media.Attributes) ?? Direction(Attributes) ?? MediaDirection.SendReceive;
    }

    private static MediaDirection? Direction(ImmutableArray<SdpAttribute> attributes)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Value is not null) continue;
            if (attribute.Is("sendrecv")) return MediaDirection.SendReceive;
            if (attribute.Is("sendonly")) return MediaDirection.SendOnly;
            if (attribute.Is("recvonly")) return MediaDirection.ReceiveOnly;
            if (attribute.Is("inactive")) return MediaDirection.Inactive;
        }
        return null;
    }
}
