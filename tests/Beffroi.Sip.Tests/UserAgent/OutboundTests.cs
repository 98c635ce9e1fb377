// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Xunit;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>How our requests find their way: failover of RFC 3263 §4.3, digest challenges RFC 3261 §22.</summary>
public sealed class OutboundTests
{
    private const string Challenge = "Digest realm=\"town\", nonce=\"n1\", qop=\"auth\", algorithm=SHA-256";

    private readonly CallBed _bed = new();

    private OutboundInvite Towards(params string[] addresses)
    {
        _bed.Alice.Names["trunk.example"] = [.. addresses.Select(address => new SipTarget(SipTransportKind.Udp, System.Net.IPEndPoint.Parse(address)))];
        return _bed.ToBob with { Target = SipUri.Parse("sip:bob@trunk.example") };
    }

    [Fact]
    public void The_next_target_is_tried_when_the_first_does_not_answer()
    {
        _bed.Call(Towards("10.0.0.66:5060", "10.0.0.2:5060"));
        _bed.Net.Pass(TimeSpan.FromSeconds(33));
        _bed.Callee.Session.Answer(CallBed.Answer);
        _bed.Net.Settle();
        Assert.Equal("accepted", _bed.Caller.Heard[^1]);
        _bed.HangsUp(_bed.Callee);
        _bed.NothingIsLeft();
    }

    [Fact]
    public void A_target_that_is_silent_for_longer_than_the_caller_waits_is_given_up_for_the_next_one_and_not_asked_again()
    {
        _bed.Call(Towards("10.0.0.66:5060", "10.0.0.2:5060") with { FirstResponseWithin = TimeSpan.FromSeconds(4) });
        _bed.Net.Pass(TimeSpan.FromSeconds(4));
        _bed.Callee.Session.Answer(CallBed.Answer);
        _bed.Net.Settle();
        Assert.Equal("accepted", _bed.Caller.Story);
        Assert.Equal(4, _bed.Net.Log.Count(one => one.To.ToString() == "10.0.0.66:5060"));          // at 0, .5, 1.5, 3.5 s, none after
        _bed.Net.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal(4, _bed.Net.Log.Count(one => one.To.ToString() == "10.0.0.66:5060"));
        _bed.HangsUp(_bed.Callee);
        _bed.NothingIsLeft();
    }

    [Fact]
    public void A_target_that_answers_100_in_time_is_waited_for()
    {
        _bed.Call(_bed.ToBob with { FirstResponseWithin = TimeSpan.FromSeconds(4) });
        _bed.Net.Pass(TimeSpan.FromSeconds(20));
        Assert.Equal("", _bed.Caller.Story);
        _bed.Callee.Session.Answer(CallBed.Answer);
        _bed.Net.Settle();
        Assert.Equal("accepted", _bed.Caller.Story);
        _bed.HangsUp(_bed.Callee);
        _bed.NothingIsLeft();
    }

    [Theory]
    [InlineData(false, "CANCEL")]
    [InlineData(true, "BYE")]
    public void What_a_target_says_after_it_was_given_up_is_cancelled_or_ended(bool answers, string by)
    {
        _bed.Net.Loses = one => one.From.ToString() == "10.0.0.2:5060";
        _bed.Call(_bed.ToBob with { FirstResponseWithin = TimeSpan.FromSeconds(4) });
        _bed.Net.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal("rejected-408 ended-Rejected", _bed.Caller.Story);
        _bed.Net.Loses = _ => false;
        if (answers) _bed.Callee.Session.Answer(CallBed.Answer);
        else _bed.Callee.Session.Progress(180);
        _bed.Net.Settle();
        Assert.Contains(by, _bed.Net.Story(), StringComparison.Ordinal);
        Assert.Contains("ended-", _bed.Callee.Story, StringComparison.Ordinal);
        Assert.Equal("rejected-408 ended-Rejected", _bed.Caller.Story);
        _bed.NothingIsLeft();
    }

