// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Codecs;

/// <summary>Makes a sum of up to two sines, one piece after the other without a seam.</summary>
/// <remarks>Threading: one thread at a time. <see cref="Generate"/> allocates nothing.</remarks>
public sealed class ToneGenerator
{
    private readonly double _firstStep;
    private readonly double _secondStep;
    private readonly double _firstAmplitude;
    private readonly double _secondAmplitude;
    private double _firstPhase;
    private double _secondPhase;

    /// <param name="sampleRate">Hz.</param>
    /// <param name="frequency">Hz.</param>
    /// <param name="dbm0">Level of the tone (dBm0); 0 dBm0 is 3.14 dB under a full-scale sine (G.711).</param>
    /// <param name="secondFrequency">Hz; 0 for none.</param>
    /// <param name="secondDbm0">Level of the second tone (dBm0).</param>
    public ToneGenerator(int sampleRate, double frequency, double dbm0 = -10, double secondFrequency = 0, double secondDbm0 = -10)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleRate);
        _firstStep = 2 * Math.PI * frequency / sampleRate;
        _secondStep = 2 * Math.PI * secondFrequency / sampleRate;
        _firstAmplitude = Amplitude(dbm0);
        _secondAmplitude = secondFrequency > 0 ? Amplitude(secondDbm0) : 0;
    }

    /// <summary>Fills all of <paramref name="pcm"/>, going on where the former call ended.</summary>
    public void Generate(Span<short> pcm)
    {
        for (var i = 0; i < pcm.Length; i++)
        {
            var sample = _firstAmplitude * Math.Sin(_firstPhase) + _secondAmplitude * Math.Sin(_secondPhase);
            pcm[i] = (short)Math.Clamp(Math.Round(sample), short.MinValue, short.MaxValue);
            _firstPhase += _firstStep;
            _secondPhase += _secondStep;
        }
        _firstPhase = Math.IEEERemainder(_firstPhase, 2 * Math.PI);
        _secondPhase = Math.IEEERemainder(_secondPhase, 2 * Math.PI);
    }

    /// <summary>Peak amplitude, in 16-bit steps, of a sine of <paramref name="dbm0"/>: a full-scale A-law sine is +3.14 dBm0 (G.711 §4).</summary>
    internal static double Amplitude(double dbm0) => 32767 * Math.Pow(10, (dbm0 - 3.14) / 20);
}
