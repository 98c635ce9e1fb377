// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Codecs;

/// <summary>Finds the sixteen DTMF digits in sound, by Goertzel filters, within the limits of ITU-T Q.24 and ETSI ES 201 235-3.</summary>
/// <remarks>
/// A digit is told after two blocks of 12.75 ms that agree and begin anew after two that do not: a tone of 40 ms is always found however
/// it lies on the blocks, one shorter than 23 ms never. Speech is kept out by twist, by the share of the two tones in the whole energy, and by
/// the measured pitch: the turn of phase between the two blocks gives it within a few hertz.
/// Threading: the state of one stream; one thread at a time. <see cref="Process"/> allocates nothing.
/// </remarks>
public sealed class DtmfDetector
{
    internal const string Digits = "123A456B789C*0#D";                  // row by row
    private const double ForwardTwist = 6.31;                           // 8 dB: the column may be that much weaker than the row (ES 201 235-3 asks for 6)
    private const double ReverseTwist = 4.0;                            // 6 dB: the row may be that much weaker than the column
    private const double PeakOverOthers = 6.31;                         // 8 dB over every other tone of its group
    private const double ShareOfBlock = 0.62;                           // of one block's energy in the two tones; one of both alone never passes
    private const double ShareOfPair = 0.85;                            // of two blocks' energy, once the true pitch is known: two that are not filled (a pulse of 20 ms) have 0.79
    private const double FloorDbm0 = -38;                               // each tone; Q.24 asks for -29 in Europe at most
    private static readonly double[] Frequencies = [697, 770, 852, 941, 1209, 1336, 1477, 1633];

    private readonly int _blockLength;
    private readonly double _blockSeconds;
    private readonly double _floor;
    private readonly double[] _coefficients = new double[8];
    private readonly double[] _v1 = new double[8];
    private readonly double[] _v2 = new double[8];
    private readonly double[] _power = new double[8];
    private Block _former;
    private double _energy;
    private int _filled;
    private char _lastHit;
    private char _current;

