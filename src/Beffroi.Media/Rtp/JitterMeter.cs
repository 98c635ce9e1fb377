// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Rtp;

/// <summary>Interarrival jitter of one source.</summary>
/// <remarks>Threading: one meter per SSRC, on its stream's thread; <see cref="Value"/> may be read from others.</remarks>
public struct JitterMeter
{
    private uint _transit;
    private bool _started;

    /// <summary>RTP clock units: 160 is 20 ms at 8 kHz.</summary>
    public double Value { get; private set; }

    /// <summary>Adds one packet: RFC 3550 §6.4.1, algorithm of appendix A.8.</summary>
    /// <param name="arrival">Local arrival time, in units of the stream's RTP clock; wraps at 2³² like <paramref name="timestamp"/>.</param>
    /// <returns>The smoothed jitter, in RTP clock units. Divide by the clock rate (Hz) for seconds.</returns>
    /// <remarks>Never fails: a reordered packet raises the jitter, as the RFC wants.</remarks>
    public double Add(uint arrival, uint timestamp)
    {
        var transit = arrival - timestamp;
        var difference = Math.Abs((double)(int)(transit - _transit));
        _transit = transit;
        if (_started) Value += (difference - Value) / 16;
        _started = true;
        return Value;
    }

    /// <summary>The next packet is compared with nothing: the source's timestamps have jumped.</summary>
    public void Restart() => _started = false;
}
