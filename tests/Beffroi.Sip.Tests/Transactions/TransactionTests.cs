// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Tests.UserAgent;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Xunit;

namespace Beffroi.Sip.Tests.Transactions;

/// <summary>The owners of the tables on the wire: who sends what again and when, and what is matched with what.</summary>
public sealed class TransactionTests
{
    private readonly WireNetwork _net = new();
    private readonly WireHost _server;
    private readonly WireHost _hand;

    public TransactionTests()
    {
        _server = _net.Add("10.0.0.1:5060");
        _hand = _net.Add("10.0.0.9:5060");
        _hand.IsManual = true;
    }

    private static string Request(string method, string branch = "z9hG4bK1", int cseq = 1, string extra = "", string toTag = "", string callId = "c1", string from = "f1", string uri = "sip:bob@10.0.0.1",
        string via = "10.0.0.9:5060") =>
        $"""
        {method} {uri} SIP/2.0
        Via: SIP/2.0/UDP {via};branch={branch};rport
        Max-Forwards: 70
        From: <sip:hand@10.0.0.9>;tag={from}
        To: <sip:bob@10.0.0.1>{toTag}
        Call-ID: {callId}
        CSeq: {cseq} {method}
        Contact: <sip:hand@10.0.0.9>
        {extra}Content-Length: 0


        """;

    private int Status => _hand.Received[^1].StatusCode;

    [Fact]
    public void A_request_that_comes_again_gets_the_same_response_and_the_core_sees_it_once()
    {
        _hand.Write(_server, Request("OPTIONS"));
        _hand.Write(_server, Request("OPTIONS"));
        Assert.Single(_server.Core.Requests);
        Assert.Equal(_hand.Received[0].Bytes.ToArray(), _hand.Received[1].Bytes.ToArray());
        _net.Pass(TimeSpan.FromSeconds(33));                          // J is over
        Assert.Equal(0, _server.Stack.Transactions);
        Assert.Equal(0, _net.Wheel.Count);
    }

    [Fact]
    public void On_a_connection_nothing_lingers()
    {
        _hand.Write(_server, Request("OPTIONS").Replace("/UDP", "/TCP", StringComparison.Ordinal), SipTransportKind.Tcp);
        Assert.Equal(200, Status);
        Assert.Equal(0, _server.Stack.Transactions);
    }

    [Fact]
    public void A_refusal_is_repeated_by_timer_g_until_its_ack()
    {
        _server.Core.WhenInvited = invite => invite.Respond(486);
        _hand.Write(_server, Request("INVITE"));
        _net.Pass(TimeSpan.FromSeconds(8));
        Assert.Equal(5, _net.Count(486));                             // at 0, .5, 1.5, 3.5, 7.5 s
        _hand.Write(_server, Request("ACK", toTag: ";tag=" + _hand.Received[0].ToTag));
        _net.Pass(TimeSpan.FromSeconds(4));
        Assert.Equal(5, _net.Count(486));
        _net.Pass(TimeSpan.FromSeconds(2));                           // I
        Assert.Equal(0, _server.Stack.Transactions);
    }

    [Fact]
    public void A_refusal_nobody_acknowledges_is_given_up_by_timer_h()
    {
        _server.Core.WhenInvited = invite => invite.Respond(404);
        _hand.Write(_server, Request("INVITE"));
        _net.Pass(TimeSpan.FromSeconds(40));
        Assert.Equal(11, _net.Count(404));                            // G is capped at T2
        Assert.Equal(0, _server.Stack.Transactions);
        Assert.Equal(0, _net.Wheel.Count);
    }

    [Fact]
    public void A_request_of_ours_is_repeated_by_timer_e_up_to_t2()
    {
        var outcomes = new List<SipOutcome>();
        _server.Stack.Send(new OutboundRequest { Method = SipMethod.Options, Target = _hand.Uri(), From = new NameAddress(_server.Uri()), To = new NameAddress(_hand.Uri()) }, outcomes.Add);
        _net.Pass(TimeSpan.FromSeconds(33));
        Assert.Equal(11, _net.Count(SipMethod.Options));              // 0 .5 1.5 3.5 7.5 11.5 ... 31.5
        Assert.Equal(408, Assert.Single(outcomes).Status);
        Assert.Equal(0, _server.Stack.Transactions);
    }

