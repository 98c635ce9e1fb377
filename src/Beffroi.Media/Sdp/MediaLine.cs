// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Beffroi.Media.Sdp;

/// <summary>What offer and answer read from, and write into, one m-line.</summary>
internal static class MediaLine
{
    /// <summary>Attributes that mean the same on both legs, so that they go along with a stream that passes through.</summary>
    /// <remarks>Everything else stays behind: keys, candidates and fingerprints are those of one leg; mid, group, msid and ssrc name things of its session.</remarks>
    private static readonly string[] Carried = ["framerate", "framesize", "imageattr", "content", "lang", "quality", "orient"];

    /// <summary>True when we can carry it: RTP in the clear to one known place.</summary>
    internal static bool IsUsable(SessionDescription description, MediaDescription media, CodecPolicy? policy) =>
        media.Port > 0 && media.PortCount == 1 && media.IsPlainRtp
        && description.ConnectionOf(media) is { IsMulticast: false } connection && connection.NetworkType.Equals("IN", StringComparison.OrdinalIgnoreCase)
        && media.Kind switch
        {
            MediaKind.Audio => true,
            MediaKind.Video => policy?.Video ?? true,
            _ => media.Media.Equals("text", StringComparison.OrdinalIgnoreCase) && (policy?.Text ?? true),
        };

    /// <summary>The m-line that refuses another: RFC 3264 §6, the same kind, protocol and formats, port 0.</summary>
    internal static MediaDescription Refused(MediaDescription media) =>
        new() { Media = media.Media, Port = 0, Protocol = media.Protocol, Formats = media.Formats.Length > 8 ? media.Formats[..8] : media.Formats };

    /// <summary>Writes one m-line of ours.</summary>
    internal static MediaDescription Build(string media, string protocol, LocalMedia local, int stream, LineTerms terms)
    {
        var attributes = ImmutableArray.CreateBuilder<SdpAttribute>();
        foreach (var format in terms.Formats)
        {
            attributes.Add(new SdpAttribute("rtpmap", StaticPayloadTypes.Map(format)));
            if (format.FormatParameters is { Length: > 0 } parameters) attributes.Add(new SdpAttribute("fmtp", string.Create(CultureInfo.InvariantCulture, $"{format.PayloadType} {parameters}")));
        }
        if (terms.PacketTimeMs > 0) attributes.Add(new SdpAttribute("ptime", terms.PacketTimeMs.ToString(CultureInfo.InvariantCulture)));
        if (terms.MaxPacketTimeMs > 0) attributes.Add(new SdpAttribute("maxptime", terms.MaxPacketTimeMs.ToString(CultureInfo.InvariantCulture)));
        if (local.RtcpPortOf(stream) is > 0 and var rtcp && rtcp != local.PortOf(stream) + 1) attributes.Add(new SdpAttribute("rtcp", rtcp.ToString(CultureInfo.InvariantCulture)));
        if (terms.RtcpMux) attributes.Add(new SdpAttribute("rtcp-mux"));
        attributes.AddRange(terms.Carried);
        attributes.Add(new SdpAttribute(Name(terms.Direction)));
        return new MediaDescription
        {
            Media = media,
            Port = local.PortOf(stream),
            Protocol = protocol,
            Formats = [.. terms.Formats.Select(format => format.PayloadType.ToString(CultureInfo.InvariantCulture))],
            Bandwidths = terms.Bandwidths,
            Attributes = attributes.DrainToImmutable(),
        };
    }

    /// <summary>What the engine has to do for an m-line of the peer.</summary>
    internal static StreamParameters Parameters(SessionDescription description, MediaDescription media, MediaDirection direction, ImmutableArray<RtpFormat> formats, bool mux, int packetTimeMs)
    {
        var rtp = RemoteRtp(description, media);
        return new StreamParameters
        {
            Kind = media.Kind,
            RemoteRtp = rtp,
            RemoteRtcp = mux ? rtp : RemoteRtcp(media, rtp),
            Direction = direction,
            Formats = formats,
            PacketTimeMs = packetTimeMs,
            RtcpMux = mux,
        };
    }

    internal static StreamParameters Disabled(MediaDescription media) =>
        new() { Kind = media.Kind, Disabled = true, Direction = MediaDirection.Inactive };

    /// <summary>The attributes of a stream that passes through, payload types renumbered.</summary>
    internal static ImmutableArray<SdpAttribute> CarriedOf(MediaDescription media, Func<int, int?> renumbered)
    {
        var carried = ImmutableArray.CreateBuilder<SdpAttribute>();
        foreach (var attribute in media.Attributes)
        {
            if (Carried.Contains(attribute.Name, StringComparer.OrdinalIgnoreCase)) carried.Add(attribute);
            else if (attribute.Is("rtcp-fb") && attribute.Value is { } value && Renumber(value, renumbered) is { } feedback) carried.Add(attribute with { Value = feedback });
        }
        return carried.DrainToImmutable();
    }

