// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Codecs;

/// <summary>Makes DTMF digits as sound: ITU-T Q.23, at the levels of ETSI ES 201 235-2 (column 2 dB over the row).</summary>
public static class DtmfGenerator
{
    private const double RowDbm0 = -9;
    private const double ColumnDbm0 = -7;
    private static readonly double[] Rows = [697, 770, 852, 941];
    private static readonly double[] Columns = [1209, 1336, 1477, 1633];

    /// <summary>True for 0-9, *, #, A-D.</summary>
    public static bool IsDigit(char digit) => DtmfDetector.Digits.Contains(char.ToUpperInvariant(digit), StringComparison.Ordinal);

    /// <summary>A generator that sounds <paramref name="digit"/> for as long as it is asked.</summary>
    /// <returns>Null when it is no DTMF digit.</returns>
    public static ToneGenerator? Tone(char digit, int sampleRate)
    {
        var at = DtmfDetector.Digits.IndexOf(char.ToUpperInvariant(digit), StringComparison.Ordinal);
        return at < 0 ? null : new ToneGenerator(sampleRate, Rows[at / 4], RowDbm0, Columns[at % 4], ColumnDbm0);
    }

    /// <summary>Writes digits with gaps as one piece of sound. What is no digit is skipped.</summary>
    public static short[] Sound(string digits, int sampleRate, int toneMs = 100, int gapMs = 100)
    {
        ArgumentNullException.ThrowIfNull(digits);
        var (tone, gap) = (sampleRate * toneMs / 1000, sampleRate * gapMs / 1000);
        var tones = digits.Select(digit => Tone(digit, sampleRate)).OfType<ToneGenerator>().ToList();
        var sound = new short[tones.Count * (tone + gap)];
        for (var i = 0; i < tones.Count; i++) tones[i].Generate(sound.AsSpan(i * (tone + gap), tone));
        return sound;
    }
}
