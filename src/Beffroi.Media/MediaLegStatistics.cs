// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media;

/// <summary>Figures of a leg's first stream so far. "Received" is what the peer sent us.</summary>
/// <param name="Lost">Packets missed by sequence number (RFC 3550 A.3); duplicates may make it negative there, here it is at least 0.</param>
/// <param name="JitterMs">Interarrival jitter, RFC 3550 §6.4.1.</param>
/// <param name="RemoteLost">What the peer's last report says it missed of ours.</param>
/// <param name="RoundTripMs">From the peer's last report; null before one.</param>
/// <param name="MosReceived">Opinion score 1 to 4.5 of what we hear, by ITU-T G.107; null before sound.</param>
/// <param name="MosSent">The same for what the peer hears, from its reports.</param>
public sealed record MediaLegStatistics(
    string? Codec, long PacketsReceived, long BytesReceived, long PacketsSent, long BytesSent,
    long Lost, double LossPercent, double JitterMs, long RemoteLost, double RemoteLossPercent, double RemoteJitterMs,
    double? RoundTripMs, double? MosReceived, double? MosSent)
{
    public static MediaLegStatistics Empty { get; } = new(null, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null, null);
}

/// <summary>Why a datagram was not used.</summary>
public enum DropReason : byte
{
    /// <summary>Neither RTP, RTCP nor STUN by its header.</summary>
    Malformed,
    /// <summary>Longer than the receive buffer.</summary>
    TooLong,
    /// <summary>STUN or DTLS (RFC 7983): recognised, not spoken here.</summary>
    NotSpoken,
    /// <summary>From another address than the one latched to.</summary>
    WrongSource,
    /// <summary>A payload type that was not negotiated.</summary>
    UnknownPayloadType,
    /// <summary>The leg has no parameters yet, is held, or its direction forbids it.</summary>
    NotExpected,
    /// <summary>No leg to relay it to, or the other one cannot take the encoding.</summary>
    NotRelayable,
    /// <summary>Older than the switch-over to its source, or a sequence number far off (RFC 3550 A.1).</summary>
    Late,
    /// <summary>The kernel refused to send it.</summary>
    SendFailed,
}

/// <summary>Engine-wide counters since the start; gauges for what is there now.</summary>
/// <param name="Faults">Exceptions caught on media threads, ours or a listener's: each is a bug.</param>
public sealed record MediaCounters(
    long PacketsReceived, long PacketsSent, long BytesReceived, long BytesSent, IReadOnlyDictionary<DropReason, long> Drops,
    int Legs, int PortsInUse, int PortsInQuarantine, int Playing, int Recording, long Faults);
