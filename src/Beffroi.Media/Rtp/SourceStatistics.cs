// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Rtp;

/// <summary>What RFC 3550 wants to know of one synchronization source: A.1 (sequence numbers), A.3 (loss), A.8 (jitter).</summary>
/// <remarks>Deviation: RFC 3550 A.1 drops the packets of a source until two came in order (probation). Here the address latch and the negotiated payload type
/// play that part, so the first syllable is kept. Threading: written on the stream's media thread.</remarks>
public struct SourceStatistics
{
    private const int MaxDropout = 3000;
    private const int MaxMisorder = 100;
    private uint _baseSequence;
    private uint _badSequence;
    private uint _cycles;
    private ushort _maxSequence;
    private uint _expectedBefore;
    private uint _receivedBefore;
    private uint _received;
    private long _expectedOfFormer;
    private long _receivedOfFormer;
    private JitterMeter _jitter;

    public uint Ssrc { get; private set; }
    public bool Started { get; private set; }

    /// <summary>RTP clock units.</summary>
    public readonly double Jitter => _jitter.Value;

    /// <summary>RFC 3550 §6.4.1: cycles in the upper 16 bits.</summary>
    public readonly uint ExtendedHighestSequence => _cycles + _maxSequence;

    private readonly long Expected => Started ? (long)ExtendedHighestSequence - _baseSequence + 1 : 0;

    /// <summary>Over all sources this stream has heard, one after the other. At least 0 though duplicates may outnumber losses.</summary>
    public readonly long Lost => Math.Max(0, _expectedOfFormer + Expected - _receivedOfFormer - _received);

    public readonly long ExpectedInAll => _expectedOfFormer + Expected;

    /// <summary>Packets lost of the current source as the report block wants them: 24 bits, signed.</summary>
    public readonly int CumulativeLost => (int)Math.Clamp(Expected - _received, -0x80_0000, 0x7F_FFFF);

    /// <summary>A new source begins: a first packet, or another SSRC.</summary>
    public void Start(uint ssrc, ushort sequence)
    {
        _expectedOfFormer += Expected;
        _receivedOfFormer += _received;
        Ssrc = ssrc;
        Started = true;
        Restart(sequence);
        _jitter.Restart();
    }

    /// <summary>Counts one packet of the current source. False: its number is far off (RFC 3550 A.1: only a second such in a row is believed).</summary>
    public bool Add(ushort sequence)
    {
        var delta = (ushort)(sequence - _maxSequence);
        if (delta < MaxDropout)
        {
            if (sequence < _maxSequence) _cycles += 0x10000;
            _maxSequence = sequence;
        }
        else if (delta <= 0x10000 - MaxMisorder)
        {
            if (sequence != _badSequence)
            {
                _badSequence = (uint)(ushort)(sequence + 1);
                return false;
            }
            _expectedOfFormer += Expected;
            _receivedOfFormer += _received;
            Restart(sequence);
            _jitter.Restart();
        }
        _received++;
        return true;
    }

    /// <summary>Adds to the jitter: not for packets whose timestamp is not that of their sending (telephone events).</summary>
    /// <param name="arrival">RTP clock units.</param>
    public void AddArrival(uint arrival, uint timestamp) => _jitter.Add(arrival, timestamp);

    /// <summary>True when a packet goes on where this source stopped, a minute of packets at most later.</summary>
    public readonly bool IsContinuedBy(uint ssrc, ushort sequence) => Started && ssrc == Ssrc && (ushort)(sequence - _maxSequence) is > 0 and < MaxDropout;

    /// <summary>Fraction lost since the last call, in 1/256: RFC 3550 A.3.</summary>
    public byte TakeFractionLost()
    {
        var expected = (uint)Expected;
        var expectedSince = expected - _expectedBefore;
        var lostSince = (long)expectedSince - (_received - _receivedBefore);
        _expectedBefore = expected;
        _receivedBefore = _received;
        return expectedSince == 0 || lostSince <= 0 ? (byte)0 : (byte)Math.Min(255, (lostSince << 8) / expectedSince);
    }

    private void Restart(ushort sequence)
    {
        _baseSequence = sequence;
        _maxSequence = sequence;
        _badSequence = 0x10001;
        _cycles = 0;
        _received = 0;
        _receivedBefore = 0;
        _expectedBefore = 0;
    }
}
