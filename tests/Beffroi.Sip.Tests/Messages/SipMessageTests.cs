// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text;
using Beffroi.Sip.Messages;
using Xunit;

namespace Beffroi.Sip.Tests.Messages;

public sealed class SipMessageTests
{
    private const string Invite =
        "INVITE sip:102@example.org SIP/2.0\r\n" +
        "Via: SIP/2.0/UDP 10.0.0.5:5062;rport;branch=z9hG4bKabc;received=1.2.3.4, SIP/2.0/TCP far.example.org;branch=z9hG4bKfar\r\n" +
        "Via: SIP/2.0/UDP farther.example.org\r\n" +
        "Record-Route: <sip:p1.example.org;lr>, <sip:p2.example.org;lr>\r\n" +
        "Record-Route: <sip:p3.example.org;lr>\r\n" +
        "From: \"Alice\" <sip:101@example.org>;tag=a1\r\n" +
        "To: <sip:102@example.org>\r\n" +
        "Call-ID: c1@10.0.0.5\r\n" +
        "CSeq: 7 INVITE\r\n" +
        "Max-Forwards: 70\r\n" +
        "Supported: timer, 100rel;x=1 , replaces\r\n" +
        "Timestamp: 54.1\r\n" +
        "Content-Type: application/sdp\r\n" +
        "Content-Length: 5\r\n\r\nv=0\r\n";

