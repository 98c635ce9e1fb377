// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Media.Tests.Streams;

public sealed class LatchTests
{
    [Fact]
    public void Sound_goes_where_the_phone_sends_from_whatever_it_said()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        alice.Negotiate(line => line with { RemoteRtp = new IPEndPoint(IPAddress.Parse("127.0.0.9"), 9) });     // a private address behind a NAT
        studio.Settle();
        alice.Speak(8);
        bob.Hear();
        bob.Speak(8, [1]);
        Assert.Equal([1], alice.Hear().Payload);
    }

    [Fact]
    public void Without_symmetry_it_goes_where_the_phone_said()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        using var elsewhere = Phone.Open(IPAddress.Loopback);
        alice.Negotiate(line => line with { RemoteRtp = (IPEndPoint)elsewhere.LocalEndPoint!, Symmetric = false });
        studio.Settle();
        alice.Speak(8);
        bob.Hear();
        bob.Speak(8, [1]);
        Assert.Equal(13, elsewhere.Receive(new byte[100]));
    }

    [Fact]
    public void A_stranger_who_comes_later_is_refused_and_counted()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        using var stranger = Phone.Open(IPAddress.Loopback);
        alice.Speak(8, [1]);
        alice.Send(8, 1, 1, [66], from: stranger, ssrc: 5);
        studio.Settle();
        Assert.Equal([1], Assert.Single(bob.HearAll()).Payload);
        Assert.Equal(1, studio.Dropped(DropReason.WrongSource));
    }

    [Fact]
    public void A_stranger_who_was_faster_loses_to_the_address_that_was_signalled()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        using var stranger = Phone.Open(IPAddress.Loopback);
        alice.Send(8, 1, 1, [66], from: stranger, ssrc: 5);
        alice.Speak(8, [1]);
        alice.Send(8, 2, 161, [66], from: stranger, ssrc: 5);
        studio.Settle();
        bob.Speak(8, [7]);
        Assert.Equal([7], alice.Hear().Payload);
        studio.Settle();
        Assert.Equal(1, studio.Dropped(DropReason.WrongSource));
    }

    [Fact]
    public void A_new_signalled_address_opens_the_lock_and_the_same_one_keeps_it()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        using var moved = Phone.Open(IPAddress.Loopback);
        alice.Speak(8);
        alice.Negotiate(line => line with { PacketTimeMs = 20 });
        studio.Settle();
        alice.Send(8, 1, 1, [66], from: moved, ssrc: 5);
        studio.Settle();
        Assert.Equal(1, studio.Dropped(DropReason.WrongSource));
        alice.Negotiate(line => line with { RemoteRtp = new IPEndPoint(IPAddress.Loopback, 9) });
        studio.Settle();
        alice.Send(8, 2, 1, [67], from: moved, ssrc: 5);
        studio.Settle();
        bob.Speak(8, [3]);
        Assert.Equal(13, moved.Receive(new byte[100]));
    }

    [Fact]
    public void A_phone_whose_network_changed_is_followed_when_its_stream_goes_on()
    {
        var time = new ManualTime();
        using var studio = new Studio(time);
        var (alice, bob) = studio.Call(Studio.Pcma);
        using var moved = Phone.Open(IPAddress.Loopback);
        alice.Send(8, 100, 16_000, [1]);
        bob.Hear();
        time.Advance(TimeSpan.FromSeconds(2));
        alice.Send(8, 101, 32_000, [2], from: moved);
        Assert.Equal([2], bob.Hear().Payload);
        bob.Speak(8, [3]);
        Assert.Equal(13, moved.Receive(new byte[100]));
    }

    [Fact]
    public void A_guess_of_ssrc_or_number_moves_nothing()
    {
        var time = new ManualTime();
        using var studio = new Studio(time);
        var (alice, bob) = studio.Call(Studio.Pcma);
        using var stranger = Phone.Open(IPAddress.Loopback);
        alice.Send(8, 100, 16_000, [1]);
        studio.Settle();
        time.Advance(TimeSpan.FromSeconds(2));
        alice.Send(8, 101, 32_000, [66], from: stranger, ssrc: 5);
        alice.Send(8, 40_000, 32_000, [66], from: stranger);
        studio.Settle();
        Assert.Single(bob.HearAll());
        Assert.Equal(2, studio.Dropped(DropReason.WrongSource));
    }

    [Fact]
    public void Rubbish_stun_dtls_and_unknown_payload_types_are_counted_and_lock_nothing()
    {
        using var studio = new Studio();
        var (alice, bob) = studio.Call(Studio.Pcma);
        using var stranger = Phone.Open(IPAddress.Loopback);
        byte[] stun = [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, .. new byte[12]];
        alice.SendBytes(stun, stranger);
        alice.SendBytes([22, 254, 253], stranger);
        alice.SendBytes([0x80, 8, 0], stranger);
        alice.SendBytes([], stranger);
        alice.SendBytes([0xFF, 0xFF, 0xFF], stranger);
        alice.SendBytes(new byte[3000], stranger);
        alice.Send(99, 1, 1, [1], from: stranger);
        studio.Settle();
        alice.Speak(8, [1]);
        Assert.Equal([1], bob.Hear().Payload);
        Assert.Equal(2, studio.Dropped(DropReason.NotSpoken));
        Assert.Equal(3, studio.Dropped(DropReason.Malformed));
        Assert.Equal(1, studio.Dropped(DropReason.TooLong));
        Assert.Equal(1, studio.Dropped(DropReason.UnknownPayloadType));
    }

    [Fact]
    public void A_leg_without_parameters_takes_nothing()
    {
        using var studio = new Studio();
        var alice = studio.NewPhone();
        alice.Speak(8);
        studio.Settle();
        Assert.Equal(1, studio.Dropped(DropReason.NotExpected));
        Assert.Equal(0, alice.Events.FirstPackets);
    }

    [Fact]
    public void The_first_packet_is_told_once()
    {
        using var studio = new Studio();
        var alice = studio.Phone(Studio.Pcma);
        studio.Settle();
        alice.Speak(8);
        alice.Speak(8);
        studio.Settle();
        Assert.Equal(1, alice.Events.FirstPackets);
    }

    [Fact]
    public void Silence_on_the_wire_is_told_once_and_again_after_the_next_sound()
    {
        var time = new ManualTime();
        using var studio = new Studio(time);
        var alice = studio.Phone(Studio.Pcma);
        studio.Settle();
        alice.Speak(8);
        studio.Settle();
        Seconds(29);
        Assert.Equal(0, alice.Events.Timeouts);
        Seconds(3);
        Assert.Equal(1, alice.Events.Timeouts);
        Seconds(60);
        Assert.Equal(1, alice.Events.Timeouts);
        alice.Speak(8);
        studio.Settle();
        Seconds(32);
        Assert.Equal(2, alice.Events.Timeouts);

        void Seconds(int count)
        {
            for (var i = 0; i < count * 4; i++)
            {
                time.Advance(TimeSpan.FromMilliseconds(250));
                studio.Settle();
            }
        }
    }

    [Theory]
    [InlineData(MediaDirection.SendOnly)]
    [InlineData(MediaDirection.ReceiveOnly)]             // it holds the other party, and has no music of its own
    [InlineData(MediaDirection.Inactive)]
    public void A_phone_that_is_held_or_holds_may_be_silent(MediaDirection ours)
    {
        var time = new ManualTime();
        using var studio = new Studio(time);
        var alice = studio.Phone(line => line with { Formats = [Studio.Pcma], Direction = ours });
        studio.Settle();
        for (var i = 0; i < 400; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            studio.Settle();
        }
        Assert.Equal(0, alice.Events.Timeouts);
    }
}