    [Fact]
    public void Stray_responses_and_acks_are_dropped_and_counted()
    {
        _hand.Write(_server, """
            SIP/2.0 200 OK
            Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKnever
            From: <sip:a@10.0.0.1>;tag=1
            To: <sip:b@10.0.0.9>;tag=2
            Call-ID: x
            CSeq: 1 INVITE
            Content-Length: 0


            """);
        _hand.Write(_server, Request("ACK", toTag: ";tag=nobody"));
        Assert.Equal(2, _server.Stack.Counters.Strays);
        Assert.Empty(_hand.Received);
    }

    [Fact]
    public void A_cancel_finds_its_invite_by_branch_and_gets_its_tag()
    {
        _hand.Write(_server, Request("INVITE"));
        _hand.Write(_server, Request("CANCEL"));
        Assert.Equal([200, 487], _hand.Received.Select(one => one.StatusCode));
        Assert.Equal(_hand.Received[0].ToTag, _hand.Received[1].ToTag);
        Assert.Equal("cancelled ended-Cancelled", _server.Core.LastEar.Story);
    }

    [Fact]
    public void A_cancel_for_nothing_gets_481()
    {
        _hand.Write(_server, Request("CANCEL"));
        Assert.Equal(481, Status);
    }

    [Fact]
    public void A_cancel_that_comes_before_anybody_took_the_invite_answers_it_487()
    {
        InboundInvite? kept = null;
        _server.Core.WhenInvited = invite => kept = invite;
        _hand.Write(_server, Request("INVITE"));
        _hand.Write(_server, Request("CANCEL"));
        Assert.Equal([200, 487], _hand.Received.Select(one => one.StatusCode));
        var ear = _server.Core.Take(kept!);                           // too late, but told all the same
        Assert.Equal("cancelled ended-Cancelled", ear.Story);
        CallBedEmptyAfterAck();
    }

    private void CallBedEmptyAfterAck()
    {
        _net.PassAll();
        CallBed.Empty(_server);
    }

    [Fact]
    public void The_same_invite_by_another_way_is_merged_with_482()
    {
        _hand.Write(_server, Request("INVITE"));
        _hand.Write(_server, Request("INVITE", branch: "z9hG4bK2"));
        Assert.Equal(482, Status);
        Assert.Equal(1, _server.Stack.Counters.Merged);
        Assert.Single(_server.Core.Invites);
    }

    [Fact]
    public void Our_own_invite_that_comes_back_unchanged_is_a_loop()
    {
        _server.Stack.Invite(new OutboundInvite { Target = _hand.Uri(), From = new NameAddress(_server.Uri()), To = new NameAddress(_hand.Uri()) }, new Ear());
        _net.Settle();
        var text = System.Text.Encoding.UTF8.GetString(_hand.Received[0].Bytes);
        _hand.Write(_server, text.Replace("Via: ", "Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKproxy;rport\nVia: ", StringComparison.Ordinal));
        Assert.Equal(482, Status);
        _hand.Write(_server, text.Replace("Via: ", "Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKother;rport\nVia: ", StringComparison.Ordinal)
            .Replace("INVITE sip:alice@10.0.0.9:5060", "INVITE sip:carol@10.0.0.1:5060", StringComparison.Ordinal).Replace("Call-ID: ", "Call-ID: x", StringComparison.Ordinal));
        Assert.Equal(1, _server.Stack.Counters.Loops);                // a spiral passes
        Assert.Single(_server.Core.Invites);
    }