    /// <param name="sampleRate">Hz, 8000 to 48000.</param>
    public DtmfDetector(int sampleRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 8000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sampleRate, 48000);
        SampleRate = sampleRate;
        _blockLength = 102 * sampleRate / 8000;
        _blockSeconds = (double)_blockLength / sampleRate;
        for (var i = 0; i < 8; i++) _coefficients[i] = 2 * Math.Cos(2 * Math.PI * Frequencies[i] / sampleRate);
        var amplitude = ToneGenerator.Amplitude(FloorDbm0);
        _floor = amplitude * amplitude * _blockLength * _blockLength / 4.0;   // Goertzel's power of a sine of that amplitude
    }

    public int SampleRate { get; }

    /// <summary>The digit being heard now, or '\0'.</summary>
    public char Current => _current;

    /// <summary>Takes sound in pieces of any length and writes the digits that began in it.</summary>
    /// <returns>The number of digits written; those beyond the length of <paramref name="digits"/> are lost (one per 26 ms at most).</returns>
    public int Process(ReadOnlySpan<short> pcm, Span<char> digits)
    {
        var found = 0;
        while (!pcm.IsEmpty)
        {
            var take = Math.Min(pcm.Length, _blockLength - _filled);
            Filter(pcm[..take]);
            pcm = pcm[take..];
            _filled += take;
            if (_filled < _blockLength) break;
            var begun = EndBlock();
            if (begun != '\0' && found < digits.Length) digits[found++] = begun;
        }
        return found;
    }

    private void Filter(ReadOnlySpan<short> pcm)
    {
        var energy = 0.0;
        foreach (var sample in pcm) energy += (double)sample * sample;
        _energy += energy;
        for (var i = 0; i < 8; i++)
        {
            double v1 = _v1[i], v2 = _v2[i], coefficient = _coefficients[i];
            foreach (var sample in pcm)
            {
                var v = sample + coefficient * v1 - v2;
                v2 = v1;
                v1 = v;
            }
            _v1[i] = v1;
            _v2[i] = v2;
        }
    }

    /// <returns>The digit that this block confirms as begun, or '\0'.</returns>
    private char EndBlock()
    {
        var hit = Hit(out var row, out var column);
        var block = hit == '\0' ? default : new Block(Phase(row), Phase(column), _power[row], _power[column], _energy * _blockLength / 2);
        var begun = '\0';
        if (hit != _current && _lastHit != _current)                     // two blocks in a row differ from what was: something changed
        {
            var confirmed = hit != '\0' && hit == _lastHit && IsPure(row, column, _former, block) ? hit : '\0';
            if (confirmed != _current) begun = confirmed;
            _current = confirmed;
        }
        _lastHit = hit;
        _former = block;
        Array.Clear(_v1);
        Array.Clear(_v2);
        _energy = 0;
        _filled = 0;
        return begun;
    }

    private char Hit(out int row, out int column)
    {
        for (var i = 0; i < 8; i++) _power[i] = _v1[i] * _v1[i] + _v2[i] * _v2[i] - _coefficients[i] * _v1[i] * _v2[i];
        row = Strongest(0);
        column = Strongest(4);
        double low = _power[row], high = _power[column];
        if (low < _floor || high < _floor) return '\0';
        if (low > high * ForwardTwist || high > low * ReverseTwist) return '\0';
        for (var i = 0; i < 8; i++)
        {
            var peer = i < 4 ? low : high;
            if (i != row && i != column && _power[i] * PeakOverOthers > peer) return '\0';
        }
        if (low + high < ShareOfBlock * _energy * _blockLength / 2) return '\0';
        return Digits[row * 4 + column - 4];
    }

    private int Strongest(int first)
    {
        var best = first;
        for (var i = first + 1; i < first + 4; i++)
            if (_power[i] > _power[best]) best = i;
        return best;
    }

    /// <summary>The phase (radians) of filter <paramref name="i"/>'s tone at the end of the block.</summary>
    private double Phase(int i)
    {
        var angle = 2 * Math.PI * Frequencies[i] / SampleRate;
        return Math.Atan2(_v2[i] * Math.Sin(angle), _v1[i] - _v2[i] * Math.Cos(angle));
    }

    /// <summary>
    /// Q.24: a tone off by 1.5 % + 2 Hz must be accepted, one off by 3.5 % refused; the line is drawn in the middle. A tone off its filter's pitch shows less power than
    /// it has, by a known factor, so that the share of energy can be taken strictly here.
    /// </summary>
    private bool IsPure(int row, int column, in Block first, in Block second)
    {
        var (low, high) = (Offset(Frequencies[row], second.RowPhase - first.RowPhase), Offset(Frequencies[column], second.ColumnPhase - first.ColumnPhase));
        if (low > Tolerance(Frequencies[row]) || high > Tolerance(Frequencies[column])) return false;
        var tones = (first.RowPower + second.RowPower) / Response(low) + (first.ColumnPower + second.ColumnPower) / Response(high);
        return tones > ShareOfPair * (first.Energy + second.Energy);
    }

    /// <summary>How far (Hz, up to 39) the tone is from its filter, by the turn of its phase (radians) from one block to the next.</summary>
    private double Offset(double frequency, double turned) =>
        Math.Abs(Math.IEEERemainder(turned - 2 * Math.PI * frequency * _blockSeconds, 2 * Math.PI)) / (2 * Math.PI * _blockSeconds);

    private static double Tolerance(double frequency) => frequency * 0.022 + 2.5;

    /// <summary>The part of a tone's power that a filter shows which is off by so many hertz.</summary>
    private double Response(double offset)
    {
        var x = Math.PI * offset * _blockSeconds;
        return x < 1e-6 ? 1 : Math.Sin(x) / x * (Math.Sin(x) / x);
    }

    /// <summary>What the first of two agreeing blocks leaves for the second; <paramref name="Energy"/> in the unit of the powers.</summary>
    private readonly record struct Block(double RowPhase, double ColumnPhase, double RowPower, double ColumnPower, double Energy);
}
