// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Rtp;

/// <summary>What the next packet interval of a row of digits holds.</summary>
public enum EventStep : byte { Silence, First, Update, Done }

/// <summary>Plays a row of digits as RFC 4733 §2.5.1 wants: updates each packet interval, the end three times, then a gap.</summary>
/// <remarks>Pure: asked once each packet interval. Threading: the stream's media thread.</remarks>
public sealed class TelephoneEventSender
{
    private const int EndRepeats = 3;
    private const byte Volume = 10;                         // -10 dBm0
    private readonly string _digits;
    private readonly int _step;
    private readonly int _toneSteps;
    private readonly int _gapSteps;
    private int _digit;
    private int _interval;

    /// <param name="digits">Others than 0-9, *, #, A-D are skipped.</param>
    /// <param name="clockRate">Of the negotiated telephone-event, Hz.</param>
    public TelephoneEventSender(string digits, int toneMs, int gapMs, int clockRate, int packetTimeMs)
    {
        ArgumentNullException.ThrowIfNull(digits);
        _digits = string.Concat(digits.Where(digit => TelephoneEvent.TryGetEvent(digit, out _)));
        _step = clockRate * packetTimeMs / 1000;
        _toneSteps = Math.Clamp(toneMs / packetTimeMs, 2, Math.Max(2, ushort.MaxValue / Math.Max(1, _step)));
        _gapSteps = Math.Max(EndRepeats, gapMs / packetTimeMs);
    }

    /// <summary>Units of the RTP clock per packet interval.</summary>
    public int Step => _step;

    public EventStep Next(out TelephoneEvent packet)
    {
        packet = default;
        if (_digit == _digits.Length) return EventStep.Done;
        TelephoneEvent.TryGetEvent(_digits[_digit], out var number);
        var at = _interval++;
        if (_interval == _toneSteps + _gapSteps) (_digit, _interval) = (_digit + 1, 0);
        if (at >= _toneSteps + EndRepeats - 1) return EventStep.Silence;
        packet = new TelephoneEvent(number, at >= _toneSteps - 1, Volume, (ushort)(Math.Min(at + 1, _toneSteps) * _step));
        return at == 0 ? EventStep.First : EventStep.Update;
    }
}
