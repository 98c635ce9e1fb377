// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Xunit;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>sips URIs: RFC 3261 §8.1.1.8, §12.1.1, §26.2.2, RFC 5630.</summary>
public sealed class SipsTests
{
    private readonly CallBed _bed = new();

    private OutboundInvite Sips => _bed.ToBob with { Target = SipUri.Parse("sips:bob@10.0.0.2:5060") };

    private static string Invite(string uri, string contact, string more = "") => $"""
        INVITE {uri} SIP/2.0
        Via: SIP/2.0/TLS 10.0.0.1:5060;branch=z9hG4bK1;rport
        Max-Forwards: 70
        From: <sip:alice@10.0.0.1>;tag=a
        To: <{uri}>
        Call-ID: sips
        CSeq: 1 INVITE
        Contact: <{contact}>
        {more}Content-Length: 0


        """;

    [Fact]
    public void A_call_to_a_sips_uri_goes_by_tls_with_a_sips_contact_to_its_end()
    {
        _bed.Call(Sips);
        _bed.Callee.Session.Answer(CallBed.Answer);
        _bed.Net.Settle();
        _bed.Callee.Acts = (word, session) =>
        {
            if (word == "offer") session.AcceptOffer(CallBed.Answer);
        };
        _bed.Caller.Session.Offer(CallBed.Offer);
        _bed.HangsUp(_bed.Callee);
        Assert.All(_bed.Net.Log, one => Assert.Equal(SipTransportKind.Tls, one.Kind));
        Assert.All(_bed.Net.Log.Where(one => one.Message.Has(SipHeaderName.Contact)), one => Assert.True(one.Message.Addresses(SipHeaderName.Contact)[0].Uri!.IsSecure));
        Assert.True(_bed.Callee.Session.IsSips);
        _bed.NothingIsLeft();
    }

    [Fact]
    public void A_call_to_a_sips_uri_never_leaves_by_less_than_tls()
    {
        _bed.Call(Sips with { Flow = _bed.Alice.FlowTo(_bed.Bob) });
        Assert.Equal("rejected-480 ended-Rejected", _bed.Caller.Story);
        var other = new Ear();
        _bed.Alice.Stack.Invite(Sips with { Targets = [new SipTarget(SipTransportKind.Udp, _bed.Bob.Address), new SipTarget(SipTransportKind.Tcp, _bed.Bob.Address)] }, other);
        Assert.Equal("rejected-480 ended-Rejected", other.Story);
        var routed = new Ear();
        _bed.Alice.Stack.Invite(_bed.ToBob with { Route = [SipUri.Parse("sips:10.0.0.2:5060;lr")], Flow = _bed.Alice.FlowTo(_bed.Bob) }, routed);
        Assert.Equal("rejected-480 ended-Rejected", routed.Story);
        Assert.Empty(_bed.Net.Log);
        _bed.NothingIsLeft();
    }

    [Fact]
    public void By_a_sips_route_a_sip_uri_goes_by_tls_and_the_contact_is_sips()
    {
        _bed.Call(_bed.ToBob with { Route = [SipUri.Parse("sips:10.0.0.2:5060;lr")] });
        Assert.Equal(SipTransportKind.Tls, _bed.Net.Log[0].Kind);
        Assert.StartsWith("<sips:", _bed.Net.Last(SipMethod.Invite).Text(SipHeaderName.Contact), StringComparison.Ordinal);
        _bed.Callee.Session.Reject(486);
        _bed.NothingIsLeft();
    }

    [Fact]
    public void A_sips_request_that_came_by_less_is_refused_with_480_and_not_with_416()
    {
        foreach (var kind in new[] { SipTransportKind.Udp, SipTransportKind.Tcp, SipTransportKind.Ws })
        {
            var bed = new CallBed();
            bed.Alice.IsManual = true;
            bed.Alice.Write(bed.Bob, Invite("sips:bob@10.0.0.2", "sips:alice@10.0.0.1"), kind);
            Assert.Equal(480, bed.Alice.Received[^1].StatusCode);
            Assert.StartsWith("380 ", bed.Alice.Received[^1].Text(SipHeaderName.Warning), StringComparison.Ordinal);
            Assert.Empty(bed.Bob.Core.Invites);
        }
    }

    [Theory]
    [InlineData("sips:bob@10.0.0.2", "sips:alice@10.0.0.1", "", true)]
    [InlineData("sip:bob@10.0.0.2", "sip:alice@10.0.0.1", "Record-Route: <sips:10.0.0.1;lr>\n", true)]
    [InlineData("sip:bob@10.0.0.2", "sips:alice@10.0.0.1", "", true)]
    [InlineData("sip:bob@10.0.0.2", "sips:alice@10.0.0.1", "Record-Route: <sip:10.0.0.1;transport=tls;lr>\n", false)]
    [InlineData("sip:bob@10.0.0.2", "sip:alice@10.0.0.1", "", false)]
    public void Our_contact_is_sips_where_the_request_wants_it(string uri, string contact, string route, bool sips)
    {
        _bed.Alice.IsManual = true;
        _bed.Alice.Write(_bed.Bob, Invite(uri, contact, route), SipTransportKind.Tls);
        _bed.Callee.Session.Answer(CallBed.Offer);
        _bed.Net.Settle();
        var ours = _bed.Alice.Received[^1].Addresses(SipHeaderName.Contact)[0].Uri!;
        Assert.Equal((sips, sips ? null : "tls"), (ours.IsSecure, ours.Transport));
    }

    [Fact]
    public void What_follows_in_the_dialog_leaves_an_insecure_flow_for_the_sips_target()
    {
        _bed.Bob.IsManual = true;
        var session = _bed.Call();
        _bed.Bob.Reply(_bed.Alice, _bed.Bob.Received[0], 200, "b", CallBed.Answer, new SipHeader(SipHeaderName.Contact, "<sips:bob@10.0.0.2:5060>"));
        session.End();
        _bed.Net.Settle();
        Assert.Equal([SipTransportKind.Tls, SipTransportKind.Tls], _bed.Net.Log.Where(one => one.Message.Method is SipMethod.Ack or SipMethod.Bye).Select(one => one.Kind));
    }
}
