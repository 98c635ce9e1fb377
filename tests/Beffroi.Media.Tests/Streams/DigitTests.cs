// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Beffroi.Media.Rtp;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Media.Tests.Streams;

public sealed class DigitTests
{
    [Fact]
    public void A_press_is_told_once_however_many_packets_tell_it()
    {
        using var studio = new Studio();
        var alice = studio.Phone(Studio.Pcma, Studio.Events());
        for (var i = 1; i <= 5; i++) alice.Press(5, 1000, 160 * i, marker: i == 1);
        for (var i = 0; i < 3; i++) alice.Press(5, 1000, 800, end: true);
        studio.Settle();
        Assert.Equal([('5', DigitSource.Rfc4733)], alice.Events.Digits);
    }

    [Fact]
    public void The_same_key_twice_is_two_presses_though_every_end_was_lost()
    {
        using var studio = new Studio();
        var alice = studio.Phone(Studio.Pcma, Studio.Events());
        alice.Press(11, 1000, 160, marker: true);
        alice.Press(11, 1000, 320);
        alice.Press(11, 3000, 160, marker: true);
        studio.Settle();
        Assert.Equal("##", alice.Events.Keys);
    }

    [Fact]
    public void Only_the_end_of_a_press_arriving_is_enough()
    {
        using var studio = new Studio();
        var alice = studio.Phone(Studio.Pcma, Studio.Events());
        alice.Press(0, 1000, 800, end: true);
        studio.Settle();
        Assert.Equal("0", alice.Events.Keys);
    }

    [Fact]
    public void Digits_reach_the_other_leg_as_they_came_under_its_number()
    {
        using var studio = new Studio();
        var (alice, bob) = (studio.Phone(Studio.Pcma, Studio.Events(101)), studio.Phone(Studio.Pcma, Studio.Events(96)));
        alice.Leg.Bridge(bob.Leg);
        studio.Settle();
        alice.Speak(8);
        bob.Hear();
        alice.Press(7, 60_000, 160, marker: true);
        alice.Press(7, 60_000, 320, end: true);
        var (first, second) = (bob.Hear(), bob.Hear());
        Assert.Equal((96, true), (first.PayloadType, first.Marker));
        Assert.Equal(first.Timestamp, second.Timestamp);
        Assert.True(TelephoneEvent.TryParse(second.Payload, out var received));
        Assert.Equal(('7', true, 320), (received.Key, received.End, received.Duration));
        studio.Settle();
        Assert.Equal("7", alice.Events.Keys);
        Assert.Empty(bob.Events.Digits);
    }

    [Fact]
    public void To_a_leg_that_knows_no_events_digits_go_as_tones()
    {
        using var studio = new Studio(new ManualTime());
        var (alice, bob) = (studio.Phone(Studio.Pcma, Studio.Events()), studio.Phone(Studio.Pcma));
        alice.Leg.Bridge(bob.Leg);
        studio.Settle();
        alice.Press(9, 1000, 160, marker: true);
        studio.Settle();
        studio.PassMs(200);
        Assert.Equal("9", Detect(bob.HearAll()));
    }

    [Fact]
    public void Tones_are_detected_when_no_events_were_negotiated_and_only_then()
    {
        using var studio = new Studio();
        var (alice, bob) = (studio.Phone(Studio.Pcma), studio.Phone(Studio.Pcma, Studio.Events()));
        studio.Settle();
        var sound = new AudioClip(DtmfGenerator.Sound("42#", 8000), 8000).Encoded("PCMA");
        foreach (var packet in sound.Chunk(160))
        {
            alice.Speak(8, packet);
            bob.Speak(8, packet);
        }
        studio.Settle();
        Assert.Equal([('4', DigitSource.InBand), ('2', DigitSource.InBand), ('#', DigitSource.InBand)], alice.Events.Digits);
        Assert.Empty(bob.Events.Digits);
    }

    [Fact]
    public void We_send_digits_as_events_with_growing_durations_and_three_ends()
    {
        using var studio = new Studio(new ManualTime());
        var alice = studio.Phone(Studio.Pcma, Studio.Events());
        alice.Leg.SendDigits("1D", 100, 100);
        studio.Settle();
        studio.PassMs(600);
        var heard = alice.HearAll();
        Assert.All(heard, h => Assert.Equal(101, h.PayloadType));
        var events = heard.Select(h => TelephoneEvent.TryParse(h.Payload, out var e) ? e : default).ToList();
        Assert.Equal("1111111DDDDDDD", string.Concat(events.Select(e => e.Key)));
        Assert.Equal([160, 320, 480, 640, 800, 800, 800], events.Take(7).Select(e => (int)e.Duration));
        Assert.Equal([false, false, false, false, true, true, true], events.Take(7).Select(e => e.End));
        Assert.Equal([0, 7], heard.Select((h, i) => h.Marker ? i : -1).Where(i => i >= 0));
        Assert.Equal(2, heard.Select(h => h.Timestamp).Distinct().Count());
        Assert.Equal(200 * 8, (int)(heard[7].Timestamp - heard[0].Timestamp));
        Assert.Equal(heard.Select((_, i) => (ushort)(heard[0].Sequence + i)), heard.Select(h => h.Sequence));
    }

    [Fact]
    public void Without_events_we_send_tones()
    {
        using var studio = new Studio(new ManualTime());
        var alice = studio.Phone(Studio.Pcmu);
        alice.Leg.SendDigits("08*");
        studio.Settle();
        studio.PassMs(700);
        Assert.Equal("08*", Detect(alice.HearAll(), "PCMU"));
    }

    [Fact]
    public void Where_neither_is_possible_the_owner_is_told()
    {
        using var studio = new Studio();
        var alice = studio.Phone(new RtpFormat(111, "opus", 48000, 2));
        alice.Leg.SendDigits("12");
        studio.Settle();
        Assert.Equal(["12"], alice.Events.Unsendable);
    }

    private static string Detect(List<Heard> heard, string encoding = "PCMA")
    {
        Assert.True(AudioCodecs.TryCreateDecoder(encoding, out var decoder));
        using (decoder)
        {
            var detector = new DtmfDetector(8000);
            var pcm = new short[2000];
            var found = new char[8];
            var all = "";
            foreach (var packet in heard)
            {
                var samples = decoder.Decode(packet.Payload, pcm);
                all += new string(found, 0, detector.Process(pcm.AsSpan(0, samples), found));
            }
            return all;
        }
    }
}
