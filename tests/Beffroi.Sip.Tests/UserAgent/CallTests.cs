// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Xunit;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>Calls as RFC 3665 §3 draws them, between two stacks.</summary>
public sealed class CallTests
{
    [Fact]
    public void Alice_calls_Bob_who_answers_and_hangs_up()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Callee.Session.Progress(180);
        bed.Net.Settle();
        bed.Callee.Session.Answer(CallBed.Answer);
        bed.Net.Settle();
        bed.HangsUp(bed.Callee);

        Assert.Equal("INVITE 180 200 ACK BYE 200", bed.Net.Story());
        Assert.Equal("180 accepted ended-Bye", bed.Caller.Story);
        Assert.Equal("ack ended-Local", bed.Callee.Story);
        Assert.Equal("v=0 answer\r\n", bed.Caller.Sdp);
        bed.NothingIsLeft();
    }

    [Fact]
    public void The_caller_hangs_up_with_a_reason()
    {
        var bed = new CallBed().Established();
        bed.Caller.Session.End("Q.850;cause=16");
        bed.Net.Settle();

        Assert.Equal("ended-Local", bed.Caller.Heard[^1]);
        Assert.Equal("ended-Bye", bed.Callee.Heard[^1]);
        Assert.Equal("Q.850;cause=16", bed.Callee.EndRequest!.Text(SipHeaderName.Reason));
        bed.NothingIsLeft();
    }

    [Theory]
    [InlineData(SipTransportKind.Tcp)]
    [InlineData(SipTransportKind.Tls)]
    [InlineData(SipTransportKind.Wss)]
    public void A_call_over_a_connection_stays_on_it(SipTransportKind kind)
    {
        var bed = new CallBed().Established(kind);
        bed.HangsUp(bed.Callee);
        Assert.All(bed.Net.Log, one => Assert.Equal(kind, one.Kind));
        Assert.Equal("INVITE 180 200 ACK BYE 200", bed.Net.Story());
        bed.NothingIsLeft();
    }

    [Fact]
    public void Bob_says_nothing_for_200_ms_and_100_goes_out()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Net.Pass(TimeSpan.FromMilliseconds(150));
        Assert.Equal("INVITE", bed.Net.Story());
        bed.Net.Pass(TimeSpan.FromMilliseconds(100));
        Assert.Equal("INVITE 100", bed.Net.Story());
        bed.Net.Pass(TimeSpan.FromSeconds(20));
        Assert.Equal("INVITE 100", bed.Net.Story());                 // it stopped Alice's timer A
        bed.Callee.Session.Reject(486);
        bed.Net.Settle();
        Assert.Equal("rejected-486 ended-Rejected", bed.Caller.Story);
        Assert.Equal("ended-Rejected", bed.Callee.Story);
        Assert.Equal("INVITE 100 486 ACK", bed.Net.Story());
        bed.NothingIsLeft();
    }

    [Fact]
    public void Alice_gives_up_while_Bob_rings()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Callee.Session.Progress(180);
        bed.Net.Settle();
        bed.Caller.Session.Cancel("SIP;cause=200;text=\"Call completed elsewhere\"");
        bed.Net.Settle();

        Assert.Equal("INVITE 180 CANCEL 200 487 ACK", bed.Net.Story());
        Assert.Equal("180 rejected-487 ended-Cancelled", bed.Caller.Story);
        Assert.Equal("cancelled ended-Cancelled", bed.Callee.Story);
        Assert.Equal("SIP;cause=200;text=\"Call completed elsewhere\"", bed.Callee.EndRequest!.Text(SipHeaderName.Reason));
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_cancel_waits_for_the_first_provisional_response()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Caller.Session.Cancel();
        bed.Net.Settle();
        Assert.Equal(0, bed.Net.Count(SipMethod.Cancel));
        bed.Net.Pass(TimeSpan.FromMilliseconds(250));                 // 100 comes
        Assert.Equal("INVITE 100 CANCEL 200 487 ACK", bed.Net.Story());
        bed.NothingIsLeft();
    }

    [Fact]
    public void Nobody_is_there_and_the_outcome_is_408()
    {
        var bed = new CallBed();
        bed.Net.Loses = _ => true;
        bed.Call();
        bed.Net.Pass(TimeSpan.FromSeconds(33));
        Assert.Equal("rejected-408 ended-Rejected", bed.Caller.Story);
        Assert.Equal(7, bed.Net.Count(SipMethod.Invite));             // at 0, .5, 1.5, 3.5, 7.5, 15.5, 31.5 s: timer A doubles
        bed.NothingIsLeft();
    }

    [Fact]
    public void The_ring_time_is_over_and_the_call_is_cancelled_as_408()
    {
        var bed = new CallBed();
        bed.Call(bed.ToBob with { RingTimeout = TimeSpan.FromSeconds(20) });
        bed.Callee.Session.Progress(180);
        bed.Net.Pass(TimeSpan.FromSeconds(21));
        Assert.Equal("180 rejected-408 ended-Cancelled", bed.Caller.Story);
        Assert.Equal("cancelled ended-Cancelled", bed.Callee.Story);
        bed.NothingIsLeft();
    }

    [Fact]
    public void Bob_sends_Alice_elsewhere()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Callee.Session.Redirect([new NameAddress(SipUri.Parse("sip:carol@10.0.0.3"))]);
        bed.Net.Settle();
        Assert.Equal("rejected-302 ended-Rejected", bed.Caller.Story);
        Assert.Equal("carol", bed.Caller.Response!.Addresses(SipHeaderName.Contact)[0].Uri!.User);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_ringing_phone_is_heard_again_every_minute()
    {
        var bed = new CallBed();
        bed.Call();
        bed.Callee.Session.Progress(180);
        bed.Net.Settle();
        bed.Net.Pass(TimeSpan.FromSeconds(185));
        Assert.Equal(4, bed.Net.Count(180));
        bed.HangsUp(bed.Callee);
        Assert.Equal("rejected-480", bed.Caller.Heard[^2]);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_late_offer_is_answered_in_the_ack()
    {
        var bed = new CallBed();
        bed.Call(bed.ToBob with { Sdp = null });
        Assert.True(bed.Bob.Core.Invites[0].Sdp.IsEmpty);
        bed.Callee.Session.Answer(CallBed.Offer);
        bed.Net.Settle();
        Assert.Equal(SessionState.Accepted, bed.Caller.Session.State);
        bed.Caller.Session.AnswerAck(CallBed.Answer);
        bed.Net.Settle();
        Assert.Equal("INVITE 200 ACK", bed.Net.Story());
        Assert.Equal("ack", bed.Callee.Story);
        Assert.Equal("v=0 answer\r\n", bed.Callee.Sdp);
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }
}