    [Fact]
    public void Every_header_name_is_known_in_any_case_and_in_its_compact_form()
    {
        foreach (var name in Enum.GetValues<SipHeaderName>().Where(name => name != SipHeaderName.Other))
        {
            Assert.Equal(name, SipHeaderNames.Of(SipHeaderNames.Text(name)));
            Assert.Equal(name, SipHeaderNames.Of(SipHeaderNames.Text(name).ToUpperInvariant()));
            Assert.Equal(name.ToString(), SipHeaderNames.Text(name).Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
        }
        Assert.Equal(
            [SipHeaderName.ReferredBy, SipHeaderName.ContentType, SipHeaderName.ContentEncoding, SipHeaderName.From, SipHeaderName.CallId, SipHeaderName.Supported,
             SipHeaderName.ContentLength, SipHeaderName.Contact, SipHeaderName.Event, SipHeaderName.ReferTo, SipHeaderName.Subject, SipHeaderName.To, SipHeaderName.AllowEvents,
             SipHeaderName.Via, SipHeaderName.SessionExpires],
            "bceFiKlmoRstUvx".Select(letter => SipHeaderNames.Of(letter.ToString())));
        Assert.Equal(SipHeaderName.Other, SipHeaderNames.Of("X-Town"));
        Assert.All(Enum.GetValues<SipMethod>(), method => Assert.Equal(method, SipMethods.Of(SipMethods.Text(method))));
        Assert.Equal(SipMethod.Other, SipMethods.Of("invite"));
    }

    [Fact]
    public void A_response_carries_where_the_request_came_from()
    {
        var invite = Parse(Invite);
        invite.Stamp(new IPEndPoint(IPAddress.Parse("::ffff:192.0.2.7"), 40000));
        Assert.Equal(("192.0.2.7", 40000, "10.0.0.5", 5062), (invite.TopVia.Received, invite.TopVia.Rport, invite.TopVia.Host, invite.TopVia.Port));

        var text = Encoding.UTF8.GetString(SipResponses.Write(invite, 180, null, "b2", [new(SipHeaderName.Contact, "<sip:192.0.2.1>"), new(SipHeaderName.Other, "yes", "X-Town")]));
        Assert.Equal(
            "SIP/2.0 180 Ringing\r\n" +
            "Via: SIP/2.0/UDP 10.0.0.5:5062;branch=z9hG4bKabc;received=192.0.2.7;rport=40000, SIP/2.0/TCP far.example.org;branch=z9hG4bKfar\r\n" +
            "Via: SIP/2.0/UDP farther.example.org\r\n" +
            "Record-Route: <sip:p1.example.org;lr>, <sip:p2.example.org;lr>\r\n" +
            "Record-Route: <sip:p3.example.org;lr>\r\n" +
            "From: \"Alice\" <sip:101@example.org>;tag=a1\r\n" +
            "To: <sip:102@example.org>;tag=b2\r\n" +
            "Call-ID: c1@10.0.0.5\r\n" +
            "CSeq: 7 INVITE\r\n" +
            "Contact: <sip:192.0.2.1>\r\n" +
            "X-Town: yes\r\n" +
            "Content-Length: 0\r\n\r\n", text);
    }

    [Fact]
    public void Received_is_left_out_when_sent_by_is_the_source_and_no_rport_is_asked()
    {
        var invite = Parse(Invite.Replace("10.0.0.5:5062;rport;", "10.0.0.5:5062;", StringComparison.Ordinal));
        invite.Stamp(new IPEndPoint(IPAddress.Parse("10.0.0.5"), 5062));
        Assert.Null(invite.TopVia.Received);
        Assert.Contains("Via: SIP/2.0/UDP 10.0.0.5:5062;branch=z9hG4bKabc, SIP/2.0/TCP", Encoding.UTF8.GetString(SipResponses.Write(invite, 200, null, null, [])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_100_has_the_Timestamp_and_no_tag_and_a_final_refusal_no_Record_Route()
    {
        var trying = Parse(SipResponses.Write(Parse(Invite), 100, null, "b2", []));
        Assert.Equal("54.1", trying.Text(SipHeaderName.Timestamp));
        Assert.Equal("", trying.ToTag);
        Assert.False(trying.Has(SipHeaderName.RecordRoute));
        Assert.False(Parse(SipResponses.Write(Parse(Invite), 486, null, "b2", [])).Has(SipHeaderName.RecordRoute));
    }

    [Fact]
    public void No_value_can_end_its_line()
    {
        using var writer = new SipWriter(8);
        writer.StatusLine(200, "fine\r\nX: 1");
        writer.Header(SipHeaderName.Subject, "a\r\nVia: evil");
        writer.Header(SipHeaderName.Subject, "b\nVia: evil"u8);
        writer.Header(new SipHeader(SipHeaderName.Other, "c\rd", "X\r\nY"));
        writer.Body(null, default);
        Assert.Equal(5, Encoding.UTF8.GetString(writer.Written).Split('\n').Count(line => line.Length > 1));
    }

    [Fact]
    public void Lists_are_cut_at_commas_outside_quotes_and_brackets()
    {
        var message = Parse(Invite.Replace("Timestamp: 54.1", "Contact: \"A, B\" <sip:a@b;x=1>;q=\"0,5\", sip:c@d;expires=60", StringComparison.Ordinal));
        Assert.Equal(["timer", "100rel;x=1", "replaces"], message.Tokens(SipHeaderName.Supported));
        Assert.True(message.HasToken(SipHeaderName.Supported, "100REL"));
        Assert.False(message.HasToken(SipHeaderName.Supported, "100"));
        Assert.True(message.TryAddresses(SipHeaderName.Contact, out var contacts));
        Assert.Equal(["A, B", ""], contacts.Select(one => one.DisplayName));
        Assert.Equal("0,5", contacts[0].Parameter("q"));
        Assert.Equal("60", contacts[1].Parameter("expires"));
        Assert.Equal(["p1.example.org", "p2.example.org", "p3.example.org"], message.Addresses(SipHeaderName.RecordRoute).Select(one => one.Uri!.Host));
        Assert.Equal(2, message.Values(SipHeaderName.RecordRoute).Count);
    }

    [Fact]
    public void A_number_is_capped_and_ends_where_its_digits_end()
    {
        Assert.Equal(int.MaxValue, Parse(Invite.Replace("Timestamp: 54.1", "Expires: 99999999999", StringComparison.Ordinal)).Number(SipHeaderName.Expires));
        Assert.Equal(1800, Parse(Invite.Replace("Timestamp: 54.1", "Session-Expires: 1800;refresher=uas", StringComparison.Ordinal)).Number(SipHeaderName.SessionExpires));
        Assert.Null(Parse(Invite.Replace("Timestamp: 54.1", "Expires: soon", StringComparison.Ordinal)).Number(SipHeaderName.Expires));
        Assert.Null(Parse(Invite).Number(SipHeaderName.Expires));
    }

    [Theory]
    [InlineData("", SipParseFault.KeepAlive)]
    [InlineData("\r\n\r\n", SipParseFault.KeepAlive)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", SipParseFault.NotSip)]
    [InlineData("\0\u0001\0\0", SipParseFault.NotSip)]
    [InlineData("SIP/2.0 999 No\r\n\r\n", SipParseFault.BadStatusCode)]
    [InlineData("SIP/3.0 200 OK\r\n\r\n", SipParseFault.BadVersion)]
    public void Rubbish_is_dropped(string text, SipParseFault expected)
    {
        Assert.False(SipMessage.TryParse(Encoding.UTF8.GetBytes(text), out var message, out var fault));
        Assert.Null(message);
        Assert.Equal(expected, fault);
    }

    [Theory]
    [InlineData("Call-ID: c1@10.0.0.5", "Call-ID: c1 c2", SipParseFault.BadCallId)]
    [InlineData("Call-ID: c1@10.0.0.5", "Subject: a\rVia: evil\r\nCall-ID: c1", SipParseFault.BadHeader)]
    [InlineData("Max-Forwards: 70", "Max-Forwards: 256", SipParseFault.BadMaxForwards)]
    [InlineData("Max-Forwards: 70", "no colon here", SipParseFault.BadHeader)]
    [InlineData("CSeq: 7 INVITE", "CSeq: 4294967296 INVITE", SipParseFault.BadCSeq)]
    [InlineData("CSeq: 7 INVITE", "CSeq: 7INVITE", SipParseFault.BadCSeq)]
    [InlineData("Content-Length: 5", "Content-Length: 6", SipParseFault.BadContentLength)]
    [InlineData("From: \"Alice\"", "From: \"Alice", SipParseFault.BadFrom)]
    public void A_bad_field_is_named_and_the_request_can_be_answered(string good, string bad, SipParseFault expected)
    {
        Assert.False(SipMessage.TryParse(Encoding.UTF8.GetBytes(Invite.Replace(good, bad, StringComparison.Ordinal)), out var message, out var fault));
        Assert.Equal(expected, fault);
        Assert.NotNull(message);
        Assert.NotEmpty(fault.Reason());
    }

    [Fact]
    public void A_bad_ACK_is_never_answered()
    {
        var ack = Invite.Replace("INVITE", "ACK", StringComparison.Ordinal).Replace("Max-Forwards: 70", "Max-Forwards: x", StringComparison.Ordinal);
        Assert.False(SipMessage.TryParse(Encoding.UTF8.GetBytes(ack), out var message, out _));
        Assert.Null(message);
    }

    [Fact]
    public void Too_many_headers_and_too_many_bytes_are_refused()
    {
        var many = Invite.Replace("Timestamp: 54.1", string.Join("\r\n", Enumerable.Repeat("X: y", 300)), StringComparison.Ordinal);
        Assert.False(SipMessage.TryParse(Encoding.UTF8.GetBytes(many), out _, out var fault));
        Assert.Equal(SipParseFault.TooManyHeaders, fault);
        Assert.False(SipMessage.TryParse(new byte[70_000].Select(_ => (byte)'a').ToArray(), out _, out fault));
        Assert.Equal(SipParseFault.TooLong, fault);
    }

    [Fact]
    public void A_bare_line_feed_ends_a_line() =>
        Assert.Equal("c1@10.0.0.5", Parse(Invite.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("Content-Length: 5", "Content-Length: 4", StringComparison.Ordinal)).CallId);

    [Fact]
    public void A_parse_allocates_the_message_its_bytes_and_its_index_and_rubbish_nothing()
    {
        var invite = Encoding.UTF8.GetBytes(Invite);
        var rubbish = Encoding.UTF8.GetBytes(Invite.Replace("z9hG4bKabc", "\"", StringComparison.Ordinal).Replace("Via: SIP", "Via: SOP", StringComparison.Ordinal));
        Assert.InRange(Allocated(invite), 1, (invite.Length + 24) + (15 * 8 + 24) + 256);
        Assert.Equal(0, Allocated(rubbish));
    }

    private static long Allocated(byte[] bytes)
    {
        SipMessage? message = null;
        for (var warm = 0; warm < 100; warm++) _ = SipMessage.TryParse(bytes, out message, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) _ = SipMessage.TryParse(bytes, out message, out _);
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;
        GC.KeepAlive(message);
        return each;
    }

    private static SipMessage Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    private static SipMessage Parse(byte[] bytes)
    {
        Assert.True(SipMessage.TryParse(bytes, out var message, out var fault), fault.ToString());
        return message;
    }
}
