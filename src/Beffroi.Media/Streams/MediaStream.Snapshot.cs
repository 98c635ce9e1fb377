// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Media.Rtp;
using Beffroi.Media.Sockets;

namespace Beffroi.Media.Streams;

internal sealed partial class MediaStream
{
    /// <summary>Packets that may have been sent after the snapshot was taken; fewer than what a receiver takes for a restart (RFC 3550 A.1, 3000).</summary>
    private const int SpareSequence = 50;
    private const int MaxSequenceAhead = 2500;

    /// <summary>Any thread: the numbers may be a packet apart, which <see cref="SpareSequence"/> covers.</summary>
    internal MediaStreamSnapshot Snapshot() => new(
        new IPEndPoint(Address, Sockets.Port), _out.Ssrc, _out.Sequence, _out.Timestamp, _sendFormat?.ClockRate ?? 8000,
        _rtp.IsLocked ? _rtp.Source.ToEndPoint() : null, _rtcp.IsLocked ? _rtcp.Source.ToEndPoint() : null);

    /// <summary>A numbering that the far end takes for the continuation.</summary>
    internal static RtpTimeline TimelineOf(MediaStreamSnapshot snapshot, TimeSpan since, long frequency)
    {
        var seconds = Math.Clamp(since.TotalSeconds, 0, 86_400);
        var packets = (int)Math.Min(MaxSequenceAhead, seconds * 50 + SpareSequence);
        return new RtpTimeline(snapshot.Ssrc, (ushort)(snapshot.Sequence + packets), snapshot.Timestamp + (uint)((seconds + 1) * snapshot.ClockRate), frequency);
    }

    /// <summary>Before the stream has a thread, and before its parameters.</summary>
    internal void Restore(MediaStreamSnapshot snapshot, StreamParameters? parameters, long now)
    {
        _rtp.Signal(NativeAddress.From(parameters?.RemoteRtp));
        if (snapshot.LatchedRtp is { } rtp) _rtp.Lock(NativeAddress.From(rtp), now);
        if (snapshot.LatchedRtcp is not { } rtcp) return;
        var remote = NativeAddress.From(parameters?.RemoteRtp);
        _rtcp.Signal(parameters?.RemoteRtcp is { } named ? NativeAddress.From(named) : remote.IsSet ? remote.WithPort(remote.Port + 1) : default);
        _rtcp.Lock(NativeAddress.From(rtcp), now);
    }
}
