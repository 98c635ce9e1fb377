// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Xunit;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>Reliable provisional responses, both sides: RFC 3262; UPDATE in the early dialog: RFC 3311.</summary>
public sealed class ReliableProgressTests
{
    [Fact]
    public void Early_media_goes_reliably_and_is_acknowledged_by_prack()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Callee.Session.Progress(183, CallBed.Answer);
        bed.Net.Settle();
        Assert.Equal("INVITE 183 PRACK 200", bed.Net.Story());
        var reliable = bed.Net.Last(183);
        Assert.True(reliable.HasToken(SipHeaderName.Require, "100rel"));
        Assert.Equal($"{reliable.Number(SipHeaderName.RSeq)} 1 INVITE", bed.Net.Last(SipMethod.Prack).Text(SipHeaderName.RAck));
        bed.Callee.Session.Answer(null);
        bed.Net.Settle();
        Assert.Equal("183 accepted", bed.Caller.Story);
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_lost_prack_and_a_lost_183_are_made_good()
    {
        foreach (var lost in new Func<SipMessage, bool>[] { one => one.Method == SipMethod.Prack, one => one.StatusCode == 183 })
        {
            var bed = new CallBed();
            bed.Call();
            var first = true;
            bed.Net.Loses = one => first && lost(one.Message) && !(first = false);
            bed.Callee.Session.Progress(183, CallBed.Answer);
            bed.Net.Pass(TimeSpan.FromSeconds(2));
            bed.Callee.Session.Answer(null);
            bed.Net.Settle();
            Assert.Equal("183 accepted", bed.Caller.Story);           // told once although it came more than once
            bed.HangsUp(bed.Caller);
            bed.NothingIsLeft();
        }
    }

    [Fact]
    public void The_200_waits_until_the_183_with_sdp_was_acknowledged()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Callee.Session.Progress(183, CallBed.Answer);
        bed.Callee.Session.Answer(null);
        bed.Callee.Session.Answer(null);                              // an impatient application
        Assert.Equal("INVITE 183", bed.Net.Story());
        bed.Net.Settle();
        Assert.Equal("INVITE 183 PRACK 200 200 ACK", bed.Net.Story());
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void Reliable_responses_go_one_after_the_other()
    {
        var bed = new CallBed();
        bed.Call(bed.ToBob with { Headers = [new SipHeader(SipHeaderName.Require, "100rel")] });
        bed.Callee.Session.Progress(180);
        bed.Callee.Session.Progress(181);
        bed.Net.Settle();
        Assert.Equal("INVITE 180 PRACK 200 181 PRACK 200", bed.Net.Story());
        Assert.Equal(bed.Net.Last(180).Number(SipHeaderName.RSeq) + 1, bed.Net.Last(181).Number(SipHeaderName.RSeq));
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_reliable_response_nobody_acknowledges_ends_the_call_with_504()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Net.Loses = one => one.Message.Method == SipMethod.Prack;
        bed.Callee.Session.Progress(183, CallBed.Answer);
        bed.Net.Pass(TimeSpan.FromSeconds(70));
        Assert.Equal("ended-AckMissing", bed.Callee.Story);
        Assert.Equal("183 rejected-504 ended-Rejected", bed.Caller.Story);
        Assert.Equal(7, bed.Net.Count(183));                          // doubled without bound: 0 .5 1.5 3.5 7.5 15.5 31.5 s
        bed.NothingIsLeft();
    }

