// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Xunit;

namespace Beffroi.Media.Tests.Codecs;

/// <summary>ITU-T Q.24 (annex A, figures of Europe) and ETSI ES 201 235-3.</summary>
public sealed class DtmfDetectorTests
{
    private const string AllDigits = "0123456789*#ABCD";
    private static readonly double[] Rows = [697, 770, 852, 941];
    private static readonly double[] Columns = [1209, 1336, 1477, 1633];

    /// <summary>What is detected when the sound comes in frames of 20 ms.</summary>
    private static string Heard(ReadOnlySpan<short> sound, int sampleRate)
    {
        var detector = new DtmfDetector(sampleRate);
        Span<char> digits = stackalloc char[8];
        var heard = "";
        for (var at = 0; at < sound.Length; at += sampleRate / 50)
        {
            var frame = sound.Slice(at, Math.Min(sampleRate / 50, sound.Length - at));
            heard += digits[..detector.Process(frame, digits)].ToString();
        }
        return heard;
    }

    /// <summary>One pulse between silences, beginning at any place within a block.</summary>
    private static short[] Pulse(int sampleRate, double low, double high, double ms, double lowDbm0 = -10, double highDbm0 = -10, int offset = 0)
    {
        var sound = new short[sampleRate / 5 + offset];
        new ToneGenerator(sampleRate, low, lowDbm0, high, highDbm0).Generate(sound.AsSpan(sampleRate / 20 + offset, (int)(sampleRate * ms / 1000)));
        return sound;
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(16000)]
    [InlineData(48000)]
    public void All_sixteen_digits_are_heard_once_each(int sampleRate) =>
        Assert.Equal(AllDigits, Heard(DtmfGenerator.Sound(AllDigits, sampleRate, 60, 60), sampleRate));

    [Fact]
    public void Forty_milliseconds_are_enough_wherever_they_lie_and_twenty_are_not()
    {
        for (var offset = 0; offset < 160; offset += 3)
        {
            Assert.Equal("5", Heard(Pulse(8000, 770, 1336, 40, offset: offset), 8000));
            Assert.Equal("", Heard(Pulse(8000, 770, 1336, 20, offset: offset), 8000));
        }
    }

    [Fact]
    public void The_same_digit_twice_is_two_digits_when_forty_milliseconds_lie_between()
    {
        for (var offset = 0; offset < 100; offset += 7)
        {
            var sound = new short[offset].Concat(DtmfGenerator.Sound("1155#", 8000, 50, 40)).Concat(new short[800]).ToArray();
            Assert.Equal("1155#", Heard(sound, 8000));
        }
    }

    [Fact]
    public void A_long_key_press_is_one_digit_and_a_gap_of_ten_milliseconds_does_not_make_it_two()
    {
        var tone = Pulse(8000, 852, 1477, 100);
        Array.Clear(tone, 400 + 400, 80);                             // in the middle of the pulse
        Assert.Equal("9", Heard(tone, 8000));
        Assert.Equal("7", Heard(DtmfGenerator.Sound("7", 8000, 3000, 100), 8000));
    }

    [Fact]
    public void Tones_off_by_one_and_a_half_percent_are_taken_and_by_three_and_a_half_refused()
    {
        foreach (var low in Rows)
        {
            foreach (var high in Columns)
            {
                foreach (var sign in new[] { -1, 1 })
                {
                    for (var offset = 0; offset < 100; offset += 33)
                    {
                        Assert.Single(Heard(Pulse(8000, low * (1 + sign * 0.015), high * (1 + sign * 0.015), 60, offset: offset), 8000));
                        Assert.Empty(Heard(Pulse(8000, low * (1 + sign * 0.035), high, 60, offset: offset), 8000));
                        Assert.Empty(Heard(Pulse(8000, low, high * (1 + sign * 0.035), 60, offset: offset), 8000));
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(-10, -16, true)]     // the column 6 dB weaker: a long line
    [InlineData(-14, -10, true)]     // the row 4 dB weaker
    [InlineData(-6, -18, false)]
    [InlineData(-20, -8, false)]
    [InlineData(-30, -28, true)]     // faint
    [InlineData(-1, -1, true)]       // loud, clipped at the peaks
    [InlineData(-50, -48, false)]
    public void Twist_and_level_are_borne_within_their_limits(double low, double high, bool heard)
    {
        foreach (var row in Rows)
            foreach (var column in Columns)
                Assert.Equal(heard ? 1 : 0, Heard(Pulse(8000, row, column, 60, low, high), 8000).Length);
    }

    [Fact]
    public void Noise_fifteen_decibels_below_hides_no_digit()
    {
        var sound = DtmfGenerator.Sound(string.Concat(Enumerable.Repeat(AllDigits, 10)), 8000, 50, 50);
        Sound.AddNoise(sound, -5 - 15, seed: 24);                     // both tones together have -4.9 dBm0
        Assert.Equal(string.Concat(Enumerable.Repeat(AllDigits, 10)), Heard(sound, 8000));
    }

    [Fact]
    public void Noise_and_single_tones_are_no_digits()
    {
        var noise = new short[8000 * 60];
        Sound.AddNoise(noise, -15, seed: 7);
        Assert.Equal("", Heard(noise, 8000));
        foreach (var frequency in Rows.Concat(Columns).Concat([350.0, 425, 440, 1100, 2100]))
            Assert.Equal("", Heard(Sound.Tone(8000, frequency, 500), 8000));
    }

    [Theory]
    [InlineData("fr", "Bonjour, vous êtes bien à la mairie de Saint-Aubin-les-Cloches. Nos bureaux sont ouverts du lundi au vendredi, de neuf heures à dix-sept heures. Pour l'état civil, tapez un ; pour l'urbanisme, tapez deux ; pour les écoles, tapez trois. Sinon, restez en ligne, un agent va vous répondre. Il était une fois, dans une petite ville, un beffroi dont les cloches sonnaient toutes les heures, et les habitants disaient que nul ne pouvait dormir.")]
    [InlineData("en", "Hello, you have reached the town hall. Our offices are open from Monday to Friday. For births and marriages press one, for building permits press two, for schools press three. Otherwise please hold the line and somebody will answer. Peter Piper picked a peck of pickled peppers while she sold sea shells by the sea shore, and the quick brown fox jumped over the lazy dog again and again.")]
    public void Speech_is_never_taken_for_digits(string voice, string text)
    {
        foreach (var variant in new[] { "", "+f2", "+f5", "+m3", "+m7", "+croak", "+whisper" })
            Assert.Equal("", Heard(Sound.Speech(voice + variant, text, 8000), 8000));
    }

    [Fact]
    public void Digits_are_heard_through_G711_and_beside_quiet_speech()
    {
        var digits = DtmfGenerator.Sound("0123456789*#", 8000, 80, 80);
        var speech = Sound.Speech("fr", "Il était une fois, dans une petite ville, un beffroi dont les cloches sonnaient toutes les heures.", 8000);
        for (var i = 0; i < digits.Length; i++) digits[i] = G711.DecodeALaw(G711.EncodeALaw((short)(digits[i] + speech[i % speech.Length] / 16)));
        Assert.Equal("0123456789*#", Heard(digits, 8000));
    }

    [Fact]
    public void Detection_allocates_nothing()
    {
        var detector = new DtmfDetector(16000);
        var sound = DtmfGenerator.Sound("123", 16000);
        Span<char> digits = stackalloc char[8];
        detector.Process(sound, digits);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) detector.Process(sound, digits);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
