// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Sdp;
using Xunit;
using static Beffroi.Media.Tests.Sdp.SdpText;

namespace Beffroi.Media.Tests.Sdp;

/// <summary>What A offers, what B is offered, what B answers, what A is answered: word for word.</summary>
public sealed class TwoLegsTests
{
    private static (SessionDescription Answer, MediaLegParameters ToA, MediaLegParameters ToB) Through(
        SessionDescription offerOfA, string answerOfB, LocalMedia local, CodecPolicy? policyOfB = null, CodecPolicy? policyOfA = null)
    {
        var offer = OfferAnswer.OfferFor(offerOfA, local, policyOfB ?? CodecPolicy.Default);
        Assert.NotNull(offer);
        var answer = Peer(answerOfB, "c=IN IP4 203.0.113.7");
        Assert.True(OfferAnswer.TryApplyAnswer(offer, answer, out var toB));
        var answerToA = OfferAnswer.AnswerFor(offerOfA, toB, local, policyOfA ?? CodecPolicy.Default, out var toA, answer);
        Assert.NotNull(answerToA);
        return (answerToA, toA!, toB);
    }

    [Fact]
    public void The_codecs_of_A_come_first_and_ours_behind_them()
    {
        var offer = OfferAnswer.OfferFor(Peer("""
            m=audio 4000 RTP/AVP 18 8 96
            a=rtpmap:18 G729/8000
            a=fmtp:18 annexb=no
            a=rtpmap:96 telephone-event/8000
            a=fmtp:96 0-15
            a=ptime:20
            """), Local(30000), CodecPolicy.Default);

        MediaIs("""
            m=audio 30000 RTP/AVP 18 8 9 0 96
            a=rtpmap:18 G729/8000
            a=fmtp:18 annexb=no
            a=rtpmap:8 PCMA/8000
            a=rtpmap:9 G722/8000
            a=rtpmap:0 PCMU/8000
            a=rtpmap:96 telephone-event/8000
            a=fmtp:96 0-16
            a=ptime:20
            a=sendrecv
            """, offer);
    }

    [Fact]
    public void A_browserlike_offer_is_carried_without_its_keys_candidates_and_names()
    {
        var offer = OfferAnswer.OfferFor(Peer("""
            b=AS:1024
            a=group:BUNDLE 0 1
            a=ice-lite
            a=fingerprint:sha-256 00:11
            m=audio 4000 RTP/AVP 111 110 126
            a=rtpmap:111 opus/48000/2
            a=fmtp:111 minptime=10;useinbandfec=1
            a=rtpmap:110 telephone-event/48000
            a=rtpmap:126 telephone-event/8000
            a=mid:0
            a=ice-ufrag:abcd
            a=candidate:1 1 udp 2122260223 192.0.2.10 4000 typ host
            a=ssrc:1234 cname:x
            a=rtcp-mux
            m=video 4002 RTP/AVPF 100 102 103 104
            b=TIAS:2000000
            a=rtpmap:100 VP8/90000
            a=rtpmap:102 H264/90000
            a=fmtp:102 profile-level-id=42e01f;packetization-mode=1
            a=rtpmap:103 rtx/90000
            a=fmtp:103 apt=102
            a=rtpmap:104 rtx/90000
            a=fmtp:104 apt=100
            a=rtcp-fb:100 nack pli
            a=rtcp-fb:* ccm fir
            a=rtcp-fb:99 nack
            a=setup:actpass
            a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:xxx
            a=framerate:25
            a=sendonly
            """), Local(30000, 30002), CodecPolicy.Default);

        MediaIs("""
            m=audio 30000 RTP/AVP 111 110 126
            a=rtpmap:111 opus/48000/2
            a=fmtp:111 minptime=10;useinbandfec=1
            a=rtpmap:110 telephone-event/48000
            a=fmtp:110 0-16
            a=rtpmap:126 telephone-event/8000
            a=fmtp:126 0-16
            a=ptime:20
            a=sendrecv
            m=video 30002 RTP/AVPF 100 102 103 104
            b=TIAS:2000000
            a=rtpmap:100 VP8/90000
            a=rtpmap:102 H264/90000
            a=fmtp:102 profile-level-id=42e01f;packetization-mode=1
            a=rtpmap:103 rtx/90000
            a=fmtp:103 apt=102
            a=rtpmap:104 rtx/90000
            a=fmtp:104 apt=100
            a=rtcp-fb:100 nack pli
            a=rtcp-fb:* ccm fir
            a=framerate:25
            a=sendonly
            """, offer);
        Assert.Equal("AS:1024", Assert.Single(offer!.Bandwidths).ToString());
        Assert.Empty(offer.Attributes);
    }