    /// <summary>The length of packets that a peer wishes (ptime) and bears (maxptime), in ms; <paramref name="otherwise"/> when it says nothing sensible.</summary>
    internal static int PacketTime(MediaDescription media, int otherwise)
    {
        var wished = Number(media.Attribute("ptime"));
        var most = Number(media.Attribute("maxptime"));
        var time = wished is >= 10 and <= 60 && wished % 10 == 0 ? wished : otherwise;
        return most is >= 10 && time > most ? most / 10 * 10 : time;
    }

    internal static int Number(string? text) => int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>What the peer does with the stream, as the peer sees it; c=0.0.0.0 means that it does not receive (RFC 3264 §8.4).</summary>
    internal static MediaDirection PeersDirection(SessionDescription description, MediaDescription media)
    {
        var direction = description.DirectionOf(media);
        return description.ConnectionOf(media) is { IsHold: true } ? Both(direction, MediaDirection.SendOnly) : direction;
    }

    /// <summary>The other side's view of a direction.</summary>
    internal static MediaDirection Turned(MediaDirection direction) => direction switch
    {
        MediaDirection.SendOnly => MediaDirection.ReceiveOnly,
        MediaDirection.ReceiveOnly => MediaDirection.SendOnly,
        _ => direction,
    };

    /// <summary>What both allow.</summary>
    internal static MediaDirection Both(MediaDirection a, MediaDirection b) => (Sends(a) && Sends(b), Receives(a) && Receives(b)) switch
    {
        (true, true) => MediaDirection.SendReceive,
        (true, false) => MediaDirection.SendOnly,
        (false, true) => MediaDirection.ReceiveOnly,
        _ => MediaDirection.Inactive,
    };

    internal static string Name(MediaDirection direction) => direction switch
    {
        MediaDirection.SendReceive => "sendrecv",
        MediaDirection.SendOnly => "sendonly",
        MediaDirection.ReceiveOnly => "recvonly",
        _ => "inactive",
    };

    private static bool Sends(MediaDirection direction) => direction is MediaDirection.SendReceive or MediaDirection.SendOnly;

    private static bool Receives(MediaDirection direction) => direction is MediaDirection.SendReceive or MediaDirection.ReceiveOnly;

    private static IPEndPoint? RemoteRtp(SessionDescription description, MediaDescription media) =>
        description.ConnectionOf(media) is { IsHold: false, IsMulticast: false, IpAddress: { } address } ? new IPEndPoint(address, media.Port) : null;

    /// <summary>RFC 3605: <c>a=rtcp:53020</c> or <c>a=rtcp:53020 IN IP4 126.16.64.4</c>. Null when it does not say so.</summary>
    private static IPEndPoint? RemoteRtcp(MediaDescription media, IPEndPoint? rtp)
    {
        var words = (media.Attribute("rtcp") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535) return null;
        var address = rtp?.Address;
        if (words.Length >= 4 && new SdpConnection(words[1], words[2], words[3]) is { IsMulticast: false, IsHold: false, IpAddress: { } own }) address = own;
        return address is null || (rtp is not null && address.AddressFamily != rtp.AddressFamily) ? null : new IPEndPoint(address, port);
    }

    /// <summary><c>96 nack pli</c> or <c>* nack</c>: RFC 4585 §4.2.</summary>
    private static string? Renumber(string feedback, Func<int, int?> renumbered)
    {
        var space = feedback.IndexOf(' ', StringComparison.Ordinal);
        if (space <= 0) return null;
        if (feedback.AsSpan(0, space) is "*") return feedback;
        return int.TryParse(feedback.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var payloadType) && renumbered(payloadType) is { } number
            ? string.Create(CultureInfo.InvariantCulture, $"{number}{feedback.AsSpan(space)}") : null;
    }

    /// <summary>The address family of the leg, as the o= and c= lines name it.</summary>
    internal static string AddressType(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? "IP6" : "IP4";
}

/// <summary>What an m-line of ours shall say.</summary>
internal readonly record struct LineTerms(ImmutableArray<RtpFormat> Formats, MediaDirection Direction)
{
    public int PacketTimeMs { get; init; }

    public int MaxPacketTimeMs { get; init; }

    public bool RtcpMux { get; init; }

    public ImmutableArray<SdpBandwidth> Bandwidths { get; init; } = [];

    public ImmutableArray<SdpAttribute> Carried { get; init; } = [];
}
