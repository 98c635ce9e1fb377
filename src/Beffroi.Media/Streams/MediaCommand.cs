// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Streams;

internal enum MediaVerb : byte { Attach, AddStream, Apply, Bridge, Unbridge, Play, StopPlaying, Record, StopRecording, SendDigits, Hold, Close, Leave, Join, Measure, Stop }

/// <summary>What the control side asks of a media thread: a message, so that the engine may live in a process of its own one day.</summary>
/// <param name="Subject">By verb: parameters, the other leg, a clip, options, digits, the thread to leave for.</param>
/// <param name="Detail">Play: its options.</param>
internal readonly record struct MediaCommand(MediaVerb Verb, MediaLeg? Leg, object? Subject = null, object? Detail = null);