    [Fact]
    public void Opus_and_video_pass_through_with_the_words_of_B_and_the_numbers_of_A()
    {
        var (answer, toA, toB) = Through(Peer("""
            m=audio 4000 RTP/AVP 111 8 101
            a=rtpmap:111 opus/48000/2
            a=fmtp:111 useinbandfec=1
            a=rtpmap:101 telephone-event/48000
            m=video 4002 RTP/AVP 100 102 103
            a=rtpmap:100 VP8/90000
            a=rtpmap:102 H264/90000
            a=fmtp:102 profile-level-id=42e01f;packetization-mode=1
            a=rtpmap:103 rtx/90000
            a=fmtp:103 apt=102
            """), """
            m=audio 5000 RTP/AVP 107 98
            a=rtpmap:107 opus/48000/2
            a=fmtp:107 maxaveragebitrate=24000
            a=rtpmap:98 telephone-event/48000
            m=video 5002 RTP/AVP 126 127
            b=AS:512
            a=rtpmap:126 H264/90000
            a=fmtp:126 profile-level-id=42E01E;packetization-mode=1
            a=rtpmap:127 rtx/90000
            a=fmtp:127 apt=126
            a=rtcp-fb:126 nack pli
            a=recvonly
            """, Local(30000, 30002));

        MediaIs("""
            m=audio 30000 RTP/AVP 111 101
            a=rtpmap:111 opus/48000/2
            a=fmtp:111 maxaveragebitrate=24000
            a=rtpmap:101 telephone-event/48000
            a=fmtp:101 0-16
            a=ptime:20
            a=sendrecv
            m=video 30002 RTP/AVP 102 103
            b=AS:512
            a=rtpmap:102 H264/90000
            a=fmtp:102 profile-level-id=42E01E;packetization-mode=1
            a=rtpmap:103 rtx/90000
            a=fmtp:103 apt=102
            a=rtcp-fb:102 nack pli
            a=recvonly
            """, answer);
        Assert.Equal([111, 101], toA.Streams[0].Formats.Select(format => format.PayloadType));
        Assert.Equal([107, 98, 111, 101], toB.Streams[0].Formats.Select(format => format.PayloadType));   // B's numbers to send with, ours to be heard with
        Assert.Equal((MediaDirection.SendOnly, MediaDirection.ReceiveOnly), (toB.Streams[1].Direction, toA.Streams[1].Direction));
    }

    [Fact]
    public void A_codec_that_only_B_has_is_transcoded_from_the_first_of_A_that_we_know()
    {
        var (answer, toA, toB) = Through(Peer("m=audio 4000 RTP/AVP 18 8 0"), "m=audio 5000 RTP/AVP 9", Local(30000));
        Assert.StartsWith("m=audio 30000 RTP/AVP 8\n", MediaOf(answer), StringComparison.Ordinal);
        Assert.Equal(("PCMA", "G722"), (toA.Streams[0].Formats[0].Encoding, toB.Streams[0].Formats[0].Encoding));
    }

