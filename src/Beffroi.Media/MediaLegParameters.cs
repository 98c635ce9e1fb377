// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Serialization;

namespace Beffroi.Media;

public enum MediaKind : byte { Audio, Video, Other }

/// <summary>RFC 3264 §5.1, as seen by us: <see cref="SendOnly"/> means that we send and ignore what arrives.</summary>
public enum MediaDirection : byte { SendReceive, SendOnly, ReceiveOnly, Inactive }

/// <summary>What offer and answer settled for one leg: one entry per m-line, in the order of the m-lines.</summary>
public sealed record MediaLegParameters(ImmutableArray<StreamParameters> Streams);

/// <summary>One negotiated m-line.</summary>
public sealed record StreamParameters
{
    public MediaKind Kind { get; init; }

    /// <summary>Where the peer asks its RTP to be sent; null or port 0: nowhere yet.</summary>
    [JsonConverter(typeof(EndPointJson))]
    public IPEndPoint? RemoteRtp { get; init; }

    /// <summary>Where the peer asks its RTCP to be sent (RFC 3605); null: the port after <see cref="RemoteRtp"/>.</summary>
    [JsonConverter(typeof(EndPointJson))]
    public IPEndPoint? RemoteRtcp { get; init; }

    public MediaDirection Direction { get; init; }

    /// <summary>In order of preference. The first that is no telephone-event and no comfort noise is what we send when we make the sound.</summary>
    public ImmutableArray<RtpFormat> Formats { get; init; } = [];

    /// <summary>Length of the packets that we make, in ms (RFC 4566 §6 ptime).</summary>
    public int PacketTimeMs { get; init; } = 20;

    /// <summary>RTCP on the RTP port: RFC 5761.</summary>
    public bool RtcpMux { get; init; }

    /// <summary>Send to where the peer sends from rather than to where it says (RFC 4961; the latch is described at <c>RemoteLatch</c>).</summary>
    public bool Symmetric { get; init; } = true;

    /// <summary>Port 0 in the answer: the m-line stays in its place and carries nothing.</summary>
    public bool Disabled { get; init; }
}

/// <summary>One payload type: a=rtpmap and a=fmtp (RFC 8866 §6.6, §6.15).</summary>
/// <param name="PayloadType">0 to 127.</param>
/// <param name="Encoding">Registered name ("PCMA", "telephone-event"), compared without case.</param>
/// <param name="ClockRate">RTP clock, Hz. G.722 says 8000 by RFC 3551 §4.5.2, though it samples at 16,000.</param>
public sealed record RtpFormat(int PayloadType, string Encoding, int ClockRate, int Channels = 1, string? FormatParameters = null)
{
    [JsonIgnore]
    public bool IsTelephoneEvent => Encoding.Equals("telephone-event", StringComparison.OrdinalIgnoreCase);

    [JsonIgnore]
    public bool IsComfortNoise => Encoding.Equals("CN", StringComparison.OrdinalIgnoreCase);

    /// <summary>The same encoding with perhaps another payload type number and other parameters.</summary>
    public bool HasSameEncodingAs(RtpFormat other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ClockRate == other.ClockRate && Channels == other.Channels && Encoding.Equals(other.Encoding, StringComparison.OrdinalIgnoreCase);
    }
}
