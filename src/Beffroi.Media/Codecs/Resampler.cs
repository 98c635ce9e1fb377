// SPDX-License-Identifier: EUPL-1.2
using System.Numerics;
using System.Runtime.InteropServices;

namespace Beffroi.Media.Codecs;

/// <summary>Changes the sample rate of mono sound: a polyphase low-pass (Kaiser window), 70 dB of stop band.</summary>
/// <remarks>Threading: the state of one stream; one thread at a time. <see cref="Process"/> allocates nothing.</remarks>
public sealed class Resampler
{
    private const int TapsAtLowerRate = 48;                 // length of the filter in samples of the slower side: 3 ms each way at 8 kHz
    private const double Beta = 7.0;                        // Kaiser: 70 dB
    private readonly int _up;
    private readonly int _down;
    private readonly int _taps;                             // per phase
    private readonly float[] _phases;                       // _up × _taps, each phase reversed so that it runs along the history
    private readonly float[] _history;                      // _taps - 1 former samples, then the piece at work
    private int _phase;

    /// <param name="from">Hz of what goes in.</param>
    /// <param name="to">Hz of what comes out.</param>
    public Resampler(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(from);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(to);
        var common = (int)BigInteger.GreatestCommonDivisor(from, to);
        (From, To, _up, _down) = (from, to, to / common, from / common);
        _taps = TapsAtLowerRate * Math.Max(_up, _down) / _up;
        _phases = Design();
        _history = new float[_taps - 1 + Piece];
    }

    public int From { get; }

    public int To { get; }

    private const int Piece = 512;                          // samples worked on at a time

    /// <summary>The greatest number of samples that <paramref name="inputLength"/> samples can become.</summary>
    public int OutputLength(int inputLength) => (int)(((long)inputLength * _up + _down - 1) / _down);

    /// <summary>Takes all of <paramref name="input"/>; delays the sound by half the filter.</summary>
    /// <param name="input">Any length.</param>
    /// <param name="output">At least <see cref="OutputLength"/> long; what does not fit is dropped.</param>
    /// <returns>The number of samples written.</returns>
    public int Process(ReadOnlySpan<short> input, Span<short> output)
    {
        var written = 0;
        while (!input.IsEmpty)
        {
            var take = Math.Min(input.Length, Piece);
            for (var i = 0; i < take; i++) _history[_taps - 1 + i] = input[i];
            written += ProcessPiece(take, output[written..]);
            Array.Copy(_history, take, _history, 0, _taps - 1);
            input = input[take..];
        }
        return written;
    }

    private int ProcessPiece(int length, Span<short> output)
    {
        var written = 0;
        while (_phase < length * _up)
        {
            if (written < output.Length)
            {
                var sample = Dot(_phases.AsSpan(_phase % _up * _taps, _taps), _history.AsSpan(_phase / _up, _taps));
                output[written++] = (short)Math.Clamp(MathF.Round(sample), short.MinValue, short.MaxValue);
            }
            _phase += _down;
        }
        _phase -= length * _up;
        return written;
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var va = MemoryMarshal.Cast<float, Vector<float>>(a);
        var vb = MemoryMarshal.Cast<float, Vector<float>>(b);
        var sums = Vector<float>.Zero;
        for (var i = 0; i < va.Length; i++) sums += va[i] * vb[i];
        var sum = Vector.Sum(sums);
        for (var i = va.Length * Vector<float>.Count; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private float[] Design()
    {
        var length = _taps * _up;
        var cut = 0.5 / Math.Max(_up, _down) * 0.92;        // of the rate between the two steps; the pass band ends at 84 % of the narrower side
        var middle = (length - 1) / 2.0;
        var phases = new float[length];
        for (var i = 0; i < length; i++)
        {
            var t = i - middle;
            var sinc = t == 0 ? 2 * cut : Math.Sin(2 * Math.PI * cut * t) / (Math.PI * t);
            var window = Bessel(Beta * Math.Sqrt(1 - t / middle * (t / middle))) / Bessel(Beta);
            phases[i % _up * _taps + (_taps - 1 - i / _up)] = (float)(sinc * window * _up);
        }
        return phases;
    }

    /// <summary>The modified Bessel function of the first kind, order 0.</summary>
    private static double Bessel(double x)
    {
        double sum = 1, term = 1;
        for (var k = 1; k < 40; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }
}
