// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Rtp;

/// <summary>What the far end of one stream sees: one SSRC for the life of the stream, sequence numbers and timestamps that run on,
/// whoever makes the sound: the bridged leg, another one after a transfer, a prompt, music, digits.</summary>
/// <remarks>
/// Rule. A source (a relayed SSRC, or we ourselves) is anchored at its first packet: sequence number = last sent + 1, timestamp = last sent + the time
/// since then, at least 20 ms. From there a relayed source keeps its own gaps and order, so that loss before us is seen as loss behind us; packets withheld on
/// purpose leave no gap. Threading: the stream's media thread.
/// </remarks>
public struct RtpTimeline
{
    private const int MaxJump = 3000;                       // RFC 3550 A.1 MAX_DROPOUT
    private readonly double _frequency;
    private ushort _sequence;
    private uint _timestamp;
    private long _at;
    private bool _started;
    private bool _anchored;
    private uint _sourceSsrc;
    private ushort _sourceFirst;
    private ushort _sourceHighest;
    private ushort _sequenceOffset;
    private uint _timestampOffset;

    /// <param name="ssrc">Random: RFC 3550 §8.1.</param>
    /// <param name="sequence">Of the packet before the first; random (RFC 3550 §5.1).</param>
    /// <param name="timestamp">Random too.</param>
    /// <param name="frequency">Ticks per second of the monotonic clock that the methods are given.</param>
    public RtpTimeline(uint ssrc, ushort sequence, uint timestamp, long frequency)
    {
        Ssrc = ssrc;
        _sequence = sequence;
        _timestamp = timestamp;
        _frequency = frequency;
    }

    public uint Ssrc { get; }

    /// <summary>The highest sent so far.</summary>
    public readonly ushort Sequence => _sequence;

    public readonly uint Timestamp => _timestamp;

    /// <summary>What the timestamp would be now: for sender reports (RFC 3550 §6.4.1) and for the next source.</summary>
    public readonly uint TimestampAt(long now, int clockRate) => _started ? _timestamp + Units(now, clockRate) : _timestamp;

    /// <summary>Turns a number of the relayed source into ours and back, for NACK (RFC 4585 §6.2.1).</summary>
    public readonly ushort ToSource(ushort sent) => (ushort)(sent - _sequenceOffset);

    /// <summary>Turns a timestamp of the relayed source into ours. False: no source is relayed.</summary>
    public readonly bool TryMap(uint sourceSsrc, uint timestamp, out uint sent)
    {
        sent = timestamp + _timestampOffset;
        return _anchored && sourceSsrc == _sourceSsrc;
    }

    /// <summary>The next relayed packet begins anew: the source has changed though its SSRC may not have.</summary>
    public void Release() => _anchored = false;

    /// <summary>Numbers one relayed packet. False: it is older than the moment at which its source was switched to, and must be dropped.</summary>
    /// <param name="begins">True for the first packet of a source: audio sets the marker bit (RFC 3551 §4.1).</param>
    public bool TryRelay(uint ssrc, ushort sequence, uint timestamp, long now, int clockRate, out ushort outSequence, out uint outTimestamp, out bool begins)
    {
        var ahead = (short)(sequence - _sourceHighest);
        begins = !_anchored || ssrc != _sourceSsrc || ahead is > MaxJump or < -MaxJump;
        if (begins) Anchor(ssrc, sequence, timestamp, now, clockRate);
        outSequence = (ushort)(sequence + _sequenceOffset);
        outTimestamp = timestamp + _timestampOffset;
        if (!begins && ahead <= 0) return (short)(sequence - _sourceFirst) >= 0;
        _sourceHighest = sequence;
        _sequence = outSequence;
        if ((int)(outTimestamp - _timestamp) > 0) SetTimestamp(outTimestamp, now);
        return true;
    }

    /// <summary>A packet of the relayed source is not passed on, on purpose: those after it close the gap.</summary>
    public void Withhold(uint ssrc, ushort sequence)
    {
        if (!_anchored || ssrc != _sourceSsrc || (short)(sequence - _sourceHighest) <= 0) return;
        _sourceHighest = sequence;
        _sourceFirst = (ushort)(sequence + 1);
        _sequenceOffset = (ushort)(_sequence - sequence);
    }

    /// <summary>Numbers the first packet of something we make ourselves.</summary>
    public void Begin(long now, int clockRate, out ushort sequence, out uint timestamp)
    {
        _anchored = false;
        timestamp = _started ? _timestamp + Math.Max(Units(now, clockRate), (uint)clockRate / 50) : _timestamp;
        sequence = ++_sequence;
        _started = true;
        SetTimestamp(timestamp, now);
    }

    /// <summary>Numbers a further packet of what we make, <paramref name="step"/> RTP clock units after the former; 0 for a packet of the same event (RFC 4733).</summary>
    public void Continue(uint step, long now, out ushort sequence, out uint timestamp)
    {
        sequence = ++_sequence;
        timestamp = _timestamp + step;
        if (step != 0) SetTimestamp(timestamp, now);
    }

    private void Anchor(uint ssrc, ushort sequence, uint timestamp, long now, int clockRate)
    {
        var next = _started ? _timestamp + Math.Max(Units(now, clockRate), (uint)clockRate / 50) : _timestamp;
        _started = true;
        _anchored = true;
        _sourceSsrc = ssrc;
        _sourceFirst = sequence;
        _sourceHighest = sequence;
        _sequenceOffset = (ushort)(_sequence + 1 - sequence);
        _timestampOffset = next - timestamp;
        SetTimestamp(next, now);
    }

    private void SetTimestamp(uint timestamp, long now)
    {
        _timestamp = timestamp;
        _at = now;
    }

    private readonly uint Units(long now, int clockRate) => (uint)(long)(Math.Max(0, now - _at) / _frequency * clockRate);
}
