// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Media.Sdp;
using Xunit;

namespace Beffroi.Media.Tests.Sdp;

public sealed class SessionDescriptionTests
{
    /// <summary>RFC 8866 §5 (its example), with every kind of line that the RFC knows.</summary>
    private const string Whole = """
        v=0
        o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1
        s=Call to John Smith
        i=SDP Offer #1
        u=http://www.jdoe.example.com/home.html
        e=Jane Doe <jane@jdoe.example.com>
        p=+1 617 555-6011
        c=IN IP4 198.51.100.1
        b=AS:512
        t=3724394400 3724398000
        r=7d 1h 0 25h
        z=3730928400 -1h 3749680800 0
        k=prompt
        a=recvonly
        a=X-unknown:some thing
        m=audio 49170 RTP/AVP 0
        m=audio 49180/2 RTP/AVP 0
        i=second
        c=IN IP6 2001:db8::2
        b=TIAS:64000
        k=clear:x
        a=sendonly
        m=video 51372 RTP/AVP 99
        c=IN IP6 2001:db8::2
        a=rtpmap:99 h263-1998/90000

        """;

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));

    [Fact]
    public void Every_line_of_the_RFC_is_read_and_written_back_as_it_came()
    {
        Assert.True(SessionDescription.TryParse(Bytes(Whole), out var description, out _));

        Assert.Equal(Whole.ReplaceLineEndings("\r\n"), description.ToString());
        Assert.Equal(3, description.Media.Length);
        Assert.Equal(("jdoe", "3724394405"), (description.Origin.Username, description.Origin.SessionVersion));
        Assert.Equal(2, description.Media[1].PortCount);
        Assert.Equal("2001:db8::2", description.ConnectionOf(description.Media[1])?.IpAddress?.ToString());
        Assert.Equal("198.51.100.1", description.ConnectionOf(description.Media[0])?.IpAddress?.ToString());
        Assert.Equal(MediaDirection.ReceiveOnly, description.DirectionOf(description.Media[0]));
        Assert.Equal(MediaDirection.SendOnly, description.DirectionOf(description.Media[1]));
    }

    [Fact]
    public void Bare_line_feeds_and_missing_lines_that_phones_forget_are_borne()
    {
        Assert.True(SessionDescription.TryParse("v=0\no=- 1 1 IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 8\nc=IN IP4 192.0.2.1\n\r\n\n"u8, out var description));
        Assert.Equal("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\nc=IN IP4 192.0.2.1\r\n", description.ToString());
    }

    [Theory]
    [InlineData("", SdpFault.NotSdp)]
    [InlineData("hello", SdpFault.NotSdp)]
    [InlineData("v=1\r\n", SdpFault.NotSdp)]
    [InlineData("v=0\r\n", SdpFault.NoOrigin)]
    [InlineData("v=0\r\no=me\r\n", SdpFault.BadOrigin)]
    [InlineData("v=0\r\nfoo\r\n", SdpFault.BadLine)]
    [InlineData("v=0\r\no=- 1 1 IN IP4 a\r\n\r\ns=-\r\n", SdpFault.BadLine)]
    [InlineData("v=0\r\no=- 1 1 IN IP4 a\r\nc=IN\r\n", SdpFault.BadConnection)]
    [InlineData("v=0\r\no=- 1 1 IN IP4 a\r\nm=audio\r\n", SdpFault.BadMedia)]
    [InlineData("v=0\r\no=- 1 1 IN IP4 a\r\nm=audio 65536 RTP/AVP 0\r\n", SdpFault.BadMedia)]
    [InlineData("v=0\r\no=- 1 1 IN IP4 a\r\nm=audio -1 RTP/AVP 0\r\n", SdpFault.BadMedia)]
    [InlineData("v=0\r\no=- 1 1 IN IP4 a\r\nm=audio 99999999999999999999 RTP/AVP 0\r\n", SdpFault.BadMedia)]
    [InlineData("v=0\r\no=- 1 1 IN IP4 a\r\nm=audio 4/x RTP/AVP 0\r\n", SdpFault.BadMedia)]
    public void What_is_no_session_description_is_named(string text, SdpFault expected)
    {
        Assert.False(SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out _, out var fault));
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void More_media_lines_or_bytes_than_anybody_needs_are_refused()
    {
        static string With(int lines) => "v=0\no=- 1 1 IN IP4 192.0.2.1\n" + string.Concat(Enumerable.Repeat("m=audio 0 RTP/AVP 0\n", lines));
        Assert.True(SessionDescription.TryParse(Encoding.UTF8.GetBytes(With(64)), out _));
        Assert.False(SessionDescription.TryParse(Encoding.UTF8.GetBytes(With(65)), out _, out var fault));
        Assert.Equal(SdpFault.TooManyMedia, fault);

        Assert.False(SessionDescription.TryParse(new byte[70_000], out _, out fault));
        Assert.Equal(SdpFault.TooLong, fault);

        var attributes = Encoding.UTF8.GetBytes("v=0\no=- 1 1 IN IP4 192.0.2.1\n" + string.Concat(Enumerable.Repeat("a=x\n", 4001)));
        Assert.False(SessionDescription.TryParse(attributes, out _, out fault));
        Assert.Equal(SdpFault.TooManyLines, fault);
    }

    [Fact]
    public void Payload_types_are_known_by_number_or_by_rtpmap_and_the_rtpmap_wins()
    {
        var media = SdpText.Peer("""
            m=audio 4000 RTP/AVP 8 0 9 96 97 101 18 98 8 300 x
            a=rtpmap:0 PCMU/8000
            a=rtpmap:96 opus/48000/2
            a=fmtp:96 useinbandfec=1; stereo=0
            a=rtpmap:101 telephone-event/8000
            a=fmtp:101 0-15
            a=rtpmap:98 broken
            a=rtpmap:18 G729/8000
            a=fmtp:18 annexb=no
            """).Media[0];

        Assert.Equal<RtpFormat>(
        [
            new RtpFormat(8, "PCMA", 8000), new RtpFormat(0, "PCMU", 8000), new RtpFormat(9, "G722", 8000),
            new RtpFormat(96, "opus", 48000, 2, "useinbandfec=1; stereo=0"), new RtpFormat(101, "telephone-event", 8000, 1, "0-15"), new RtpFormat(18, "G729", 8000, 1, "annexb=no"),
        ], media.RtpFormats());
        Assert.Equal("PCMU", Assert.Single((media with { Formats = ["0"] }).RtpFormats()).Encoding);
        Assert.DoesNotContain((media with { Attributes = [] }).RtpFormats(), f => f.PayloadType == 96);
        Assert.Equal(6, (media with { Port = 0 }).RtpFormats().Length);
    }

    [Fact]
    public void The_origin_keeps_its_id_and_counts_changes_only()
    {
        var session = new LocalSession();
        var offer = OfferAnswer.CreateOffer(SdpText.Local(20000), CodecPolicy.Default);

        var first = session.Write(offer);
        var origin = session.Last!.Origin;
        Assert.Same(first, session.Write(offer));
        session.Write(OfferAnswer.Reoffer(offer, SdpText.Local(20000) with { Direction = MediaDirection.SendOnly }));
        Assert.Equal((origin.SessionId, "1", "2"), (session.Last.Origin.SessionId, origin.SessionVersion, session.Last.Origin.SessionVersion));

        var restored = LocalSession.Restore(session.Save());
        restored.Write(session.Last);
        Assert.Equal(session.Last.Origin, restored.Last!.Origin);
        restored.Write(offer);
        Assert.Equal((origin.SessionId, "3"), (restored.Last.Origin.SessionId, restored.Last.Origin.SessionVersion));
    }
}