    [Fact]
    public void An_update_changes_the_session_before_it_is_answered()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Callee.Session.Progress(183, CallBed.Answer);
        bed.Net.Settle();
        bed.Caller.Session.Offer(CallBed.Offer);
        bed.Net.Settle();
        Assert.Equal("offer", bed.Callee.Story);
        bed.Callee.Session.AcceptOffer(CallBed.Answer);
        bed.Net.Settle();
        Assert.Equal("183 answer", bed.Caller.Story);
        Assert.Equal(1, bed.Net.Count(SipMethod.Update));
        bed.Callee.Session.Answer(null);
        bed.Net.Settle();
        bed.HangsUp(bed.Callee);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_prack_for_nothing_gets_481()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Callee.Session.Progress(183, CallBed.Answer);
        bed.Net.Settle();
        var prack = System.Text.Encoding.UTF8.GetString(bed.Net.Last(SipMethod.Prack).Bytes);
        bed.Alice.Write(bed.Bob, prack.Replace("CSeq: 2", "CSeq: 3", StringComparison.Ordinal).Replace("branch=z9hG4bK", "branch=z9hG4bKx", StringComparison.Ordinal));
        Assert.Equal(1, bed.Net.Count(481));
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void The_called_side_changes_the_session_by_update_before_it_answers()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Callee.Session.Progress(183, CallBed.Answer);
        bed.Net.Settle();
        var start = bed.Net.Log.Count;
        bed.Caller.Acts = (word, session) =>
        {
            if (word == "offer") session.AcceptOffer(CallBed.Answer);
        };
        bed.Callee.Session.Offer(CallBed.Offer);
        bed.Net.Settle();
        Assert.Equal("UPDATE 200", bed.Net.Story(start));
        Assert.Equal("183 offer", bed.Caller.Story);
        Assert.True(bed.Net.Last(200).Has(SipHeaderName.Contact));                 // RFC 3311 §5.2: a target refresh both ways
        bed.Callee.Session.Answer(null);
        bed.Net.Settle();
        Assert.Equal("183 offer accepted", bed.Caller.Story);
        bed.HangsUp(bed.Callee);
        bed.NothingIsLeft();
    }

    [Fact]
    public void Updates_that_cross_before_the_answer_meet_491_and_both_get_through()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Callee.Session.Progress(183, CallBed.Answer);
        bed.Net.Settle();
        foreach (var ear in new[] { bed.Caller, bed.Callee })
            ear.Acts = (word, session) =>
            {
                if (word == "offer") session.AcceptOffer(CallBed.Answer);
            };
        bed.Caller.Session.Offer(CallBed.Offer);
        bed.Callee.Session.Offer(CallBed.Offer);
        bed.Net.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(2, bed.Net.Count(491));
        Assert.Equal(["183", "answer", "offer"], bed.Caller.Heard.Order(StringComparer.Ordinal));
        Assert.Equal(["answer", "offer"], bed.Callee.Heard.Order(StringComparer.Ordinal));
        bed.Callee.Session.Answer(null);
        bed.Net.Settle();
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void No_offer_by_update_goes_out_while_the_first_one_has_no_reliable_answer()
    {
        var bed = new CallBed();
        bed.Call(bed.ToBob with { Headers = [new SipHeader(SipHeaderName.Require, "100rel")] });
        bed.Callee.Session.Progress(180);                                          // reliable, but without an answer
        bed.Net.Settle();
        bed.Caller.Session.Offer(CallBed.Offer);
        bed.Net.Settle();
        Assert.Equal(0, bed.Net.Count(SipMethod.Update));
        Assert.Equal("180 refused-488", bed.Caller.Story);
        bed.Callee.Session.Reject(486);
        bed.NothingIsLeft();
    }

    [Theory]
    [InlineData(true, 500)]
    [InlineData(false, 491)]
    public void An_update_with_an_offer_that_comes_too_early_is_refused_by_either_side(bool byCaller, int status)
    {
        var bed = new CallBed();
        bed.Call();
        bed.Callee.Session.Progress(180);
        bed.Net.Settle();
        var ringing = bed.Net.Last(180);
        var (peer, other) = byCaller ? (bed.Alice, bed.Bob) : (bed.Bob, bed.Alice);
        var (from, to) = byCaller ? (ringing.FromTag, ringing.ToTag) : (ringing.ToTag, ringing.FromTag);
        peer.Write(other, $"""
            UPDATE sip:x@{other.Address} SIP/2.0
            Via: SIP/2.0/UDP {peer.Address};branch=z9hG4bKearly;rport
            Max-Forwards: 70
            From: <sip:x@{peer.Address}>;tag={from}
            To: <sip:y@{other.Address}>;tag={to}
            Call-ID: {ringing.CallId}
            CSeq: 9 UPDATE
            Contact: <sip:x@{peer.Address}>
            Content-Type: application/sdp
            Content-Length: 3

            v=0
            """);
        var refusal = bed.Net.Last(status);
        Assert.Equal(status == 500, refusal.Has(SipHeaderName.RetryAfter));
        bed.Callee.Session.Reject(486);
        bed.NothingIsLeft();
    }

    [Fact]
    public void Each_fork_counts_its_own_reliable_responses()
    {
        var bed = new CallBed();
        bed.Bob.IsManual = true;
        bed.Call();
        var invite = bed.Bob.Received[^1];
        SipHeader[] Reliable(int rseq) => [new(SipHeaderName.Require, "100rel"), new(SipHeaderName.RSeq, rseq.ToString(System.Globalization.CultureInfo.InvariantCulture)), new(SipHeaderName.Contact, "<sip:bob@10.0.0.2:5060>")];
        bed.Bob.Reply(bed.Alice, invite, 180, "one", null, Reliable(1));
        bed.Bob.Reply(bed.Alice, invite, 180, "two", null, Reliable(70));
        bed.Bob.Reply(bed.Alice, invite, 180, "one", null, Reliable(1));             // the PRACK was lost on its way
        bed.Bob.Reply(bed.Alice, invite, 183, "one", null, Reliable(3));             // 2 is still to come
        bed.Bob.Reply(bed.Alice, invite, 183, "two", null, Reliable(71));
        Assert.Equal("180 180 183", bed.Caller.Story);
        Assert.Equal(["1 1 INVITE", "70 1 INVITE", "71 1 INVITE"], bed.Bob.Received.Where(one => one.Method == SipMethod.Prack && one.IsRequest).Select(one => one.Text(SipHeaderName.RAck)!));
    }
}
