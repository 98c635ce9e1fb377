// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using Beffroi.Media.Codecs;

namespace Beffroi.Media.Streams;

/// <summary>What one leg's peer says, on its way to a file: a ring of four seconds between the media thread and the file thread.</summary>
/// <remarks>
/// The place of a packet in the file follows its RTP timestamp, so loss and comfort noise become silence and the length is right. A disk that takes nothing for four
/// seconds costs sound, which the result tells; it never holds up a media thread. Threading: <see cref="Take"/>, <see cref="Look"/> and <see cref="Finish"/> on the media
/// thread, <see cref="Write"/> on the file thread; the two share only the ring's positions.
/// </remarks>
internal sealed class Recording
{
    private const int RingSeconds = 4;
    private const int SilenceLevel = 90;                    // root mean square in 16-bit steps: about -45 dBm0
    private const int MaxGapSeconds = 10;
    private const int MaxPauseSeconds = 2;                  // a longer time without packets is shortened to this: silence must not fill the ring
    private readonly MediaLeg _leg;
    private readonly MediaShared _shared;
    private readonly int _rate;
    private readonly int _clockFactor;
    private readonly short[] _ring;
    private readonly int _size;
    private readonly long _longest;
    private readonly long _silenceEnd;
    private readonly long _startedAt;
    private long _head;                                     // samples put in; written by the media thread
    private long _tail;                                     // samples taken out; written by the file thread
    private long _offered;
    private long _lost;
    private long _silence;
    private long _heardAt;
    private uint _expected;
    private bool _started;
    private Resampler? _resampler;
    private int _queued;
    private volatile bool _finished;
    private RecordingEnd _end;
    private char? _key;
    private WavWriter? _file;
    private string? _failure;

    internal Recording(MediaLeg leg, RecordingOptions options, int sampleRate, MediaShared shared, long now)
    {
        (_leg, Options, _rate, _shared, _startedAt, _heardAt) = (leg, options, sampleRate, shared, now, now);
        _clockFactor = sampleRate / 8000;                   // the RTP clock of our codecs is 8000 (RFC 3551 table 4), whatever they sample at
        _size = RingSeconds * sampleRate;
        _ring = ArrayPool<short>.Shared.Rent(_size);
        _longest = (long)(options.MaxDuration.TotalSeconds * sampleRate);
        _silenceEnd = (long)(options.SilenceEnd.TotalSeconds * sampleRate);
    }

    internal RecordingOptions Options { get; }

    /// <summary>Adds one packet. Returns why the recording is over, or null.</summary>
    internal RecordingEnd? Take(ReadOnlySpan<short> samples, int sampleRate, uint timestamp, long now)
    {
        var gap = (int)(timestamp - _expected) * (long)_clockFactor;
        if (!_started || gap > MaxGapSeconds * _rate || gap < -_rate) gap = _started ? Elapsed(_heardAt, now) - samples.Length : 0;   // a new source: by the wall clock
        else if (gap < 0) return null;                                      // late or twice: its place is taken
        _started = true;
        _heardAt = now;
        _expected = timestamp + (uint)(samples.Length * 8000L / sampleRate);
        if (gap > 0 && AddSilence(Math.Min(gap, MaxPauseSeconds * _rate)) is { } over) return over;
        if (sampleRate == _rate) return Add(samples);
        if (_resampler is null || _resampler.From != sampleRate) _resampler = new Resampler(sampleRate, _rate);
        Span<short> resampled = stackalloc short[Buffers.PacketMemory.MaxSamples];
        return Add(resampled[.._resampler.Process(samples, resampled)]);
    }

    /// <summary>Once a second: a peer that sends nothing at all is silent too.</summary>
    internal RecordingEnd? Look(long now)
    {
        if (Elapsed(_startedAt, now) >= _longest + _rate) return RecordingEnd.MaxDuration;
        return _silenceEnd > 0 && _silence + Elapsed(_heardAt, now) >= _silenceEnd ? RecordingEnd.Silence : null;
    }

