// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using Beffroi.Media.Codecs;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Media.Tests.Streams;

public sealed class RelayTests
{
    [Fact]
    public void What_alice_says_reaches_bob_and_what_bob_says_reaches_alice()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        alice.Speak(8, [1, 2, 3]);
        Assert.Equal([1, 2, 3], bob.Hear().Payload);
        bob.Speak(8, [4, 5]);
        Assert.Equal([4, 5], alice.Hear().Payload);
    }

    [Fact]
    public void It_works_the_same_over_ipv6()
    {
        using var studio = new Studio();
        var alice = studio.Phone(line => line with { Formats = [Studio.Pcma] }, AddressFamily.InterNetworkV6);
        var bob = studio.Phone(Studio.Pcma);
        alice.Leg.Bridge(bob.Leg);
        studio.Settle();
        alice.Speak(8, [1, 2, 3]);
        Assert.Equal([1, 2, 3], bob.Hear().Payload);
        bob.Speak(8, [4]);
        Assert.Equal([4], alice.Hear().Payload);
    }

    [Fact]
    public void An_encoding_passes_untouched_under_the_number_that_the_other_side_gave_it()
    {
        using var studio = new Studio();
        var alice = studio.Phone(new RtpFormat(111, "opus", 48000, 2, "useinbandfec=1"));
        var bob = studio.Phone(new RtpFormat(96, "OPUS", 48000, 2));
        alice.Leg.Bridge(bob.Leg);
        studio.Settle();
        alice.Speak(111, [9, 8, 7]);
        var heard = bob.Hear();
        Assert.Equal(96, heard.PayloadType);
        Assert.Equal([9, 8, 7], heard.Payload);
    }

    [Fact]
    public void Bob_sees_one_ssrc_and_one_row_of_numbers_though_alice_restarts_her_stream()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        alice.Send(8, 65535, 4_294_967_200, new byte[160]);
        alice.Send(8, 0, 64, new byte[160]);
        var (first, second) = (bob.Hear(), bob.Hear());
        alice.Send(8, 30_000, 7, new byte[160], ssrc: 77);
        var third = bob.Hear();
        Assert.True(first.Marker);
        Assert.False(second.Marker);
        Assert.True(third.Marker);
        Assert.Equal((ushort)(first.Sequence + 1), second.Sequence);
        Assert.Equal(first.Timestamp + 160, second.Timestamp);
        Assert.Equal((ushort)(second.Sequence + 1), third.Sequence);
        Assert.InRange(third.Timestamp - second.Timestamp, 160u, 8000u);
        Assert.Single(new[] { first.Ssrc, second.Ssrc, third.Ssrc }.Distinct());
        Assert.NotEqual(alice.Ssrc, first.Ssrc);
    }

    [Fact]
    public void A_loss_before_us_is_a_loss_behind_us_and_order_is_kept_as_it_came()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        foreach (var sequence in new ushort[] { 10, 11, 14, 13, 15 }) alice.Send(8, sequence, sequence * 160u, [(byte)sequence]);
        var heard = Enumerable.Range(0, 5).Select(_ => bob.Hear()).ToList();
        Assert.Equal([0, 1, 4, 3, 5], heard.Select(h => (int)(ushort)(h.Sequence - heard[0].Sequence)));
        Assert.Equal([10, 11, 14, 13, 15], heard.Select(h => (int)h.Payload[0]));
        studio.Settle();
        Assert.Equal(1, alice.Leg.Statistics.Lost);
    }

    [Fact]
    public void What_is_withheld_on_purpose_leaves_no_gap()
    {
        using var studio = new Studio();
        var alice = studio.Phone(Studio.Pcma, Studio.Noise);
        var bob = studio.Phone(Studio.Pcma);
        alice.Leg.Bridge(bob.Leg);
        studio.Settle();
        alice.Speak(8);
        alice.Speak(13, [40]);
        alice.Speak(8);
        var (first, second) = (bob.Hear(), bob.Hear());
        Assert.Equal((ushort)(first.Sequence + 1), second.Sequence);
        Assert.Equal(first.Timestamp + 320, second.Timestamp);
    }

    [Fact]
    public void A_header_extension_and_contributing_sources_pass_as_they_are()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        byte[] packet = [0x91, 8, 0, 1, 0, 0, 0, 1, 9, 9, 9, 9, /* CSRC */ 1, 2, 3, 4, /* extension */ 0xBE, 0xDE, 0, 1, 0x10, 5, 0, 0, /* payload */ 42];
        alice.SendBytes(packet);
        var buffer = new byte[100];
        var length = bob.Rtp.Receive(buffer);
        Assert.Equal(packet[12..], buffer[12..length]);
    }

    [Fact]
    public void Three_parties_in_turn_share_one_stream_towards_alice()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        var carol = studio.Phone(Studio.Pcma);
        bob.Speak(8);
        var fromBob = alice.Hear();
        alice.Leg.Bridge(carol.Leg);
        studio.Settle();
        bob.Speak(8);
        carol.Speak(8, [7]);
        var fromCarol = alice.Hear();
        Assert.Equal([7], fromCarol.Payload);
        Assert.Equal(fromBob.Ssrc, fromCarol.Ssrc);
        Assert.Equal((ushort)(fromBob.Sequence + 1), fromCarol.Sequence);
        Assert.True(fromCarol.Marker);
    }

    [Fact]
    public void Pictures_flow_beside_the_sound_and_keep_their_marker()
    {
        using var studio = new Studio();
        var (alice, bob) = (studio.NewPhone(), studio.NewPhone());
        using var aliceVideo = Phone.Open(IPAddress.Loopback);
        using var bobVideo = Phone.Open(IPAddress.Loopback);
        foreach (var (phone, video) in new[] { (alice, aliceVideo), (bob, bobVideo) })
        {
            Assert.True(phone.Leg.TryAddStream(out var index));
            Assert.Equal(1, index);
            phone.Leg.Apply(new MediaLegParameters([
                new StreamParameters { RemoteRtp = phone.Address, Formats = [Studio.Pcma] },
                new StreamParameters { Kind = MediaKind.Video, RemoteRtp = (IPEndPoint)video.LocalEndPoint!, Formats = [new RtpFormat(97, "H264", 90000)] }]));
        }
        alice.Leg.Bridge(bob.Leg);
        studio.Settle();
        byte[] picture = [0x80, 97, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 55];
        aliceVideo.SendTo(picture, alice.Leg.LocalRtp(1));
        var buffer = new byte[100];
        Assert.Equal(13, bobVideo.Receive(buffer));
        Assert.Equal(97, buffer[1]);                                        // no marker: a picture's marker says "end of frame"
        Assert.Equal(55, buffer[12]);
    }

    [Theory]
    [InlineData(MediaDirection.SendOnly)]
    [InlineData(MediaDirection.Inactive)]
    public void Nothing_that_a_held_phone_says_is_passed_on(MediaDirection direction)
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        alice.Negotiate(line => line with { Direction = direction });
        studio.Settle();
        alice.Speak(8);
        studio.Settle();
        Assert.Empty(bob.HearAll());
        Assert.Equal(1, studio.Dropped(DropReason.NotExpected));
        alice.Negotiate(line => line with { Direction = MediaDirection.SendReceive });
        studio.Settle();
        alice.Speak(8);
        Assert.Equal(160, bob.Hear().Payload.Length);
    }

    [Theory]
    [InlineData(MediaDirection.ReceiveOnly)]
    [InlineData(MediaDirection.Inactive)]
    public void A_phone_that_wants_nothing_gets_nothing(MediaDirection direction)
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        bob.Negotiate(line => line with { Direction = direction });
        studio.Settle();
        alice.Speak(8);
        studio.Settle();
        Assert.Empty(bob.HearAll());
    }

    [Fact]
    public void A_leg_on_hold_hears_and_says_nothing_until_it_is_retrieved()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        alice.Leg.SetHold(true);
        studio.Settle();
        alice.Speak(8);
        bob.Speak(8);
        studio.Settle();
        Assert.Empty(bob.HearAll());
        Assert.Empty(alice.HearAll());
        alice.Leg.SetHold(false);
        studio.Settle();
        alice.Speak(8);
        Assert.Equal(160, bob.Hear().Payload.Length);
    }

    [Fact]
    public void After_unbridging_nothing_passes()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        bob.Leg.Unbridge();
        studio.Settle();
        alice.Speak(8);
        studio.Settle();
        Assert.Empty(bob.HearAll());
    }

    [Fact]
    public void A_leg_bridged_with_itself_is_an_echo()
    {
        using var studio = new Studio();
        var alice = studio.Phone(Studio.Pcma);
        alice.Leg.Bridge(alice.Leg);
        studio.Settle();
        alice.Speak(8, [5]);
        Assert.Equal([5], alice.Hear().Payload);
    }

    [Fact]
    public void Legs_of_different_threads_meet_on_one_and_part_again()
    {
        using var studio = new Studio(threads: 3);
        var phones = Enumerable.Range(0, 6).Select(_ => studio.Phone(Studio.Pcma)).ToArray();
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            random.Shuffle(phones);
            for (var i = 0; i < 6; i += 2) phones[i].Leg.Bridge(phones[i + 1].Leg);
        }
        studio.Settle();
        for (var i = 0; i < 6; i += 2)
        {
            phones[i].Speak(8, [(byte)i]);
            Assert.Equal([(byte)i], phones[i + 1].Hear().Payload);
            phones[i + 1].Speak(8, [(byte)(100 + i)]);
            Assert.Equal([(byte)(100 + i)], phones[i].Hear().Payload);
        }
    }

    [Fact]
    public void Bridging_with_a_closed_leg_of_another_thread_holds_nothing_up()
    {
        using var studio = new Studio(threads: 2);
        var (alice, bob) = (studio.Phone(Studio.Pcma), studio.Phone(Studio.Pcma));
        bob.Leg.Close();
        alice.Leg.Bridge(bob.Leg);
        alice.Leg.Close();
        studio.Settle();
        Assert.Equal((0, 0), (studio.Engine.Counters.Legs, studio.Engine.Counters.PortsInUse));
    }

    [Fact]
    public async Task Legs_bridged_played_to_and_closed_from_many_sides_at_once_all_give_their_ports_back()
    {
        using var studio = new Studio(threads: 3);
        var tone = AudioClip.Tone(440, TimeSpan.FromMilliseconds(100));
        var phones = Enumerable.Range(0, 12).Select(_ => studio.Phone(Studio.Pcma, Studio.Events())).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(side => Task.Run(() =>
        {
            var random = new Random(side);
            for (var i = 0; i < 500; i++)
            {
                var (one, other) = (phones[random.Next(12)], phones[random.Next(12)]);
                if (i % 7 == 0) one.Leg.Play(tone, new PlayOptions(Loop: true));
                else if (i % 11 == 0) one.Leg.Unbridge();
                else if (i % 13 == 0) one.Leg.SendDigits("1");
                else one.Leg.Bridge(other.Leg);
                if (i > 450 && random.Next(8) == 0) other.Leg.Close();
            }
        })));
        foreach (var phone in phones) phone.Leg.Close();
        studio.Settle();
        var counters = studio.Engine.Counters;
        Assert.Equal((0, 0, 24, 0, 0L), (counters.Legs, counters.PortsInUse, counters.PortsInQuarantine, counters.Playing, counters.Faults));
        // The thread goes on looking for commands for a moment after the last one.
        Assert.All(studio.Engine.Threads, thread => Assert.True(SpinWait.SpinUntil(() => thread.Clock.IsEmpty, TestTimeouts.InProcess)));
    }

    [Fact]
    public void A_closed_leg_is_gone_and_its_partner_lives()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        alice.Leg.Close();
        alice.Leg.Close();
        studio.Settle();
        bob.Speak(8);
        studio.Settle();
        Assert.Equal(1, studio.Engine.Counters.Legs);
        Assert.Equal(2, studio.Engine.Counters.PortsInUse);
        Assert.Equal(2, studio.Engine.Counters.PortsInQuarantine);
        bob.Leg.Close();
        studio.Settle();
        Assert.Equal((0, 0, 4), (studio.Engine.Counters.Legs, studio.Engine.Counters.PortsInUse, studio.Engine.Counters.PortsInQuarantine));
    }

    [Fact]
    public void Relaying_allocates_nothing()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma, Studio.Events());
        var thread = studio.Engine.Threads[0];
        RelayMany(alice, bob, 500);
        Studio.Measure(thread);
        var before = Studio.Measure(thread);
        RelayMany(alice, bob, 5000);
        Assert.Equal(before, Studio.Measure(thread));
    }

    [Fact]
    public void Transcoding_and_playing_allocate_nothing_per_packet()
    {
        using var studio = new Studio();
        var (alice, bob) = (studio.Phone(Studio.Pcma, Studio.Events()), studio.Phone(Studio.Pcmu, Studio.Events()));
        alice.Leg.Bridge(bob.Leg);
        studio.Settle();
        var thread = studio.Engine.Threads[0];
        RelayMany(alice, bob, 500);
        Studio.Measure(thread);
        var before = Studio.Measure(thread);
        RelayMany(alice, bob, 1000);
        Assert.Equal(before, Studio.Measure(thread));
    }

    [Fact]
    public void An_idle_engine_does_not_wake_up()
    {
        var time = new ManualTime();
        using var studio = new Studio(time);
        var alice = studio.Phone(Studio.Pcma);
        alice.Leg.Close();
        studio.Settle();
        Assert.True(studio.Engine.Threads[0].Clock.IsEmpty);
        var wakeUps = studio.Engine.Threads[0].Counters.WakeUps;
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(wakeUps, studio.Engine.Threads[0].Counters.WakeUps);
    }

    private static void RelayMany(Phone alice, Phone bob, int count)
    {
        var payload = new byte[160];
        for (var i = 0; i < count; i++)
        {
            alice.Speak(alice.Line!.Formats[0].PayloadType, payload);
            bob.Hear();
        }
    }
}
