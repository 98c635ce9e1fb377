// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.TestKit.Sound;

/// <summary>What a recording holds of one tone: its level, and its share of all the sound around it.</summary>
/// <param name="Level">RMS of the tone in dB below full scale, in the 200 ms window where it was strongest.</param>
/// <param name="Purity">Share of the tone in that window's energy: 1 for a pure tone, near 0 where it is absent.</param>
/// <param name="Heard">Time during which the tone was more than three quarters of a sound louder than -45 dBFS.</param>
/// <param name="Other">Time during which something louder than -45 dBFS was heard that was not this tone.</param>
public sealed record ToneReading(double Level, double Purity, TimeSpan Heard, TimeSpan Other);

/// <summary>Finds a tone in a sound by Goertzel's algorithm, window by window.</summary>
public static class ToneMeter
{
    private const double WindowSeconds = 0.2, PureEnough = 0.75, LoudEnough = -45, Foreign = 0.3;

    public static ToneReading Measure(WavSound sound, double frequency)
    {
        var window = (int)(WindowSeconds * sound.SampleRate);
        double level = double.NegativeInfinity, purity = 0, heard = 0, other = 0;
        for (var start = 0; start + window <= sound.Samples.Length; start += window)
        {
            var part = sound.Samples.AsSpan(start, window);
            var (tone, total) = Energies(part, frequency, sound.SampleRate);
            if (total <= 0) continue;
            var decibels = 10 * Math.Log10(Math.Max(tone, 1e-9) / (32768.0 * 32768.0));
            if (decibels > LoudEnough && tone / total > PureEnough) heard += WindowSeconds;
            if (10 * Math.Log10(total / (32768.0 * 32768.0)) > LoudEnough && tone / total < Foreign) other += WindowSeconds;
            if (decibels > level) (level, purity) = (decibels, tone / total);
        }
        return new ToneReading(level, purity, Rounded(heard), Rounded(other));
    }

    private static TimeSpan Rounded(double seconds) => TimeSpan.FromMilliseconds(Math.Round(seconds * 1000));

    /// <summary>Mean square of the tone and of the whole window.</summary>
    private static (double Tone, double Total) Energies(ReadOnlySpan<short> samples, double frequency, int sampleRate)
    {
        var step = 2 * Math.Cos(2 * Math.PI * frequency / sampleRate);
        double previous = 0, before = 0, total = 0;
        foreach (var sample in samples)
        {
            (before, previous) = (previous, sample + step * previous - before);
            total += (double)sample * sample;
        }
        var power = previous * previous + before * before - step * previous * before;
        return (2 * power / ((double)samples.Length * samples.Length), total / samples.Length);
    }
}
