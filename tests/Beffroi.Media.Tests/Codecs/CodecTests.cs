// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Xunit;

namespace Beffroi.Media.Tests.Codecs;

public sealed class CodecTests
{
    private static readonly byte[] AllCodes = [.. Enumerable.Range(0, 256).Select(code => (byte)code)];
    private static readonly short[] AllSamples = [.. Enumerable.Range(short.MinValue, 65536).Select(sample => (short)sample)];

    private static IAudioDecoder Decoder(string encoding)
    {
        Assert.True(AudioCodecs.TryCreateDecoder(AudioCodecs.Format(encoding), out var decoder));
        return decoder;
    }

    private static IAudioEncoder Encoder(string encoding)
    {
        Assert.True(AudioCodecs.TryCreateEncoder(AudioCodecs.Format(encoding), out var encoder));
        return encoder;
    }

    [Fact]
    public void Every_code_of_G711_comes_back_from_its_own_sample()
    {
        foreach (var code in AllCodes)
        {
            Assert.Equal(code, G711.EncodeALaw(G711.DecodeALaw(code)));
            if (code != 0x7F) Assert.Equal(code, G711.EncodeMuLaw(G711.DecodeMuLaw(code)));      // µ-law has two zeros: 0x7F is the negative one
        }
        Assert.Equal(0xFF, G711.EncodeMuLaw(G711.DecodeMuLaw(0x7F)));
    }

    [Theory]
    [InlineData("PCMA", "a-law")]
    [InlineData("PCMU", "mu-law")]
    public void G711_decodes_as_sox_does_and_encodes_every_sample_to_a_code_as_near(string encoding, string soxName)
    {
        using var decoder = Decoder(encoding);
        using var encoder = Encoder(encoding);
        string[] law = ["-t", "raw", "-e", soxName, "-b", "8", "-r", "8000", "-c", "1", "-"];
        string[] linear = ["-t", "raw", "-e", "signed", "-b", "16", "-r", "8000", "-c", "1", "-"];

        var decoded = new short[256];
        Assert.Equal(256, decoder.Decode(AllCodes, decoded));
        Assert.Equal(Sound.Samples(Sound.Through("sox", AllCodes, [.. law, .. linear])), decoded);

        var codes = new byte[65536];
        Assert.Equal(65536, encoder.Encode(AllSamples, codes));
        var theirs = Sound.Through("sox", Sound.Bytes(AllSamples), ["-D", .. linear, .. law]);
        var (ours, sox) = (new short[65536], new short[65536]);
        decoder.Decode(codes, ours);
        decoder.Decode(theirs, sox);
        var differing = 0;
        for (var i = 0; i < 65536; i++)
        {
            if (codes[i] == theirs[i]) continue;
            differing++;
            Assert.InRange(Math.Abs(ours[i] - sox[i]), 0, Math.Max(16, Math.Abs(AllSamples[i]) / 16 + 16));    // neighbours on the edge of an interval
        }
        Assert.True(differing < 65536 / 50, $"{differing} samples differ");
    }

    [Fact]
    public void A_law_and_mu_law_turn_into_each_other_as_through_samples()
    {
        var crossed = new byte[256];
        G711.ALawToMuLaw(AllCodes, crossed);
        Assert.Equal(AllCodes.Select(code => G711.EncodeMuLaw(G711.DecodeALaw(code))), crossed);
        G711.MuLawToALaw(AllCodes, crossed);
        Assert.Equal(AllCodes.Select(code => G711.EncodeALaw(G711.DecodeMuLaw(code))), crossed);
    }

    [Fact]
    public void G722_carries_a_tone_of_five_kilohertz_and_ffmpeg_understands_it()
    {
        using var encoder = Encoder("G722");
        using var decoder = Decoder("G722");
        Assert.Equal((16000, 16000), (encoder.SampleRate, decoder.SampleRate));
        var tone = Sound.Tone(16000, 5000, 2000);
        var payload = new byte[tone.Length / 2];
        Assert.Equal(payload.Length, encoder.Encode(tone, payload));

        var ours = new short[tone.Length];
        Assert.Equal(tone.Length, decoder.Decode(payload, ours));
        var theirs = Sound.Samples(Sound.Through("ffmpeg", payload, "-v", "error", "-f", "g722", "-i", "pipe:", "-f", "s16le", "-ar", "16000", "-ac", "1", "pipe:"));

        Assert.InRange(Sound.SignalToNoise(ours.AsSpan(1600), 16000, 5000), 12, 100);
        Assert.InRange(Sound.Rms(ours.AsSpan(1600)) / Sound.Rms(tone), 0.9, 1.1);
        Assert.InRange(Sound.Likeness(ours.AsSpan(1600), theirs.AsSpan(1600)), 60, 1000);
    }