    [Theory]
    [InlineData("INVITE", "Max-Forwards: 70", "Max-Forwards: 0", 483)]
    [InlineData("OPTIONS", "Max-Forwards: 70", "Max-Forwards: 0", 200)]
    [InlineData("INVITE", "Contact:", "Require: teleport\nContact:", 420)]
    [InlineData("REGISTER", "Contact:", "Require: path, teleport\nContact:", 420)]
    [InlineData("SUBSCRIBE", "Contact:", "Require: teleport\nContact:", 420)]
    [InlineData("MESSAGE", "Contact:", "Require: teleport\nContact:", 420)]
    [InlineData("INVITE", "INVITE sip:bob@10.0.0.1", "INVITE nobody:bob", 416)]
    [InlineData("BYE", "Contact:", "Contact:", 481)]
    [InlineData("PRACK", "Contact:", "Contact:", 481)]
    [InlineData("FROBNICATE", "Contact:", "Contact:", 501)]
    [InlineData("INVITE", "To: <sip:bob@10.0.0.1>", "To: <sip:bob@10.0.0.1>;tag=gone", 481)]
    [InlineData("INVITE", "Contact:", "Replaces: x;to-tag=1;from-tag=2\nContact:", 481)]
    [InlineData("INVITE", "Contact:", "Replaces: x;to-tag=1\nContact:", 400)]
    [InlineData("INVITE", "Contact:", "Session-Expires: 30\nSupported: timer\nContact:", 422)]
    [InlineData("INVITE", "Contact: <sip:hand@10.0.0.9>", "Subject: none", 400)]
    [InlineData("INVITE", "Contact:", "Accept: text/plain\nContact:", 406)]
    public void What_cannot_be_done_is_refused_with_the_status_of_the_rfc(string method, string what, string with, int status)
    {
        _hand.Write(_server, Request(method).Replace(what, with, StringComparison.Ordinal));
        Assert.Equal(status, Status);
        if (status == 420) Assert.Equal("teleport", _hand.Received[^1].Text(SipHeaderName.Unsupported));
        if (status == 422) Assert.Equal(90, _hand.Received[^1].Number(SipHeaderName.MinSE));
        _net.PassAll();
        CallBed.Empty(_server);
    }

    [Theory]
    [InlineData("Content-Type: application/pidf+xml\r\n", "Accept", "application/sdp")]
    [InlineData("Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n", "Accept-Encoding", "identity")]
    public void A_body_we_cannot_read_is_refused_with_what_we_can(string headers, string header, string value)
    {
        _hand.Write(_server, Request("INVITE").ReplaceLineEndings("\r\n").Replace("Content-Length: 0\r\n\r\n", headers + "Content-Length: 3\r\n\r\nabc", StringComparison.Ordinal));
        Assert.Equal(415, Status);
        Assert.Equal(value, _hand.Received[^1].Text(header));
    }

    /// <summary>RFC 4475 §3.2.1: a branch that is the cookie and nothing more.</summary>
    [Fact]
    public void A_bare_cookie_for_a_branch_does_not_make_two_requests_one()
    {
        foreach (var call in new[] { "first", "second" })
            _hand.Write(_server, Request("OPTIONS", branch: "z9hG4bK", callId: call));
        Assert.Equal(2, _server.Core.Requests.Count);
        Assert.Equal(["first", "second"], _hand.Received.Select(answer => answer.CallId));
    }

    [Fact]
    public void Who_has_not_proved_itself_gets_an_answer_each_time_and_no_memory()
    {
        _server.Core.WhenAsked = transaction =>
        {
            transaction.RespondOnce(401, [new SipHeader(SipHeaderName.WwwAuthenticate, "Digest realm=\"r\"")]);
            transaction.Respond(200);                          // too late
        };
        _hand.Write(_server, Request("REGISTER"));
        _hand.Write(_server, Request("REGISTER"));
        Assert.Equal([401, 401], _hand.Received.Select(answer => answer.StatusCode));
        Assert.Equal(2, _server.Core.Requests.Count);
        Assert.Equal(0, _server.Stack.Transactions);
        Assert.Equal(0, _net.Wheel.Count);
    }