    [Fact]
    public void The_next_target_is_tried_on_503_and_on_a_transport_error()
    {
        var busy = _bed.Net.Add("10.0.0.65:5060");
        busy.Core.WhenInvited = invite => invite.Respond(503);
        _bed.Net.Dead.Add("10.0.0.66:5060");
        _bed.Call(Towards("10.0.0.65:5060", "10.0.0.66:5060", "10.0.0.2:5060"));
        _bed.Callee.Session.Answer(CallBed.Answer);
        _bed.Net.Settle();
        Assert.Equal("accepted", _bed.Caller.Story);
        Assert.Equal(_bed.Net.Log.Where(one => one.Message is { IsRequest: true, Method: SipMethod.Invite }).Select(one => one.Message.TopVia.Branch).Distinct().Count(), _bed.Net.Count(SipMethod.Invite));
        _bed.HangsUp(_bed.Callee);
        _bed.NothingIsLeft();
        CallBed.Empty(busy);
    }

    [Fact]
    public void Without_any_reachable_target_the_outcome_is_503()
    {
        _bed.Net.Dead.Add("10.0.0.66:5060");
        _bed.Call(Towards("10.0.0.66:5060"));
        Assert.Equal("rejected-503 ended-TransportFailed", _bed.Caller.Story);
        var nowhere = new Ear();
        _bed.Alice.Stack.Invite(_bed.ToBob with { Target = SipUri.Parse("sip:bob@unknown.example") }, nowhere);
        Assert.Equal("rejected-503 ended-TransportFailed", nowhere.Story);
        _bed.NothingIsLeft();
    }

    [Theory]
    [InlineData(401, SipHeaderName.WwwAuthenticate, SipHeaderName.Authorization)]
    [InlineData(407, SipHeaderName.ProxyAuthenticate, SipHeaderName.ProxyAuthorization)]
    public void A_challenge_is_answered_with_the_next_cseq(int status, SipHeaderName asks, SipHeaderName answers)
    {
        _bed.Bob.Core.WhenInvited = invite =>
        {
            if (invite.Request.Has(answers)) _bed.Bob.Core.Take(invite).Session.Answer(CallBed.Answer);
            else invite.Respond(status, null, new SipHeader(asks, Challenge));
        };
        _bed.Call(_bed.ToBob with { Credentials = new DigestCredentials("alice", "secret") });
        Assert.Equal($"INVITE {status} ACK INVITE 200 ACK", _bed.Net.Story());
        var second = _bed.Net.Last(SipMethod.Invite);
        Assert.Equal(2u, second.CSeqNumber);
        Assert.Contains("username=\"alice\"", second.Text(answers), StringComparison.Ordinal);
        Assert.Equal("accepted", _bed.Caller.Story);
        _bed.HangsUp(_bed.Caller);
        Assert.Equal(3u, _bed.Net.Last(SipMethod.Bye).CSeqNumber);
        _bed.NothingIsLeft();
    }

    [Fact]
    public void A_wrong_password_is_told_after_one_try()
    {
        _bed.Bob.Core.WhenInvited = invite => invite.Respond(401, null, new SipHeader(SipHeaderName.WwwAuthenticate, Challenge));
        _bed.Call(_bed.ToBob with { Credentials = new DigestCredentials("alice", "wrong") });
        Assert.Equal("rejected-401 ended-Rejected", _bed.Caller.Story);
        Assert.Equal(2, _bed.Net.Count(SipMethod.Invite));
        _bed.NothingIsLeft();
    }

    [Fact]
    public void A_register_is_authorized_and_tells_the_cseq_it_used()
    {
        _bed.Bob.Core.WhenAsked = transaction =>
        {
            if (transaction.Request.Has(SipHeaderName.Authorization)) transaction.Respond(200);
            else transaction.Respond(401, null, [new SipHeader(SipHeaderName.WwwAuthenticate, Challenge)]);
        };
        var outcomes = new List<SipOutcome>();
        _bed.Alice.Stack.Send(new OutboundRequest
        {
            Method = SipMethod.Register,
            Target = SipUri.Parse("sip:10.0.0.2"),
            From = new NameAddress(SipUri.Parse("sip:town@10.0.0.2")),
            To = new NameAddress(SipUri.Parse("sip:town@10.0.0.2")),
            ContactUser = "town",
            CallId = "kept",
            CSeq = 7,
            Credentials = new DigestCredentials("town", "secret"),
        }, outcomes.Add);
        _bed.Net.Settle();
        var outcome = Assert.Single(outcomes);
        Assert.Equal((200, 8u), (outcome.Status, outcome.CSeq));
        Assert.Equal("<sip:town@10.0.0.1:5060>", _bed.Net.Last(SipMethod.Register).Text(SipHeaderName.Contact));
        _bed.NothingIsLeft();
    }
}
