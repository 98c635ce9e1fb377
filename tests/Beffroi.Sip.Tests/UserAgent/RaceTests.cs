// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;
using Xunit;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>Messages that cross or get lost: RFC 5407, RFC 3261 §9, §13.3.1.4, §14.</summary>
public sealed class RaceTests
{
    /// <summary>Loses the first message that fits.</summary>
    private static Func<WireMessage, bool> First(Func<SipMessage, bool> fits)
    {
        var lost = false;
        return one => !lost && fits(one.Message) && (lost = true);
    }

    [Fact]
    public void A_200_that_crosses_a_cancel_is_acknowledged_and_ended()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Callee.Session.Progress(180);
        bed.Net.Settle();
        bed.Callee.Session.Answer(CallBed.Answer);                    // on the way
        bed.Caller.Session.Cancel("SIP;cause=487");
        bed.Net.Settle();
        Assert.Equal("180 rejected-487 ended-Cancelled", bed.Caller.Story);
        Assert.Equal("ack ended-Bye", bed.Callee.Story);
        Assert.Equal("SIP;cause=487", bed.Callee.EndRequest!.Text(SipHeaderName.Reason));
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_lost_200_is_sent_again()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Net.Loses = First(one => one.StatusCode == 200);
        bed.Callee.Session.Answer(CallBed.Answer);
        bed.Net.Settle();
        Assert.Equal("", bed.Callee.Story);
        bed.Net.Pass(TimeSpan.FromMilliseconds(600));
        Assert.Equal("ack", bed.Callee.Story);
        Assert.Equal("accepted", bed.Caller.Story);
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_lost_ack_is_sent_again_for_the_repeated_200()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Net.Loses = First(one => one.Method == SipMethod.Ack);
        bed.Callee.Session.Answer(CallBed.Answer);
        bed.Net.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal("INVITE 200 ACK 200 ACK", bed.Net.Story());
        Assert.Equal("accepted", bed.Caller.Story);
        Assert.Equal("ack", bed.Callee.Story);
        bed.HangsUp(bed.Callee);
        bed.NothingIsLeft();
    }

    [Fact]
    public void Without_any_ack_the_called_side_ends_the_call()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Net.Loses = one => one.Message.Method == SipMethod.Ack;
        bed.Callee.Session.Answer(CallBed.Answer);
        bed.Net.Pass(TimeSpan.FromSeconds(34));
        Assert.Equal("ended-AckMissing", bed.Callee.Story);
        Assert.Equal("accepted ended-Bye", bed.Caller.Story);
        Assert.Equal(11, bed.Net.Count(200) - 1);                     // 0 .5 1.5 3.5 7.5 11.5 ... 31.5 s, and one for the BYE
        bed.NothingIsLeft();
    }

    [Fact]
    public void The_called_side_that_hangs_up_before_the_ack_waits_for_it()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Net.Loses = First(one => one.Method == SipMethod.Ack);
        bed.Callee.Session.Answer(CallBed.Answer);
        bed.Net.Settle();
        bed.HangsUp(bed.Callee);
        Assert.Equal(0, bed.Net.Count(SipMethod.Bye));
        bed.Net.Pass(TimeSpan.FromMilliseconds(600));
        Assert.Equal("INVITE 200 ACK 200 ACK BYE 200", bed.Net.Story());
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_bye_that_comes_instead_of_the_ack_ends_the_side_that_waited_for_it()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Net.Loses = one => one.Message.Method == SipMethod.Ack;
        bed.Callee.Session.Answer(CallBed.Answer);
        bed.Net.Settle();
        bed.Callee.Session.End();
        bed.HangsUp(bed.Caller);
        Assert.Equal("ended-Bye", bed.Callee.Story);
        Assert.Equal("accepted ended-Local", bed.Caller.Story);
        bed.NothingIsLeft();
    }

    [Fact]
    public void Byes_that_cross_end_both_sides_once()
    {
        var bed = new CallBed().Established();
        bed.Caller.Session.End();
        bed.Callee.Session.End();
        bed.Net.Settle();
        Assert.Equal("ended-Local", bed.Caller.Heard[^1]);
        Assert.Equal("ended-Local", bed.Callee.Heard[^1]);
        bed.NothingIsLeft();
    }

    [Fact]
    public void Offers_that_cross_meet_491_and_both_get_through_in_the_end()
    {
        var bed = new CallBed().Established();
        bed.Caller.Acts = bed.Callee.Acts = (word, session) =>
        {
            if (word == "offer") session.AcceptOffer(CallBed.Answer);
        };
        bed.Caller.Session.Offer(CallBed.Offer);
        bed.Callee.Session.Offer(CallBed.Offer);
        bed.Net.Settle();
        Assert.Equal(2, bed.Net.Count(491));
        bed.Net.Pass(TimeSpan.FromSeconds(12));
        Assert.Contains("answer", bed.Caller.Heard);
        Assert.Contains("answer", bed.Callee.Heard);
        Assert.DoesNotContain(bed.Caller.Heard.Concat(bed.Callee.Heard), word => word.StartsWith("refused", StringComparison.Ordinal));
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_second_offer_while_the_first_is_unanswered_gets_500_with_retry_after()
    {
        var bed = new CallBed().Established();
        bed.Caller.Session.Offer(CallBed.Offer);
        bed.Net.Settle();
        var first = System.Text.Encoding.UTF8.GetString(bed.Net.Last(SipMethod.Invite).Bytes);
        var cseq = bed.Net.Last(SipMethod.Invite).CSeqNumber;
        bed.Alice.Write(bed.Bob, first.Replace($"CSeq: {cseq} ", $"CSeq: {cseq + 1} ", StringComparison.Ordinal).Replace("branch=z9hG4bK", "branch=z9hG4bKx", StringComparison.Ordinal));
        Assert.NotNull(bed.Net.Last(500).Number(SipHeaderName.RetryAfter));
        bed.Callee.Session.AcceptOffer(CallBed.Answer);
        bed.Net.Settle();
        Assert.Equal("answer", bed.Caller.Heard[^1]);
    }

    [Fact]
    public void A_doubled_bye_gets_its_200_twice_and_ends_the_session_once()
    {
        var bed = new CallBed().Established();
        var doubled = false;
        bed.Net.Loses = one =>
        {
            if (one.Message.Method == SipMethod.Bye && one.Message.IsRequest && !doubled)
            {
                doubled = true;
                bed.Net.Double(one);
            }
            return false;
        };
        bed.HangsUp(bed.Caller);
        Assert.Equal(3, bed.Net.Count(200));
        Assert.Single(bed.Callee.Heard, word => word.StartsWith("ended", StringComparison.Ordinal));
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_peer_that_has_forgotten_the_dialog_ends_the_session()
    {
        var bed = new CallBed().Established();
        bed.Bob.IsManual = true;
        bed.Caller.Session.SendInfo("application/dtmf-relay", CallBed.Offer);
        bed.Net.Settle();
        bed.Bob.Reply(bed.Alice, bed.Bob.Received[^1], 481, "x", null);
        Assert.Equal("ended-PeerGone", bed.Caller.Heard[^1]);
        Assert.Equal(1, bed.Net.Count(SipMethod.Bye));
    }

    [Fact]
    public void A_request_with_an_old_cseq_gets_500()
    {
        var bed = new CallBed().Established();
        bed.Caller.Session.SendInfo("a/b", CallBed.Offer);
        bed.Net.Settle();
        var info = System.Text.Encoding.UTF8.GetString(bed.Net.Last(SipMethod.Info).Bytes);
        bed.Alice.Write(bed.Bob, info.Replace("branch=z9hG4bK", "branch=z9hG4bKx", StringComparison.Ordinal));
        Assert.Equal(1, bed.Net.Count(500));
        Assert.Single(bed.Callee.Heard, "info");
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_listener_that_breaks_ends_its_own_session_only()
    {
        var bed = new CallBed().Established();
        bed.Callee.Acts = (word, _) =>
        {
            if (word == "info") throw new InvalidOperationException("a bug");
        };
        bed.Caller.Session.SendInfo("a/b", CallBed.Offer);
        bed.Net.Settle();
        Assert.Equal(SessionEnd.Broken, bed.Callee.End);
        Assert.Equal(SessionEnd.Bye, bed.Caller.End);
        bed.NothingIsLeft();
    }

    /// <summary>RFC 5057 §7: a subscription that shared the dialog would take its requests from the call.</summary>
    [Fact]
    public void A_subscription_inside_a_calls_dialog_is_refused_and_the_call_ends_as_it_should()
    {
        var bed = new CallBed().Established();
        var bye = System.Text.Encoding.UTF8.GetString(bed.Net.Last(SipMethod.Invite).Bytes);
        var toTag = bed.Net.Last(200).ToTag;
        var subscribe = bye.Replace("INVITE sip", "SUBSCRIBE sip", StringComparison.Ordinal).Replace(" INVITE\r\n", " SUBSCRIBE\r\nEvent: dialog\r\nExpires: 600\r\n", StringComparison.Ordinal)
            .Replace("CSeq: 1 ", "CSeq: 2 ", StringComparison.Ordinal).Replace("branch=z9hG4bK", "branch=z9hG4bKx", StringComparison.Ordinal)
            .Replace("To: <sip:bob@10.0.0.2:5060>", $"To: <sip:bob@10.0.0.2:5060>;tag={toTag}", StringComparison.Ordinal);
        bed.Alice.Write(bed.Bob, subscribe);
        Assert.Equal(1, bed.Net.Count(403));
        Assert.Empty(bed.Bob.Core.Requests);
        bed.HangsUp(bed.Callee);
        Assert.Equal("ended-Bye", bed.Caller.Heard[^1]);
        bed.NothingIsLeft();
    }
}
