// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Xunit;

namespace Beffroi.Media.Tests.Codecs;

public sealed class AudioClipTests
{
    [Theory]
    [InlineData("PCMA", 8000)]
    [InlineData("pcmu", 8000)]
    [InlineData("G722", 16000)]
    public void A_clip_is_encoded_once_into_whole_frames_and_still_sounds_the_same(string encoding, int rate)
    {
        var clip = new AudioClip(Sound.Tone(16000, 1000, 1010), 16000);
        var bytes = clip.Encoded(encoding);
        Assert.Equal(51 * 160, bytes.Length);                           // 1010 ms are 50.5 frames
        Assert.Same(bytes, clip.Encoded(encoding));
        Assert.Same(bytes, clip.Encoded(encoding.ToUpperInvariant()));

        Assert.True(AudioCodecs.TryCreateDecoder(encoding, out var decoder));
        var pcm = new short[51 * rate / 50];
        decoder.Decode(bytes, pcm);
        Assert.InRange(Sound.SignalToNoise(pcm.AsSpan(rate / 10, rate * 8 / 10), rate, 1000), 25, 100);
        decoder.Dispose();
    }

    [Fact]
    public void Every_thread_gets_the_same_bytes()
    {
        var clip = new AudioClip(Sound.Tone(16000, 1000, 2000), 16000);
        var all = new byte[8][];
        Parallel.For(0, 8, i => all[i] = clip.Encoded("G722"));
        Assert.All(all, bytes => Assert.Same(all[0], bytes));
    }

    [Fact]
    public void Memory_is_told_and_a_codec_we_lack_is_refused()
    {
        var clip = new AudioClip(Sound.Tone(16000, 1000, 1000), 16000);
        Assert.Equal(32000, clip.MemoryBytes);
        clip.Prepare();
        Assert.Equal(32000 + 3 * 8000, clip.MemoryBytes);
        Assert.False(AudioClip.CanEncode("opus"));
        Assert.Throws<NotSupportedException>(() => clip.Encoded("opus"));
    }

    [Fact]
    public void Clips_of_other_rates_are_joined_at_the_rate_of_the_first()
    {
        var joined = AudioClip.Concat([new AudioClip(Sound.Tone(16000, 440, 500), 16000), new AudioClip(Sound.Tone(8000, 440, 500), 8000)]);
        Assert.Equal((16000, TimeSpan.FromSeconds(1)), (joined.SampleRate, joined.Duration));
        Assert.InRange(Sound.SignalToNoise(joined.Samples[9000..15900], 16000, 440), 40, 200);
        Assert.Equal(TimeSpan.Zero, AudioClip.Concat([]).Duration);
    }

    [Fact]
    public void A_missing_or_broken_file_is_a_sentence_not_an_exception()
    {
        var path = Path.GetTempFileName();
        try
        {
            Assert.False(AudioClip.TryFromWav(path, out _, out var problem));
            Assert.Contains("NotWav", problem, StringComparison.Ordinal);
            Assert.Throws<InvalidDataException>(() => AudioClip.FromWav(path));
        }
        finally
        {
            File.Delete(path);
        }
        Assert.False(AudioClip.TryFromWav(path, out _, out var missing));
        Assert.NotNull(missing);
        Assert.False(AudioClip.TryFromWav(Path.GetTempPath(), out _, out _));
    }

    [Fact]
    public void The_ringing_tone_of_France_has_its_rhythm()
    {
        var ring = CallProgressTones.Ringback;
        Assert.Equal(TimeSpan.FromSeconds(5), ring.Duration);
        Assert.InRange(Sound.SignalToNoise(ring.Samples[800..23200], 16000, 440), 50, 200);
        Assert.Equal(0, Sound.Rms(ring.Samples[24000..]));
    }
}