    [Fact]
    public void What_B_chose_counts_more_than_the_order_of_A()
    {
        var (answer, _, _) = Through(Peer("m=audio 4000 RTP/AVP 9 8 0"), "m=audio 5000 RTP/AVP 0 8", Local(30000));
        Assert.StartsWith("m=audio 30000 RTP/AVP 0\n", MediaOf(answer), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_added_behind_codecs_that_we_could_not_transcode_from()
    {
        var offer = OfferAnswer.OfferFor(Peer("m=audio 4000 RTP/AVP 96\na=rtpmap:96 opus/48000/2"), Local(30000), CodecPolicy.Default);
        Assert.StartsWith("m=audio 30000 RTP/AVP 96 101\n", MediaOf(offer), StringComparison.Ordinal);
        Assert.Contains("a=rtpmap:101 telephone-event/48000\n", MediaOf(offer), StringComparison.Ordinal);
    }

    [Fact]
    public void A_trunk_is_offered_its_own_list_in_its_own_order()
    {
        var trunk = new CodecPolicy { Allowed = ["PCMA", "G729"], OurOrder = true, Video = false };
        var offer = OfferAnswer.OfferFor(Peer("m=audio 4000 RTP/AVP 9 18 0\nm=video 4002 RTP/AVP 31"), Local(30000, 30002), trunk);
        Assert.StartsWith("m=audio 30000 RTP/AVP 8 18 101\n", MediaOf(offer), StringComparison.Ordinal);
        Assert.EndsWith("m=video 0 RTP/AVP 31", MediaOf(offer), StringComparison.Ordinal);
    }

    [Fact]
    public void Payload_types_that_A_uses_otherwise_are_left_alone()
    {
        var offer = OfferAnswer.OfferFor(Peer("""
            m=audio 4000 RTP/AVP 8 101 0
            a=rtpmap:8 iLBC/8000
            a=rtpmap:101 opus/48000/2
            """), Local(30000), new CodecPolicy { Own = ["PCMA", "PCMU"] });

        MediaIs("""
            m=audio 30000 RTP/AVP 8 101 0 96 97 98
            a=rtpmap:8 iLBC/8000
            a=rtpmap:101 opus/48000/2
            a=rtpmap:0 PCMU/8000
            a=rtpmap:96 PCMA/8000
            a=rtpmap:97 telephone-event/8000
            a=fmtp:97 0-16
            a=rtpmap:98 telephone-event/48000
            a=fmtp:98 0-16
            a=ptime:20
            a=sendrecv
            """, offer);
    }

    [Fact]
    public void A_new_partner_gets_into_the_old_media_lines_and_the_old_payload_types_keep_their_meaning()
    {
        var previous = OfferAnswer.OfferFor(Peer("""
            m=audio 4000 RTP/AVP 96 8
            a=rtpmap:96 opus/48000/2
            m=video 4002 RTP/AVP 97
            a=rtpmap:97 VP8/90000
            """), Local(30000, 30002), CodecPolicy.Default);
        var next = OfferAnswer.OfferFor(Peer("""
            m=audio 4000 RTP/AVP 96 97 8
            a=rtpmap:96 iLBC/8000
            a=rtpmap:97 opus/48000/2
            """), Local(30000, 30002), CodecPolicy.Default, previous);

        Assert.StartsWith("m=audio 30000 RTP/AVP 98 96 8 9 0 ", MediaOf(next), StringComparison.Ordinal);
        Assert.Contains("a=rtpmap:98 iLBC/8000\na=rtpmap:96 opus/48000/2\n", MediaOf(next), StringComparison.Ordinal);
        Assert.EndsWith("m=video 0 RTP/AVP 97", MediaOf(next), StringComparison.Ordinal);
    }

    [Fact]
    public void A_late_offer_gives_our_own_codecs_and_takes_the_answer_of_the_ACK()
    {
        var offer = OfferAnswer.CreateOffer(Local(30000), CodecPolicy.Default);
        MediaIs("""
            m=audio 30000 RTP/AVP 9 8 0 101
            a=rtpmap:9 G722/8000
            a=rtpmap:8 PCMA/8000
            a=rtpmap:0 PCMU/8000
            a=rtpmap:101 telephone-event/8000
            a=fmtp:101 0-16
            a=ptime:20
            a=sendrecv
            """, offer);

        Assert.True(OfferAnswer.TryApplyAnswer(offer, Peer("m=audio 5000 RTP/AVP 8 101\na=rtpmap:101 telephone-event/8000\na=sendonly"), out var parameters));
        Assert.Equal(["PCMA", "telephone-event"], parameters.Streams[0].Formats.Select(format => format.Encoding));
        Assert.Equal(MediaDirection.ReceiveOnly, parameters.Streams[0].Direction);
    }

    [Fact]
    public void A_later_offer_of_our_own_keeps_the_video_line_closed()
    {
        var previous = OfferAnswer.OfferFor(Peer("m=video 4002 RTP/AVP 31\nm=audio 4000 RTP/AVP 8 101\na=rtpmap:101 telephone-event/8000"), Local(30000, 30002), CodecPolicy.Default);
        var offer = OfferAnswer.CreateOffer(Local(30000, 30002), CodecPolicy.Default, previous);
        Assert.StartsWith("m=video 0 RTP/AVP 31\nm=audio 30002 RTP/AVP 9 8 0 101\n", MediaOf(offer), StringComparison.Ordinal);
    }

    [Fact]
    public void Hold_from_our_side_repeats_what_was_said_with_another_direction()
    {
        var last = OfferAnswer.CreateOffer(Local(30000), CodecPolicy.Default);
        var hold = OfferAnswer.Reoffer(last, Local(30000) with { Direction = MediaDirection.SendOnly });
        Assert.Equal(MediaOf(last).Replace("sendrecv", "sendonly", StringComparison.Ordinal), MediaOf(hold));
        Assert.Equal(MediaOf(last), MediaOf(OfferAnswer.Reoffer(hold, Local(30000))));
    }

    [Theory]
    [InlineData("m=audio 0 RTP/AVP 8")]
    [InlineData("m=audio 5000 RTP/AVP 18")]
    [InlineData("m=video 5000 RTP/AVP 31")]
    [InlineData("m=audio 5000 RTP/SAVP 8")]
    public void An_answer_that_leaves_nothing_is_told(string media) =>
        Assert.False(OfferAnswer.TryApplyAnswer(OfferAnswer.CreateOffer(Local(30000), CodecPolicy.Default), Peer(media), out _));

    [Fact]
    public void An_answer_that_forgets_the_map_of_a_number_of_ours_is_understood()
    {
        var offer = OfferAnswer.OfferFor(Peer("m=audio 4000 RTP/AVP 96\na=rtpmap:96 opus/48000/2"), Local(30000), CodecPolicy.Default);
        Assert.True(OfferAnswer.TryApplyAnswer(offer!, Peer("m=audio 5000 RTP/AVP 96 101"), out var parameters));
        Assert.Equal(["opus", "telephone-event"], parameters.Streams[0].Formats.Select(format => format.Encoding));
    }

    [Fact]
    public void Offers_with_nothing_to_carry_have_no_offer_for_B()
    {
        Assert.Null(OfferAnswer.OfferFor(Peer("m=audio 4000 RTP/SAVP 8\nm=image 4002 udptl t38"), Local(30000, 30002), CodecPolicy.Default));
        Assert.Null(OfferAnswer.OfferFor(Peer("m=audio 4000 RTP/AVP 8"), Local(), CodecPolicy.Default));
    }

    [Fact]
    public void Ports_are_needed_up_to_the_last_line_that_can_be_carried()
    {
        Assert.Equal(2, OfferAnswer.StreamCount(Peer("m=audio 4000 RTP/AVP 8\nm=video 4002 RTP/AVP 31\nm=image 4004 udptl t38"), CodecPolicy.Default));
        Assert.Equal(1, OfferAnswer.StreamCount(Peer("m=audio 4000 RTP/AVP 8\nm=video 4002 RTP/AVP 31"), new CodecPolicy { Video = false }));
        Assert.Equal(4, OfferAnswer.StreamCount(Peer(string.Concat(Enumerable.Repeat("m=audio 4000 RTP/AVP 8\n", 60))), CodecPolicy.Default));
    }

    [Fact]
    public void Real_time_text_passes_through()
    {
        var (answer, _, toB) = Through(Peer("m=audio 4000 RTP/AVP 8\nm=text 4002 RTP/AVP 98\na=rtpmap:98 t140/1000"),
            "m=audio 5000 RTP/AVP 8\nm=text 5002 RTP/AVP 98\na=rtpmap:98 t140/1000", Local(30000, 30002));
        Assert.Contains("m=text 30002 RTP/AVP 98\na=rtpmap:98 t140/1000\na=sendrecv", MediaOf(answer), StringComparison.Ordinal);
        Assert.Equal(MediaKind.Other, toB.Streams[1].Kind);
    }
}