    [Fact]
    public void What_a_registrar_must_know_is_known_to_it_alone()
    {
        _hand.Write(_server, Request("REGISTER").Replace("Contact:", "Require: path, outbound\nContact:", StringComparison.Ordinal));
        Assert.Single(_server.Core.Requests);
        _hand.Write(_server, Request("OPTIONS").Replace("z9hG4bK1", "z9hG4bK2", StringComparison.Ordinal).Replace("Contact:", "Require: outbound\nContact:", StringComparison.Ordinal));
        Assert.Equal(420, Status);
    }

    [Fact]
    public void A_peer_of_rfc_2543_without_branch_is_told_apart_by_its_headers()
    {
        _server.Core.WhenInvited = invite => invite.Respond(486);
        var invite = Request("INVITE").Replace(";branch=z9hG4bK1", "", StringComparison.Ordinal);
        _hand.Write(_server, invite);
        _hand.Write(_server, invite);
        Assert.Single(_server.Core.Invites);
        Assert.Equal(2, _net.Count(486));
        _hand.Write(_server, Request("ACK", toTag: ";tag=" + _hand.Received[0].ToTag).Replace(";branch=z9hG4bK1", "", StringComparison.Ordinal));
        _net.Pass(TimeSpan.FromSeconds(6));
        Assert.Equal(2, _net.Count(486));
        Assert.Equal(0, _server.Stack.Transactions);
    }

    [Fact]
    public void A_peer_of_rfc_2543_that_names_no_contact_is_reached_at_its_from()
    {
        Ear? ear = null;
        _server.Core.WhenInvited = invite => (ear = _server.Core.Take(invite)).Session.Answer(CallBed.Answer);
        _hand.Write(_server, Request("INVITE").Replace(";branch=z9hG4bK1", "", StringComparison.Ordinal).Replace("Contact: <sip:hand@10.0.0.9>", "Subject: old", StringComparison.Ordinal));
        _hand.Write(_server, Request("ACK", toTag: ";tag=" + _hand.Received[^1].ToTag).Replace(";branch=z9hG4bK1", "", StringComparison.Ordinal));
        ear!.Session.End();
        _net.Settle();
        Assert.Equal("sip:hand@10.0.0.9", _hand.Received[^1].RequestUri?.Reveal());
    }

    [Fact]
    public void Without_rport_the_answer_goes_to_the_port_of_the_via()
    {
        _hand.Write(_server, Request("OPTIONS", via: "10.0.0.9:7777").Replace(";rport", "", StringComparison.Ordinal));
        Assert.Equal("10.0.0.9:7777", _net.Log[^1].To.ToString());
        _hand.Write(_server, Request("OPTIONS", via: "192.168.1.9:7777", branch: "z9hG4bK5", cseq: 2));
        Assert.Equal("10.0.0.9:5060", _net.Log[^1].To.ToString());
    }

    [Fact]
    public void A_broken_connection_fails_its_requests_at_once()
    {
        var outcomes = new List<SipOutcome>();
        _server.Stack.Send(new OutboundRequest
        {
            Method = SipMethod.Options,
            Target = _hand.Uri(),
            From = new NameAddress(_server.Uri()),
            To = new NameAddress(_hand.Uri()),
            Targets = [new SipTarget(SipTransportKind.Tcp, _hand.Address)],
        }, outcomes.Add);
        _net.Settle();
        _server.FlowTo(_hand, SipTransportKind.Tcp).Close();
        Assert.Equal(503, Assert.Single(outcomes).Status);
        Assert.Equal(0, _server.Stack.Transactions);
        Assert.Equal(0, _net.Wheel.Count);
    }

    [Fact]
    public void A_core_that_never_answers_leaves_nothing_behind()
    {
        _server.Core.WhenAsked = _ => { };
        _hand.Write(_server, Request("MESSAGE"));
        Assert.Equal(1, _server.Stack.Transactions);
        _net.Pass(TimeSpan.FromSeconds(33));
        Assert.Equal(0, _server.Stack.Transactions);
        Assert.Empty(_hand.Received);
    }
}