    internal void Finish(RecordingEnd end, char? key)
    {
        (_end, _key) = (end, key);
        _finished = true;
        Queue();
    }

    /// <summary>Takes what is in the ring to the file; closes it at the end. On the file thread. Never throws for the disk.</summary>
    internal void Write()
    {
        Volatile.Write(ref _queued, 0);
        var finished = _finished;                                           // before the positions: nothing comes after it
        var head = Volatile.Read(ref _head);
        try
        {
            if (_failure is null) WriteTo(head);
            if (finished) _file?.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            _failure = e.Message;
            MediaLog.RecordingFailed(_shared.Log, e.Message);
        }
        Volatile.Write(ref _tail, head);
        if (finished) Tell();
    }

    private void WriteTo(long head)
    {
        _file ??= new WavWriter(Options.Path, _rate);
        for (var at = _tail; at < head;)
        {
            var start = (int)(at % _size);
            var length = (int)Math.Min(head - at, _size - start);
            _file.Write(_ring.AsSpan(start, length));
            at += length;
        }
    }

    private void Tell()
    {
        ArrayPool<short>.Shared.Return(_ring);
        var duration = _file?.Duration ?? TimeSpan.Zero;
        CloseAfterFailure();
        var bytes = _failure is null ? 44 + (long)(duration.TotalSeconds * _rate) * 2 : 0;
        var end = _failure is null ? _end : RecordingEnd.WriteFailed;
        _leg.Listener.OnRecordingFinished(_leg, new RecordingResult(Options.Path, end, duration, bytes, _key, TimeSpan.FromSeconds((double)_lost / _rate), _failure));
    }

    private void CloseAfterFailure()
    {
        if (_failure is null) return;
        try
        {
            _file?.Dispose();
        }
        catch (IOException)
        {
            // The disk is as full as it was; the descriptor is closed all the same.
        }
    }

    private RecordingEnd? AddSilence(long samples)
    {
        Span<short> silence = stackalloc short[160];
        silence.Clear();
        for (; samples > 0; samples -= silence.Length)
            if (Add(silence[..(int)Math.Min(samples, silence.Length)]) is { } over) return over;
        return null;
    }

    private RecordingEnd? Add(ReadOnlySpan<short> samples)
    {
        var room = (int)Math.Max(0, Math.Min(samples.Length, _longest - _offered));
        samples = samples[..room];
        _offered += room;
        var free = (int)(_size - (_head - Volatile.Read(ref _tail)));
        var stored = Math.Min(free, samples.Length);
        _lost += samples.Length - stored;
        Store(samples[..stored]);
        if (_head - Volatile.Read(ref _tail) > _rate / 2) Queue();
        _silence = IsSilent(samples) ? _silence + samples.Length : 0;
        if (_offered >= _longest) return RecordingEnd.MaxDuration;
        return _silenceEnd > 0 && _silence >= _silenceEnd ? RecordingEnd.Silence : null;
    }

    private void Store(ReadOnlySpan<short> samples)
    {
        var start = (int)(_head % _size);
        var first = Math.Min(samples.Length, _size - start);
        samples[..first].CopyTo(_ring.AsSpan(start));
        samples[first..].CopyTo(_ring);
        Volatile.Write(ref _head, _head + samples.Length);
    }

    private void Queue()
    {
        if (Interlocked.Exchange(ref _queued, 1) == 0) _shared.Writer.Enqueue(this);
    }

    private long Elapsed(long from, long to) => (long)((to - from) / (double)_shared.Frequency * _rate);

    private static bool IsSilent(ReadOnlySpan<short> samples)
    {
        var energy = 0L;
        foreach (var sample in samples) energy += sample * sample;
        return energy <= (long)SilenceLevel * SilenceLevel * samples.Length;
    }
}
