// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Media.Tests.Streams;

public sealed class RecordTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"beffroi-record-{Guid.NewGuid():N}.wav");
    private readonly byte[] _tone = AudioClip.Tone(440, TimeSpan.FromSeconds(1)).Encoded("PCMA");

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("PCMA", 8, 8000)]
    [InlineData("PCMU", 0, 8000)]
    [InlineData("G722", 9, 16000)]
    public void What_the_caller_says_is_in_the_file(string encoding, int payloadType, int sampleRate)
    {
        using var studio = new Studio();
        var alice = studio.Phone(new RtpFormat(payloadType, encoding, 8000), Studio.Events());
        alice.Leg.Record(new RecordingOptions { Path = _path });
        studio.Settle();
        foreach (var packet in AudioClip.Tone(440, TimeSpan.FromSeconds(1)).Encoded(encoding).Chunk(160)) alice.Speak(payloadType, packet);
        studio.Settle();
        alice.Leg.StopRecording();
        var result = alice.Events.Recording();
        Assert.Equal((RecordingEnd.Stopped, 1.0), (result.End, result.Duration.TotalSeconds));
        Assert.Equal(new FileInfo(_path).Length, result.Bytes);
        Assert.True(WavFile.TryRead(_path, TimeSpan.FromSeconds(5), out var sound, out _));
        Assert.Equal(sampleRate, sound.SampleRate);
        Assert.Equal(sampleRate, sound.Samples.Length);
        Assert.InRange(Crossings(sound.Samples), 860, 900);                // 440 Hz crosses zero 880 times a second
    }

    [Fact]
    public void Lost_packets_leave_silence_of_their_length()
    {
        using var studio = new Studio();
        var alice = studio.Phone(Studio.Pcma);
        alice.Leg.Record(new RecordingOptions { Path = _path });
        studio.Settle();
        alice.Speak(8, _tone[..160]);
        alice.Lose();
        alice.Lose();
        alice.Speak(8, _tone[..160]);
        studio.Settle();
        alice.Leg.StopRecording();
        Assert.Equal(80, alice.Events.Recording().Duration.TotalMilliseconds);
    }

    [Fact]
    public void The_stop_key_ends_it_and_is_told()
    {
        using var studio = new Studio();
        var alice = studio.Phone(Studio.Pcma, Studio.Events());
        alice.Leg.Record(new RecordingOptions { Path = _path, StopKeys = "#" });
        studio.Settle();
        alice.Speak(8, _tone[..160]);
        alice.Press(1, 90_000, 160);
        alice.Press(11, 92_000, 160);
        var result = alice.Events.Recording();
        Assert.Equal((RecordingEnd.StopKey, '#'), (result.End, result.StopKey));
        Assert.Equal("1#", alice.Events.Keys);
    }

    [Fact]
    public void The_longest_time_ends_it()
    {
        using var studio = new Studio();
        var alice = studio.Phone(Studio.Pcma);
        alice.Leg.Record(new RecordingOptions { Path = _path, MaxDuration = TimeSpan.FromMilliseconds(500) });
        studio.Settle();
        foreach (var packet in _tone.Chunk(160)) alice.Speak(8, packet);
        var result = alice.Events.Recording();
        Assert.Equal((RecordingEnd.MaxDuration, 500.0), (result.End, result.Duration.TotalMilliseconds));
    }

    [Fact]
    public void A_quiet_line_ends_it()
    {
        using var studio = new Studio();
        var alice = studio.Phone(Studio.Pcma);
        alice.Leg.Record(new RecordingOptions { Path = _path, SilenceEnd = TimeSpan.FromMilliseconds(400) });
        studio.Settle();
        var silence = Enumerable.Repeat((byte)0xD5, 160).ToArray();
        for (var i = 0; i < 10; i++) alice.Speak(8, silence);
        foreach (var packet in _tone.Chunk(160).Take(10)) alice.Speak(8, packet);
        for (var i = 0; i < 20; i++) alice.Speak(8, silence);
        var result = alice.Events.Recording();
        Assert.Equal((RecordingEnd.Silence, 800.0), (result.End, result.Duration.TotalMilliseconds));
    }

    [Fact]
    public void A_line_that_carries_nothing_at_all_ends_it_too()
    {
        using var studio = new Studio(new ManualTime());
        var alice = studio.Phone(Studio.Pcma);
        alice.Leg.Record(new RecordingOptions { Path = _path, SilenceEnd = TimeSpan.FromSeconds(3) });
        studio.Settle();
        studio.PassMs(5000);
        Assert.Equal(RecordingEnd.Silence, alice.Events.Recording().End);
    }

    [Fact]
    public void Hanging_up_keeps_what_was_said()
    {
        using var studio = new Studio();
        var alice = studio.Phone(Studio.Pcma);
        alice.Leg.Record(new RecordingOptions { Path = _path });
        studio.Settle();
        foreach (var packet in _tone.Chunk(160)) alice.Speak(8, packet);
        studio.Settle();
        alice.Leg.Close();
        var result = alice.Events.Recording();
        Assert.Equal((RecordingEnd.LegClosed, 1.0), (result.End, result.Duration.TotalSeconds));
    }

    [Theory]
    [InlineData("/dev/full")]
    [InlineData("/no/such/folder/a.wav")]
    public void A_disk_that_is_full_or_absent_is_told_and_the_call_goes_on(string path)
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        alice.Leg.Record(new RecordingOptions { Path = path });
        studio.Settle();
        foreach (var packet in _tone.Chunk(160)) alice.Speak(8, packet);
        studio.Settle();
        alice.Leg.StopRecording();
        var result = alice.Events.Recording();
        Assert.Equal(RecordingEnd.WriteFailed, result.End);
        Assert.NotEmpty(result.Failure!);
        Assert.Equal(50, bob.HearAll().Count);
    }

    [Fact]
    public void A_codec_that_we_do_not_know_cannot_be_recorded()
    {
        using var studio = new Studio();
        var alice = studio.Phone(new RtpFormat(111, "opus", 48000, 2));
        alice.Leg.Record(new RecordingOptions { Path = _path });
        Assert.Equal(RecordingEnd.NoCodec, alice.Events.Recording().End);
    }

    private static int Crossings(short[] samples)
    {
        var count = 0;
        for (var i = 1; i < samples.Length; i++)
            if (samples[i - 1] < 0 != samples[i] < 0) count++;
        return count;
    }
}
