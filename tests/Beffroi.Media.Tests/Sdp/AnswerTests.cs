// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Media.Sdp;
using Xunit;
using static Beffroi.Media.Tests.Sdp.SdpText;

namespace Beffroi.Media.Tests.Sdp;

/// <summary>Offers of phones and the answers of an application of ours, word for word.</summary>
public sealed class AnswerTests
{
    private static SessionDescription Answered(SessionDescription offer, out MediaLegParameters parameters, CodecPolicy? policy = null, LocalMedia? local = null)
    {
        Assert.True(OfferAnswer.TryAnswer(offer, local ?? Local(20000, 20002), policy ?? CodecPolicy.Default, out var answer, out var read, out var status));
        Assert.Equal(0, status);
        parameters = read;
        return answer;
    }

    [Fact]
    public void A_desk_phone_gets_its_first_codec_that_we_have_and_its_telephone_events()
    {
        var answer = Answered(Peer("""
            m=audio 11780 RTP/AVP 18 9 8 0 101
            a=rtpmap:18 G729/8000
            a=rtpmap:9 G722/8000
            a=rtpmap:101 telephone-event/8000
            a=fmtp:101 0-15
            a=ptime:20
            a=sendrecv
            """), out var parameters);

        MediaIs("""
            m=audio 20000 RTP/AVP 9 101
            a=rtpmap:9 G722/8000
            a=rtpmap:101 telephone-event/8000
            a=fmtp:101 0-16
            a=ptime:20
            a=sendrecv
            """, answer);
        var stream = Assert.Single(parameters.Streams);
        Assert.Equal(IPEndPoint.Parse("192.0.2.10:11780"), stream.RemoteRtp);
        Assert.Null(stream.RemoteRtcp);
        Assert.Equal(["G722", "telephone-event"], stream.Formats.Select(format => format.Encoding));
        Assert.Equal("IN IP4 198.51.100.1", answer.Connection?.ToString());
    }

    [Fact]
    public void Our_order_counts_when_the_policy_says_so_and_a_list_of_allowed_codecs_is_kept()
    {
        var offer = Peer("m=audio 11780 RTP/AVP 0 9 8");
        Answered(offer, out var theirs);
        Answered(offer, out var ours, new CodecPolicy { OurOrder = true });
        Answered(offer, out var allowed, new CodecPolicy { Allowed = ["PCMA"] });
        Answered(offer, out var all, new CodecPolicy { AnswerWithAll = true, Own = ["PCMA", "PCMU"] });
        Assert.Equal(("PCMU", "G722", "PCMA"), (theirs.Streams[0].Formats[0].Encoding, ours.Streams[0].Formats[0].Encoding, allowed.Streams[0].Formats[0].Encoding));
        Assert.Equal(["PCMU", "PCMA"], all.Streams[0].Formats.Select(format => format.Encoding));
    }

    [Theory]
    [InlineData("m=audio 4000 RTP/AVP 18")]
    [InlineData("m=audio 4000 RTP/SAVP 8\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz")]
    [InlineData("m=audio 4000 UDP/TLS/RTP/SAVPF 8\na=fingerprint:sha-256 AA\na=setup:actpass")]
    [InlineData("m=image 4000 udptl t38")]
    [InlineData("m=audio 4000 RTP/AVP 101\na=rtpmap:101 telephone-event/8000")]
    [InlineData("m=audio 4000 RTP/AVP 8\nc=IN IP4 224.2.1.1/127")]
    [InlineData("m=video 4000 RTP/AVP 31")]
    public void An_offer_with_nothing_for_us_is_refused_with_488(string media)
    {
        Assert.False(OfferAnswer.TryAnswer(Peer(media), Local(20000), CodecPolicy.Default, out var answer, out _, out var status));
        Assert.Null(answer);
        Assert.Equal(488, status);
    }