    [Fact]
    public void G722_of_ffmpeg_is_understood()
    {
        var tone = Sound.Tone(16000, 1000, 2000);
        var theirs = Sound.Through("ffmpeg", Sound.Bytes(tone), "-v", "error", "-f", "s16le", "-ar", "16000", "-ac", "1", "-i", "pipe:", "-f", "g722", "pipe:");
        using var decoder = Decoder("G722");
        var ours = new short[theirs.Length * 2];
        decoder.Decode(theirs, ours);
        Assert.InRange(Sound.SignalToNoise(ours.AsSpan(1600, 28800), 16000, 1000), 25, 100);
        Assert.InRange(Sound.Rms(ours.AsSpan(1600, 28800)) / Sound.Rms(tone), 0.9, 1.1);
    }

    [Theory]
    [InlineData("PCMA", 160)]
    [InlineData("PCMU", 160)]
    [InlineData("G722", 160)]
    public void Coding_a_frame_allocates_nothing_and_never_writes_beyond_its_room(string encoding, int bytes)
    {
        using var encoder = Encoder(encoding);
        using var decoder = Decoder(encoding);
        var pcm = Sound.Tone(encoder.SampleRate, 440, 20);
        var payload = new byte[bytes];
        encoder.Encode(pcm, payload);
        decoder.Decode(payload, pcm);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            encoder.Encode(pcm, payload);
            decoder.Decode(payload, pcm);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        Assert.Equal(10, encoder.Encode(pcm, payload.AsSpan(0, 10)));
        Assert.Equal(10, decoder.Decode(payload, pcm.AsSpan(0, 10)));
        Assert.Equal(0, decoder.Decode([], pcm));
        Assert.Equal(0, encoder.Encode([], payload));
    }

    [Fact]
    public void Formats_that_only_look_like_ours_are_not_taken()
    {
        Assert.False(AudioCodecs.TryCreateDecoder(new RtpFormat(96, "PCMA", 16000), out _));
        Assert.False(AudioCodecs.TryCreateEncoder(new RtpFormat(96, "PCMU", 8000, 2), out _));
        Assert.False(AudioCodecs.TryCreateDecoder(new RtpFormat(96, "opus", 48000, 2), out _));
        Assert.True(AudioCodecs.TryCreateDecoder(new RtpFormat(96, "pcma", 8000), out _));
    }

    [Theory]
    [InlineData(8000, 16000, 1000)]
    [InlineData(16000, 8000, 1000)]
    [InlineData(8000, 48000, 3000)]
    [InlineData(48000, 8000, 3000)]
    [InlineData(16000, 48000, 6000)]
    [InlineData(48000, 16000, 6000)]
    [InlineData(44100, 16000, 1000)]
    public void A_tone_keeps_its_pitch_and_level_at_another_rate(int from, int to, double frequency)
    {
        var tone = Sound.Tone(from, frequency, 1000);
        var resampler = new Resampler(from, to);
        var changed = new List<short>();
        var room = new short[resampler.OutputLength(from / 50)];
        foreach (var frame in tone.Chunk(from / 50)) changed.AddRange(room.AsSpan(0, resampler.Process(frame, room)));

        Assert.Equal(to, changed.Count);
        var steady = changed.ToArray().AsSpan(to / 10);
        Assert.InRange(Sound.SignalToNoise(steady, to, frequency), 60, 200);
        Assert.InRange(Sound.Rms(steady) / Sound.Rms(tone), 0.98, 1.02);
    }

    [Fact]
    public void What_the_lower_rate_cannot_carry_is_taken_away_instead_of_folded_down()
    {
        var resampler = new Resampler(16000, 8000);
        var tone = Sound.Tone(16000, 5000, 1000);
        var changed = new short[resampler.OutputLength(tone.Length)];
        resampler.Process(tone, changed);
        Assert.InRange(20 * Math.Log10(Sound.Rms(changed.AsSpan(800)) / Sound.Rms(tone)), double.NegativeInfinity, -60);
    }

    [Fact]
    public void Resampling_allocates_nothing()
    {
        var resampler = new Resampler(8000, 16000);
        var (frame, room) = (Sound.Tone(8000, 440, 20), new short[320]);
        resampler.Process(frame, room);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) resampler.Process(frame, room);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(30, -30)]
    [InlineData(60, -60)]
    public void Comfort_noise_has_the_level_that_was_told(byte level, double expectedDbov)
    {
        var noise = new ComfortNoiseGenerator();
        var sound = new short[16000];
        noise.Generate(sound);
        Assert.Equal(0, Sound.Rms(sound));
        noise.Take([level, 1, 2, 3]);
        noise.Generate(sound);
        Assert.InRange(20 * Math.Log10(Sound.Rms(sound) / 32768) - expectedDbov, -1, 1);
    }
}
