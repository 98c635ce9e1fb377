// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Media.Tests.Streams;

public sealed class PlayTests
{
    private static readonly AudioClip Tone = AudioClip.Tone(440, TimeSpan.FromMilliseconds(200));

    [Theory]
    [InlineData("PCMA", 8)]
    [InlineData("PCMU", 0)]
    [InlineData("G722", 9)]
    public void A_clip_is_heard_packet_by_packet_every_20_ms_and_then_its_end_is_told(string encoding, int payloadType)
    {
        using var studio = new Studio(new ManualTime());
        var alice = studio.Phone(new RtpFormat(payloadType, encoding, 8000), Studio.Events());
        alice.Leg.Play(Tone, new PlayOptions(Token: 7));
        studio.Settle();
        var heard = new List<Heard>();
        for (var i = 1; i <= 10; i++)
        {
            studio.PassMs(20);
            heard.AddRange(alice.HearAll());
            Assert.Equal(i, heard.Count);
            Assert.Empty(alice.Events.Finished);
        }
        studio.PassMs(20);
        Assert.Equal([7], alice.Events.Finished);
        Assert.Equal(Tone.Encoded(encoding), heard.SelectMany(h => h.Payload));
        Assert.All(heard, h => Assert.Equal(payloadType, h.PayloadType));
        Assert.Equal(heard.Select((_, i) => (ushort)(heard[0].Sequence + i)), heard.Select(h => h.Sequence));
        Assert.Equal(heard.Select((_, i) => heard[0].Timestamp + 160u * (uint)i), heard.Select(h => h.Timestamp));
        Assert.Equal([true, .. Enumerable.Repeat(false, 9)], heard.Select(h => h.Marker));
        Assert.True(studio.Engine.Threads[0].Counters.Playing == 0);
    }

    [Fact]
    public void The_far_end_sees_one_stream_through_talk_music_and_talk()
    {
        using var studio = new Studio(new ManualTime());
        var (alice, bob) = studio.Call(Studio.Pcma);
        bob.Speak(8);
        bob.Speak(8);
        studio.PassMs(20);
        alice.Leg.Play(Tone, new PlayOptions(Loop: true, Token: 1));
        studio.Settle();
        for (var i = 0; i < 25; i++)
        {
            bob.Speak(8, [66]);                                             // not heard: music plays
            studio.PassMs(20);
        }
        alice.Leg.StopPlaying();
        studio.Settle();
        bob.Speak(8, [1]);
        bob.Speak(8, [2]);
        studio.Settle();
        var heard = alice.HearAll();
        Assert.Equal([1], alice.Events.Finished);
        Assert.DoesNotContain(heard, h => h.Payload is [66]);
        Assert.Single(heard.Select(h => h.Ssrc).Distinct());
        Assert.Equal(heard.Select((_, i) => (ushort)(heard[0].Sequence + i)), heard.Select(h => h.Sequence));
        Assert.All(heard.Zip(heard.Skip(1)), pair => Assert.InRange((int)(pair.Second.Timestamp - pair.First.Timestamp), 160, 320));
        Assert.Equal([0, 2, heard.Count - 2], heard.Select((h, i) => h.Marker ? i : -1).Where(i => i >= 0));
    }

    [Fact]
    public void Music_loops_without_a_seam_until_it_is_stopped()
    {
        using var studio = new Studio(new ManualTime());
        var alice = studio.Phone(Studio.Pcma);
        alice.Leg.Play(Tone, new PlayOptions(Loop: true));
        studio.Settle();
        studio.PassMs(600);
        var bytes = alice.HearAll().SelectMany(h => h.Payload).ToArray();
        var once = Tone.Encoded("PCMA");
        Assert.Equal([.. once, .. once, .. once], bytes);
        Assert.Empty(alice.Events.Finished);
    }

    [Fact]
    public void Another_clip_replaces_the_first_and_each_is_told_finished_once()
    {
        using var studio = new Studio(new ManualTime());
        var alice = studio.Phone(Studio.Pcma);
        alice.Leg.Play(Tone, new PlayOptions(Token: 1));
        alice.Leg.Play(Tone, new PlayOptions(Token: 2));
        studio.PassMs(100);
        alice.Leg.Close();
        studio.Settle();
        Assert.Equal([1, 2], alice.Events.Finished);
    }