    [Fact]
    public void Every_media_line_is_answered_in_its_place_and_those_we_cannot_serve_with_port_zero()
    {
        var answer = Answered(Peer("""
            m=audio 4000 RTP/SAVP 8
            a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz
            m=audio 4002 RTP/AVP 8
            m=video 4004 RTP/AVP 96
            a=rtpmap:96 VP8/90000
            m=image 4006 udptl t38
            a=T38FaxVersion:0
            m=message 7654 TCP/MSRP *
            m=audio 0 RTP/AVP 0
            """), out var parameters, local: Local(20000, 20002, 20004, 20006, 20008, 20010));

        MediaIs("""
            m=audio 0 RTP/SAVP 8
            m=audio 20002 RTP/AVP 8
            a=rtpmap:8 PCMA/8000
            a=ptime:20
            a=sendrecv
            m=video 0 RTP/AVP 96
            m=image 0 udptl t38
            m=message 0 TCP/MSRP *
            m=audio 0 RTP/AVP 0
            """, answer);
        Assert.Equal([true, false, true, true, true, true], parameters.Streams.Select(stream => stream.Disabled));
    }

    [Theory]
    [InlineData("a=sendonly", "192.0.2.10", "recvonly", MediaDirection.ReceiveOnly)]
    [InlineData("a=recvonly", "192.0.2.10", "sendonly", MediaDirection.SendOnly)]
    [InlineData("a=inactive", "192.0.2.10", "inactive", MediaDirection.Inactive)]
    [InlineData("a=sendrecv", "0.0.0.0", "recvonly", MediaDirection.ReceiveOnly)]
    [InlineData("a=recvonly", "0.0.0.0", "inactive", MediaDirection.Inactive)]
    public void Hold_is_understood_by_direction_and_by_the_old_zero_address(string direction, string address, string answered, MediaDirection ours)
    {
        var answer = Answered(Peer($"m=audio 4000 RTP/AVP 8\n{direction}", $"c=IN IP4 {address}"), out var parameters);
        Assert.EndsWith($"a={answered}", MediaOf(answer), StringComparison.Ordinal);
        Assert.Equal(ours, parameters.Streams[0].Direction);
        Assert.Equal(address == "0.0.0.0", parameters.Streams[0].RemoteRtp is null);
    }

