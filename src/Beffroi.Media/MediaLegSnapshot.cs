// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Serialization;

namespace Beffroi.Media;

/// <summary>What another process needs to go on with a leg on the same ports. Serialises to JSON as it is.</summary>
/// <param name="TakenAt">UTC: the time since then is added to timestamps and sequence numbers, so that the far end takes the new packets for newer ones.</param>
public sealed record MediaLegSnapshot(DateTimeOffset TakenAt, ImmutableArray<MediaStreamSnapshot> Streams, MediaLegParameters? Parameters, bool Held);

/// <summary>One stream of a leg.</summary>
/// <param name="Local">RTP address; RTCP is on the next port.</param>
/// <param name="Sequence">Last sent.</param>
/// <param name="Timestamp">Last sent.</param>
/// <param name="LatchedRtp">Address that the peer's RTP was found to come from; null: not found yet.</param>
public sealed record MediaStreamSnapshot(
    [property: JsonConverter(typeof(EndPointJson))] IPEndPoint Local, uint Ssrc, ushort Sequence, uint Timestamp, int ClockRate,
    [property: JsonConverter(typeof(EndPointJson))] IPEndPoint? LatchedRtp, [property: JsonConverter(typeof(EndPointJson))] IPEndPoint? LatchedRtcp);