    [Fact]
    public void A_clip_asked_for_before_the_answer_waits_for_it()
    {
        using var studio = new Studio(new ManualTime());
        var alice = studio.NewPhone();
        alice.Leg.Play(Tone, new PlayOptions());
        studio.PassMs(100);
        alice.Negotiate(line => line with { Formats = [Studio.Pcmu] });
        studio.Settle();
        studio.PassMs(20);
        Assert.Equal(Tone.Encoded("PCMU")[..160], Assert.Single(alice.HearAll()).Payload);
    }

    [Fact]
    public void A_codec_that_changes_on_the_way_changes_the_sound_at_the_next_packet()
    {
        using var studio = new Studio(new ManualTime());
        var alice = studio.Phone(Studio.Pcma);
        alice.Leg.Play(Tone, new PlayOptions());
        studio.Settle();
        studio.PassMs(40);
        alice.Negotiate(line => line with { Formats = [Studio.Pcmu] });
        studio.Settle();
        studio.PassMs(20);
        Assert.Equal(Tone.Encoded("PCMU")[320..480], alice.HearAll()[^1].Payload);
    }

    [Fact]
    public void A_packet_time_of_30_ms_is_kept()
    {
        using var studio = new Studio(new ManualTime());
        var alice = studio.Phone(line => line with { Formats = [Studio.Pcma], PacketTimeMs = 30 });
        alice.Leg.Play(Tone, new PlayOptions());
        studio.Settle();
        studio.PassMs(180);
        var heard = alice.HearAll();
        Assert.Equal([240, 240, 240, 240, 240, 240], heard.Take(6).Select(h => h.Payload.Length));
        Assert.Equal(240u, heard[1].Timestamp - heard[0].Timestamp);
    }

    [Fact]
    public void A_codec_that_we_do_not_make_ends_the_clip_at_once()
    {
        using var studio = new Studio(new ManualTime());
        var alice = studio.Phone(new RtpFormat(111, "opus", 48000, 2));
        alice.Leg.Play(Tone, new PlayOptions(Token: 3));
        studio.Settle();
        Assert.Equal([3], alice.Events.Finished);
    }

    [Fact]
    public void A_thread_that_was_held_up_for_long_leaves_a_gap_instead_of_a_burst()
    {
        var time = new ManualTime();
        using var studio = new Studio(time);
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var alice = studio.Phone(Studio.Pcma, Studio.Events());
        alice.Leg.Play(AudioClip.Tone(440, TimeSpan.FromSeconds(2)), new PlayOptions());
        studio.PassMs(100);
        var before = alice.HearAll();
        alice.Events.Obstacle = (entered, leave);
        alice.Press(1, 1000, 160);
        Assert.True(entered.Wait(TestTimeouts.InProcess));
        time.Advance(TimeSpan.FromMilliseconds(1000));
        leave.Set();
        studio.Settle();
        studio.PassMs(20);
        var after = alice.HearAll();
        Assert.InRange(after.Count, 1, 3);
        Assert.InRange((int)(after[^1].Timestamp - before[^1].Timestamp), 1000 * 8, 1060 * 8);
        Assert.Equal((ushort)(before[^1].Sequence + 1), after[0].Sequence);
    }

    [Fact]
    public void In_real_time_a_second_of_music_takes_a_second()
    {
        using var studio = new Studio();
        var alice = studio.Phone(Studio.Pcma);
        alice.Leg.Play(AudioClip.Tone(440, TimeSpan.FromSeconds(5)), new PlayOptions());
        var first = alice.Hear();
        var start = TimeProvider.System.GetTimestamp();
        Heard last = first;
        for (var i = 0; i < 50; i++) last = alice.Hear();
        var elapsed = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        Assert.True(elapsed > 940);
        Assert.Equal(elapsed, (last.Timestamp - first.Timestamp) / 8.0, 500.0);         // also on a machine so loaded that packets are skipped
    }
}