    [Fact]
    public void A_direction_of_the_whole_session_counts_where_the_media_line_has_none()
    {
        var answer = Answered(Peer("a=sendonly\nm=audio 4000 RTP/AVP 8"), out _);
        Assert.EndsWith("a=recvonly", MediaOf(answer), StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_we_hold_is_told_so_in_our_answer()
    {
        var held = Answered(Peer("m=audio 4000 RTP/AVP 8"), out _, local: Local(20000) with { Direction = MediaDirection.SendOnly });
        Assert.EndsWith("a=sendonly", MediaOf(held), StringComparison.Ordinal);
        var both = Answered(Peer("m=audio 4000 RTP/AVP 8\na=sendonly"), out _, local: Local(20000) with { Direction = MediaDirection.SendOnly });
        Assert.EndsWith("a=inactive", MediaOf(both), StringComparison.Ordinal);
    }

    [Fact]
    public void Telephone_events_are_taken_at_the_clock_of_the_codec()
    {
        var answer = Answered(Peer("""
            m=audio 4000 RTP/AVP 96 8 110 126
            a=rtpmap:96 opus/48000/2
            a=rtpmap:110 telephone-event/48000
            a=rtpmap:126 telephone-event/8000
            """), out var parameters);
        Assert.Contains("m=audio 20000 RTP/AVP 8 126\n", MediaOf(answer), StringComparison.Ordinal);
        Assert.Equal([8, 126], parameters.Streams[0].Formats.Select(format => format.PayloadType));
    }

    [Fact]
    public void Rtcp_goes_where_the_peer_says()
    {
        Answered(Peer("m=audio 4000 RTP/AVP 8\na=rtcp:53020"), out var port);
        Answered(Peer("m=audio 4000 RTP/AVP 8\na=rtcp:53020 IN IP4 192.0.2.99"), out var address);
        Answered(Peer("m=audio 4000 RTP/AVP 8\na=rtcp:0"), out var none);
        Assert.Equal(IPEndPoint.Parse("192.0.2.10:53020"), port.Streams[0].RemoteRtcp);
        Assert.Equal(IPEndPoint.Parse("192.0.2.99:53020"), address.Streams[0].RemoteRtcp);
        Assert.Null(none.Streams[0].RemoteRtcp);

        var ours = Answered(Peer("m=audio 4000 RTP/AVP 8"), out _, local: Local(20000) with { RtcpPorts = [20777] });
        Assert.Contains("a=rtcp:20777\n", MediaOf(ours), StringComparison.Ordinal);
    }

    [Fact]
    public void Rtcp_shares_the_port_only_when_the_peer_offers_it()
    {
        var answer = Answered(Peer("m=audio 4000 RTP/AVP 8\na=rtcp-mux"), out var muxed);
        Assert.Contains("a=rtcp-mux\n", MediaOf(answer), StringComparison.Ordinal);
        Assert.True(muxed.Streams[0].RtcpMux);
        Assert.Equal(muxed.Streams[0].RemoteRtp, muxed.Streams[0].RemoteRtcp);

        var plain = Answered(Peer("m=audio 4000 RTP/AVP 8"), out var apart, local: Local(20000) with { OfferRtcpMux = true });
        Assert.DoesNotContain("rtcp-mux", MediaOf(plain), StringComparison.Ordinal);
        Assert.False(apart.Streams[0].RtcpMux);
    }

    [Theory]
    [InlineData("a=ptime:30", 30)]
    [InlineData("a=ptime:20\na=maxptime:10", 10)]
    [InlineData("a=maxptime:150", 20)]
    [InlineData("a=ptime:-3", 20)]
    [InlineData("a=ptime:999999999999", 20)]
    [InlineData("a=ptime:25", 20)]
    public void Packets_are_as_long_as_the_peer_wishes_and_bears(string attributes, int expected)
    {
        Answered(Peer($"m=audio 4000 RTP/AVP 8\n{attributes}"), out var parameters);
        Assert.Equal(expected, parameters.Streams[0].PacketTimeMs);
    }

    [Fact]
    public void An_address_of_version_six_is_answered_with_ours_of_version_six()
    {
        var local = new LocalMedia(IPAddress.Parse("2001:db8::1"), [20000]);
        var answer = Answered(Peer("m=audio 4000 RTP/AVP 8", "c=IN IP6 2001:db8::9"), out var parameters, local: local);
        Assert.Equal("IN IP6 2001:db8::1", answer.Connection?.ToString());
        Assert.Equal(("IP6", "2001:db8::1"), (answer.Origin.AddressType, answer.Origin.Address));
        Assert.Equal(IPEndPoint.Parse("[2001:db8::9]:4000"), parameters.Streams[0].RemoteRtp);
    }

    [Fact]
    public void A_name_instead_of_an_address_is_left_to_the_first_packet()
    {
        Answered(Peer("m=audio 4000 RTP/AVP 8", "c=IN IP4 phone.example.org"), out var parameters);
        Assert.Null(parameters.Streams[0].RemoteRtp);
        Assert.False(parameters.Streams[0].Disabled);
    }

    [Fact]
    public void Comfort_noise_is_taken_only_when_wanted()
    {
        var offer = Peer("m=audio 4000 RTP/AVP 8 13");
        Answered(offer, out var without);
        Answered(offer, out var with, new CodecPolicy { ComfortNoise = true });
        Assert.Equal([8], without.Streams[0].Formats.Select(format => format.PayloadType));
        Assert.Equal([8, 13], with.Streams[0].Formats.Select(format => format.PayloadType));
    }

    [Fact]
    public void An_offer_that_ends_every_stream_is_answered_likewise()
    {
        var answer = Answered(Peer("m=audio 0 RTP/AVP 8"), out var parameters);
        MediaIs("m=audio 0 RTP/AVP 8", answer);
        Assert.True(parameters.Streams[0].Disabled);
    }
}
