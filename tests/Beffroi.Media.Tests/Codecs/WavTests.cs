// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Diagnostics;
using Beffroi.Media.Codecs;
using Xunit;

namespace Beffroi.Media.Tests.Codecs;

public sealed class WavTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("beffroi-wav-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string In(string name) => Path.Combine(_folder.FullName, name);

    private static WavSound Read(byte[] file)
    {
        Assert.True(WavFile.TryRead(new MemoryStream(file), Minute, out var sound, out var fault), fault.ToString());
        return sound;
    }

    private static WavFault FaultOf(byte[] file)
    {
        Assert.False(WavFile.TryRead(new MemoryStream(file), Minute, out _, out var fault));
        return fault;
    }

    [Theory]
    [InlineData(WavEncoding.Pcm16, 200)]
    [InlineData(WavEncoding.ALaw, 30)]
    [InlineData(WavEncoding.MuLaw, 30)]
    public void What_is_written_in_pieces_is_read_back_by_us_and_by_sox(WavEncoding encoding, double likeness)
    {
        var tone = Sound.Tone(16000, 440, 3010);
        using (var writer = new WavWriter(In("a.wav"), 16000, encoding))
        {
            foreach (var frame in tone.Chunk(320)) writer.Write(frame);
            Assert.Equal(TimeSpan.FromMilliseconds(3010), writer.Duration);
        }
        Assert.True(WavFile.TryRead(In("a.wav"), Minute, out var ours, out _));
        var sox = Sound.Samples(Sound.Through("sox", [], In("a.wav"), "-t", "raw", "-e", "signed", "-b", "16", "-"));
        Assert.Equal(16000, ours.SampleRate);
        Assert.Equal(ours.Samples, sox);
        Assert.Equal(tone.Length, ours.Samples.Length);
        Assert.InRange(Sound.Likeness(tone, ours.Samples), likeness, 1000);
    }

    [Fact]
    public void A_recording_whose_program_died_plays_up_to_its_last_piece()
    {
        var writer = new WavWriter(In("a.wav"), 8000);
        writer.Write(Sound.Tone(8000, 440, 5000));                  // 80,000 bytes: two pieces of 32 KiB are out
        var left = File.ReadAllBytes(In("a.wav"));
        writer.Dispose();
        Assert.Equal(2 * 32768 / 2, Read(left).Samples.Length);
        Assert.Equal(5 * 8000, Read(File.ReadAllBytes(In("a.wav"))).Samples.Length);
    }

    [Fact]
    public void Writing_allocates_nothing_between_pieces()
    {
        using var writer = new WavWriter(In("a.wav"), 8000);
        var frame = Sound.Tone(8000, 440, 20);
        writer.Write(frame);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++) writer.Write(frame);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Files_of_others_are_read_two_channels_extensible_headers_and_chunks_before_the_sound()
    {
        WavFile.Write(In("a.wav"), Sound.Tone(16000, 440, 500), 16000);
        Sound.Through("sox", [], In("a.wav"), "-c", "2", "-r", "44100", In("stereo.wav"));
        Sound.Through("ffmpeg", [], "-v", "error", "-i", In("a.wav"), "-metadata", "title=odd", "-ac", "2", In("tagged.wav"));
        Assert.True(WavFile.TryRead(In("stereo.wav"), Minute, out var stereo, out _));
        Assert.True(WavFile.TryRead(In("tagged.wav"), Minute, out var tagged, out _));
        Assert.Equal((44100, 22050), (stereo.SampleRate, stereo.Samples.Length));
        Assert.InRange(Sound.SignalToNoise(stereo.Samples.AsSpan(4410, 13230), 44100, 440), 50, 300);
        Assert.Equal(8000, tagged.Samples.Length);

        var whole = File.ReadAllBytes(In("a.wav"));
        byte[] odd = [.. whole[..12], .. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0, .. whole[12..]];
        Assert.Equal(8000, Read(odd).Samples.Length);
        byte[] extensible = [.. whole[..16], 40, 0, 0, 0, 0xFE, 0xFF, .. whole[22..36], 22, 0, 16, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113, .. whole[36..]];
        Assert.Equal(8000, Read(extensible).Samples.Length);
    }

    [Fact]
    public void Sizes_that_lie_are_cut_to_what_is_there()
    {
        WavFile.Write(In("a.wav"), Sound.Tone(8000, 440, 500), 8000);
        var file = File.ReadAllBytes(In("a.wav"));
        foreach (var size in new uint[] { 0, uint.MaxValue, 1_000_000_000 })
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(40), size);
            Assert.Equal(4000, Read(file).Samples.Length);
        }
    }

    [Fact]
    public void What_is_no_sound_for_us_is_named()
    {
        WavFile.Write(In("a.wav"), Sound.Tone(8000, 440, 100), 8000);
        var good = File.ReadAllBytes(In("a.wav"));
        byte[] With(int at, params byte[] bytes)
        {
            var file = good.ToArray();
            bytes.CopyTo(file, at);
            return file;
        }
        Assert.Equal(WavFault.NotWav, FaultOf([]));
        Assert.Equal(WavFault.NotWav, FaultOf(With(0, 1)));
        Assert.Equal(WavFault.NoFormat, FaultOf(With(12, 1)));
        Assert.Equal(WavFault.UnsupportedEncoding, FaultOf(With(20, 3)));
        Assert.Equal(WavFault.UnsupportedEncoding, FaultOf(With(34, 24)));
        Assert.Equal(WavFault.UnsupportedSampleRate, FaultOf(With(24, 0, 0, 0, 0)));
        Assert.Equal(WavFault.UnsupportedSampleRate, FaultOf(With(24, 255, 255, 255, 255)));
        Assert.Equal(WavFault.UnsupportedChannels, FaultOf(With(22, 0)));
        Assert.Equal(WavFault.UnsupportedChannels, FaultOf(With(22, 255, 255)));
        Assert.Equal(WavFault.NoSound, FaultOf(good[..44]));
        Assert.False(WavFile.TryRead(new MemoryStream(good), TimeSpan.FromMilliseconds(99), out _, out var fault));
        Assert.Equal(WavFault.TooLong, fault);
    }

    [Fact]
    public void Nothing_throws_in_a_second_of_changed_headers() => Fuzz(TimeSpan.FromSeconds(1), 4711);

    [Fact]
    [Trait("Category", "Long")]
    public void Nothing_throws_in_a_minute_of_changed_headers() => Fuzz(TimeSpan.FromSeconds(60), Environment.TickCount);

    private void Fuzz(TimeSpan time, int seed)
    {
        WavFile.Write(In("a.wav"), Sound.Tone(8000, 440, 20), 8000);
        var good = File.ReadAllBytes(In("a.wav"));
        var (random, clock, read) = (new Random(seed), Stopwatch.StartNew(), 0);
        while (clock.Elapsed < time)
        {
            var file = good.ToList();
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                var at = random.Next(Math.Min(file.Count, 60));
                switch (random.Next(4))
                {
                    case 0: file[at] = (byte)random.Next(256); break;
                    case 1: file.RemoveAt(at); break;
                    case 2: file.InsertRange(at, good.AsSpan(random.Next(40), random.Next(1, 30)).ToArray()); break;
                    default: file[at] = 0xFF; break;
                }
                if (file.Count == 0) file.Add(0);
            }
            var bytes = file.ToArray();
            var ok = WavFile.TryRead(new MemoryStream(bytes), Minute, out var sound, out var fault);
            Assert.True(ok == (fault == WavFault.None) && ok == sound is not null, $"seed {seed}: {Convert.ToBase64String(bytes)}");
            if (ok) read++;
        }
        Assert.True(read > 0);
    }
}
