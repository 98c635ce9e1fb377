// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text;
using Beffroi.Media.Sdp;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Beffroi.Media.Tests.Sdp;

/// <summary>What holds for every offer: RFC 3264 §6.</summary>
public sealed class NegotiationProperties
{
    private static readonly string[] Codecs = ["PCMA/8000", "PCMU/8000", "G722/8000", "opus/48000/2", "telephone-event/8000", "telephone-event/48000", "VP8/90000", "H264/90000", "rtx/90000", "CN/8000", "nonsense", ""];
    private static readonly string[] Lines = ["a=sendonly", "a=recvonly", "a=inactive", "c=IN IP4 0.0.0.0", "c=IN IP6 ::1", "c=IN IP4 239.1.1.1/3", "a=rtcp-mux", "a=rtcp:9", "a=ptime:30", "a=maxptime:10", "b=AS:64", "i=x", "a=fmtp:96 apt=97", "a=rtcp-fb:* nack"];

    private static Gen<string> Media =>
        from kind in Gen.Elements("audio", "audio", "audio", "video", "text", "image", "message")
        from port in Gen.Elements(0, 4000, 4002, 9, 65535)
        from protocol in Gen.Elements("RTP/AVP", "RTP/AVP", "RTP/AVP", "RTP/AVPF", "RTP/SAVP", "udptl")
        from formats in Gen.Elements(0, 8, 9, 18, 13, 96, 97, 98, 101, 111, 127, 200).NonEmptyListOf()
        from maps in (from number in Gen.Elements(0, 8, 96, 97, 98, 101, 111, 127) from codec in Gen.Elements(Codecs) select $"a=rtpmap:{number} {codec}").ListOf()
        from lines in Gen.Elements(Lines).ListOf()
        select $"m={kind} {port.ToString(CultureInfo.InvariantCulture)} {protocol} {string.Join(' ', formats.Take(20))}\r\n" + string.Concat(maps.Concat(lines).Select(line => line + "\r\n"));

    private static Arbitrary<SessionDescription> Descriptions => Arb.From(Media.ListOf().Select(media =>
    {
        var text = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" + string.Concat(media.Take(12));
        Assert.True(SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out var description));
        return description;
    }));

    private static readonly LocalMedia Local = SdpText.Local([.. Enumerable.Range(0, 12).Select(i => 20000 + 2 * i)]);
    private static readonly CodecPolicy Wide = new() { MostStreams = 12 };

    private static void ForAll(Action<SessionDescription> property) =>
        Prop.ForAll(Descriptions, property).Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithReplay(20260101, 7));

    private static void ForAllPairs(Action<SessionDescription, SessionDescription> property) =>
        Prop.ForAll(Descriptions, Descriptions, property).Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithReplay(20260101, 7));

    /// <summary>Same number of lines, same kinds, same protocols; no port where none was offered; no format that was not.</summary>
    private static void IsProperAnswer(SessionDescription offer, SessionDescription answer, MediaLegParameters parameters)
    {
        Assert.Equal(offer.Media.Length, answer.Media.Length);
        Assert.Equal(offer.Media.Length, parameters.Streams.Length);
        for (var i = 0; i < offer.Media.Length; i++)
        {
            var (asked, given, stream) = (offer.Media[i], answer.Media[i], parameters.Streams[i]);
            Assert.Equal((asked.Media, asked.Protocol), (given.Media, given.Protocol));
            Assert.Equal(given.Port == 0, stream.Disabled);
            if (given.Port == 0) continue;
            Assert.NotEqual(0, asked.Port);
            Assert.Equal(Local.Ports[i], given.Port);
            Assert.Subset(asked.Formats.ToHashSet(), given.Formats.ToHashSet());
            Assert.Equal(given.Formats.Length, given.Formats.Distinct().Count());
            foreach (var format in given.RtpFormats()) Assert.Contains(asked.RtpFormats(), format.HasSameEncodingAs);
            if (asked.Has("sendonly") && !asked.Has("sendrecv")) Assert.DoesNotContain("sendrecv", given.Attributes.Select(a => a.Name));
            Assert.True(asked.Has("rtcp-mux") || !given.Has("rtcp-mux"));
        }
        Assert.True(SessionDescription.TryParse(answer.ToBytes(), out var again));
        Assert.Equal(answer.ToString(), again.ToString());
    }

    [Fact]
    public void Every_answer_of_our_own_fits_its_offer() => ForAll(offer =>
    {
        if (OfferAnswer.TryAnswer(offer, Local, Wide, out var answer, out var parameters, out var status)) IsProperAnswer(offer, answer, parameters);
        else Assert.Equal(488, status);
    });

    [Fact]
    public void Every_offer_carried_over_has_the_lines_of_the_first_and_no_number_twice() => ForAll(offer =>
    {
        if (OfferAnswer.OfferFor(offer, Local, Wide) is not { } carried) return;
        Assert.Equal(offer.Media.Select(media => media.Media), carried.Media.Select(media => media.Media));
        foreach (var media in carried.Media.Where(media => media.Port > 0))
        {
            Assert.Equal(media.Formats.Length, media.Formats.Distinct().Count());
            Assert.Equal(media.Formats.Length, media.RtpFormats().Length);
        }
        Assert.True(SessionDescription.TryParse(carried.ToBytes(), out _));
    });

    [Fact]
    public void Whatever_B_answers_A_gets_an_answer_that_fits_its_offer_or_a_refusal() => ForAllPairs((offerOfA, partner) =>
    {
        if (OfferAnswer.OfferFor(offerOfA, Local, Wide) is not { } offer) return;
        if (!OfferAnswer.TryAnswer(offer, Local, Wide, out var answerOfB, out _, out _) || partner.Media.Length % 2 == 1) answerOfB = partner;   // a sensible B, or any B at all
        if (!OfferAnswer.TryApplyAnswer(offer, answerOfB, out var toB)) return;
        Assert.Equal(offer.Media.Length, toB.Streams.Length);
        if (OfferAnswer.AnswerFor(offerOfA, toB, Local, Wide, out var toA, answerOfB) is { } answer) IsProperAnswer(offerOfA, answer, toA!);
    });

    [Fact]
    public void A_session_never_loses_a_line_nor_changes_the_meaning_of_a_number() => ForAllPairs((first, second) =>
    {
        if (OfferAnswer.OfferFor(first, Local, Wide) is not { } previous) return;
        if (OfferAnswer.OfferFor(second, Local, Wide, previous) is not { } next) return;
        Assert.True(next.Media.Length >= previous.Media.Length);
        for (var i = 0; i < previous.Media.Length; i++)
        {
            if (previous.Media[i].Port == 0 || next.Media[i].Port == 0) continue;
            Assert.Equal(previous.Media[i].Media, next.Media[i].Media);
            foreach (var format in next.Media[i].RtpFormats())
                Assert.True(previous.Media[i].RtpFormats().All(old => old.PayloadType != format.PayloadType || old.HasSameEncodingAs(format)));
        }
    });
}
