// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.Messages;
using Xunit;

namespace Beffroi.Calls.Tests;

/// <summary>Media that change in mid-call are asked of the other party; keys by INFO reach it in the form that it understands.</summary>
public sealed class MediaChangeTests
{
    private const string Video = "m=video 41000 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n";

    [Fact]
    public async Task Video_is_added_when_the_other_party_takes_it()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        await bed.TalkAsync(alice, bob);
        alice.MoreMedia = bob.MoreMedia = Video;
        alice.Holds("sendrecv");
        await bob.SeesAsync("offer");
        Assert.Matches("m=video [1-9]", bob.Described);
        await alice.SeesAsync("answer other");
        Assert.Matches("m=video [1-9]", alice.Described);
        await alice.SpeaksToAsync(bob);
        await bob.SpeaksToAsync(alice);
        alice.HangsUp();
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task Video_that_the_other_party_refuses_is_refused_and_the_sound_goes_on()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        await bed.TalkAsync(alice, bob);
        alice.MoreMedia = Video;
        bob.RefusesChanges = 488;
        alice.Holds("sendrecv");
        await bob.SeesAsync("offer");
        await alice.SeesAsync("answer other");
        Assert.Contains("m=video 0 ", alice.Described, StringComparison.Ordinal);
        await alice.SpeaksToAsync(bob);
        await bob.SpeaksToAsync(alice);
        alice.HangsUp();
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task A_codec_that_only_both_parties_speak_is_agreed_between_them()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        await bed.TalkAsync(alice, bob);
        alice.Codec = bob.Codec = (111, "opus/48000/2");
        alice.Holds("sendrecv");
        await bob.SeesAsync("offer");
        await alice.SeesAsync("answer other");
        Assert.Contains("opus/48000", alice.Described, StringComparison.Ordinal);
        Assert.Contains("opus/48000", bob.Described, StringComparison.Ordinal);
        alice.HangsUp();
        await bob.SeesAsync("ended Bye");
        await bed.IsCleanAsync();
    }

    [Theory]
    [InlineData(488)]
    [InlineData(0)]                                                          // it answers with a codec that was not offered
    public async Task A_codec_that_the_other_party_does_not_speak_is_refused_and_all_stays_as_it_was(int refusal)
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        await bed.TalkAsync(alice, bob);
        alice.Codec = (111, "opus/48000/2");
        bob.RefusesChanges = refusal;
        alice.Holds("sendrecv");
        await bob.SeesAsync("offer");
        await alice.SeesAsync("offer-refused 488");
        await alice.SpeaksToAsync(bob);
        await bob.SpeaksToAsync(alice);

        // Who comes next is offered what is spoken, not what was refused.
        var carol = await bed.PhoneAsync("103");
        bed.Rings("103", null, carol);
        alice.Codec = (8, "PCMA/8000");
        bob.Session!.Refer(new NameAddress(SipUri.Of("103", "127.0.0.1")), null);
        await carol.SeesAsync("invite 101");
        Assert.Contains("PCMA/8000", Encoding.ASCII.GetString(carol.Invited!.Body), StringComparison.Ordinal);
        carol.Answers();
        await bob.SeesAsync("refer 200 final");
        await alice.SpeaksToAsync(carol);
        alice.HangsUp();
        await carol.SeesAsync("ended Bye");
        await bed.IsCleanAsync();
    }

    [Fact]
    public async Task Keys_sent_by_INFO_are_heard_as_telephone_events_each_way()
    {
        await using var bed = await ExchangeBed.OpenAsync();
        var (alice, bob) = (await bed.PhoneAsync("101"), await bed.PhoneAsync("102"));
        await bed.TalkAsync(alice, bob);
        await bob.SpeaksToAsync(alice);
        alice.Session!.SendInfo("application/dtmf-relay", Encoding.ASCII.GetBytes("Signal=7\r\nDuration=160\r\n"));
        await bob.HearsKeyAsync('7');
        bob.Session!.SendInfo("application/dtmf", "#"u8.ToArray());
        await alice.HearsKeyAsync('#');
        alice.HangsUp();
        await bed.IsCleanAsync();
    }
}
