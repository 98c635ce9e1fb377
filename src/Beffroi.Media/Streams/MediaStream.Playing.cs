// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Beffroi.Media.Rtp;

namespace Beffroi.Media.Streams;

internal sealed partial class MediaStream
{
    /// <summary>Ticks (100 ms) that a late thread makes good by sending faster; beyond, the far end hears a gap.</summary>
    private const int MaxCatchUp = 20;
    private Playback? _play;
    private Playback? _tones;
    private TelephoneEventSender? _digits;
    private byte _digitsType;
    private int _digitsRate;
    private Queue<DigitRow>? _digitRows;
    private bool _continues;

    private int PacketTicks => Math.Clamp((_parameters?.PacketTimeMs ?? 20) / MediaClock.TickMs, 1, 12);

    private int PacketMs => PacketTicks * MediaClock.TickMs;

    internal void Play(AudioClip clip, PlayOptions options)
    {
        StopPlaying();
        _play = new Playback(clip, options.Loop, options.Token);
        Carrier.Counters.Playing++;
        TakeSendFormat();
    }

    internal void StopPlaying()
    {
        if (_play is not { } play) return;
        _play = null;
        Carrier.Counters.Playing--;
        Leg.Listener.OnPlayFinished(Leg, play.Token);
    }

    internal void SendDigits(DigitRow row)
    {
        (_digitRows ??= new Queue<DigitRow>()).Enqueue(row);
        NextDigits();
    }

    /// <summary>What we play ourselves, in the codec that was negotiated (anew).</summary>
    private void TakeSendFormat()
    {
        if (_sendFormat is { } format)
        {
            if (_play is { } play && !play.TryEncodeAs(format.Encoding))
            {
                MediaLog.NotPlayable(_shared.Log, format.Encoding);
                StopPlaying();
            }
            if (_tones is { } tones && !tones.TryEncodeAs(format.Encoding)) _tones = null;
        }
        Pace();
    }

    private void NextDigits()
    {
        while (_digits is null && _tones is null && _digitRows is { Count: > 0 })
        {
            var row = _digitRows.Dequeue();
            if (FindEventFormat() is { } format)
            {
                (_digitsType, _digitsRate) = ((byte)format.PayloadType, format.ClockRate);
                _digits = new TelephoneEventSender(row.Digits, row.ToneMs, row.GapMs, format.ClockRate, PacketMs);
            }
            else if (_sendFormat is { } sound && AudioClip.CanEncode(sound.Encoding))
            {
                var tones = new Playback(new AudioClip(DtmfGenerator.Sound(row.Digits, 8000, row.ToneMs, row.GapMs), 8000), loop: false, token: 0);
                if (tones.TryEncodeAs(sound.Encoding)) _tones = tones;
            }
            else
            {
                Leg.Listener.OnDigitsNotSendable(Leg, row.Digits);
            }
        }
        Pace();
    }

    /// <summary>The one whose clock is that of the sound: RFC 4733 §2.1.</summary>
    private RtpFormat? FindEventFormat()
    {
        RtpFormat? found = null;
        foreach (var format in _parameters?.Formats ?? [])
            if (format.IsTelephoneEvent && (found is null || format.ClockRate == _sendFormat?.ClockRate)) found = format;
        return found;
    }

    /// <summary>Takes its place in the clock when there is something to play and a codec for it.</summary>
    private void Pace()
    {
        if (IsScheduled || !IsOccupied || _sendFormat is null || Slot < 0) return;
        _continues = false;
        var clock = Carrier.Clock;
        clock.Schedule(this, clock.TickOf(Carrier.Now) + 1);
    }

    internal override void OnTick(MediaClock clock, long now)
    {
        var ticks = PacketTicks;
        var late = clock.TickOf(now) - Due;
        var skipped = late > MaxCatchUp ? (int)Math.Min(late / ticks, 1000) : 0;
        for (var i = 0; i < skipped; i++) _play?.Next(PacketMs);
        if (skipped > 0) _continues = false;
        var at = clock.TimestampOf(Due + (long)skipped * ticks);            // the time that was meant: a late wake-up does not show in the numbering
        if (_digits is not null) StepDigits(at);
        else if (_tones is not null) StepTones(at);
        else if (_play is not null) StepPlay(at);
        if (IsOccupied && _sendFormat is not null) clock.Schedule(this, Due + (1L + skipped) * ticks);
    }

    private void StepPlay(long now)
    {
        var sound = _play!.Next(PacketMs);
        if (sound.IsEmpty) StopPlaying();
        else SendSound(sound, now);
    }

    private void StepTones(long now)
    {
        var sound = _tones!.Next(PacketMs);
        if (!sound.IsEmpty)
        {
            SendSound(sound, now);
            return;
        }
        _tones = null;
        NextDigits();
    }

    private unsafe void SendSound(ReadOnlySpan<byte> sound, long now)
    {
        if (!_canSend)
        {
            _continues = false;
            return;
        }
        var packet = Carrier.Memory.OutBytes;
        var marker = !_continues;
        ushort sequence;
        uint timestamp;
        if (_continues) _out.Continue(_step, now, out sequence, out timestamp);
        else _out.Begin(now, _sendFormat!.ClockRate, out sequence, out timestamp);
        _continues = true;
        _step = (uint)sound.Length;                                         // one RTP clock unit a byte: PCMA, PCMU, G722
        RtpHeader.Write(packet, _sendFormat!.PayloadType, marker, sequence, timestamp, _out.Ssrc);
        sound.CopyTo(packet[RtpView.FixedHeader..]);
        SendRtp(Carrier.Memory.Out, RtpView.FixedHeader + sound.Length, sound.Length);
    }

    private uint _step;

    private unsafe void StepDigits(long now)
    {
        _continues = false;
        var step = _digits!.Next(out var digit);
        if (step == EventStep.Done)
        {
            _digits = null;
            NextDigits();
            return;
        }
        if (step == EventStep.Silence || !_canSend) return;
        ushort sequence;
        uint timestamp;
        if (step == EventStep.First) _out.Begin(now, _digitsRate, out sequence, out timestamp);
        else _out.Continue(0, now, out sequence, out timestamp);
        var packet = Carrier.Memory.OutBytes;
        RtpHeader.Write(packet, _digitsType, step == EventStep.First, sequence, timestamp, _out.Ssrc);
        digit.Write(packet[RtpView.FixedHeader..]);
        SendRtp(Carrier.Memory.Out, RtpView.FixedHeader + TelephoneEvent.Size, TelephoneEvent.Size);
    }
}
