// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using System.Text.Json;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;
using Xunit;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>What happens during a call: re-INVITE and hold, session timers (RFC 4028), INFO, REFER (RFC 3515), writing down and taking up.</summary>
public sealed class SessionChangeTests
{
    private static readonly SipStackOptions Brief = new() { Product = "", SessionExpires = TimeSpan.FromSeconds(120) };

    [Fact]
    public void Bob_holds_the_call_by_a_re_invite()
    {
        var bed = new CallBed().Established();
        var start = bed.Net.Log.Count;
        bed.Caller.Acts = (word, session) =>
        {
            if (word == "offer") session.AcceptOffer(CallBed.Answer);
        };
        bed.Callee.Session.Offer(Encoding.ASCII.GetBytes("hold"));
        bed.Net.Settle();
        Assert.Equal("INVITE 200 ACK", bed.Net.Story(start));
        Assert.Equal("hold", bed.Caller.Sdp);
        Assert.Equal("ack answer", bed.Callee.Story);
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_refused_offer_leaves_the_session_as_it_was()
    {
        var bed = new CallBed().Established();
        bed.Caller.Session.Offer(CallBed.Offer);
        bed.Net.Settle();
        bed.Callee.Session.RejectOffer(488);
        bed.Net.Settle();
        Assert.Equal("refused-488", bed.Caller.Heard[^1]);
        Assert.Equal(SessionState.Confirmed, bed.Caller.Session.State);
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void An_offer_made_while_another_is_open_follows_it()
    {
        var bed = new CallBed().Established();
        bed.Callee.Acts = (word, session) =>
        {
            if (word == "offer") session.AcceptOffer(CallBed.Answer);
        };
        bed.Caller.Session.Offer(CallBed.Offer);
        bed.Caller.Session.Offer(Encoding.ASCII.GetBytes("second"));
        bed.Net.Settle();
        Assert.Equal(2, bed.Caller.Heard.Count(word => word == "answer"));
        Assert.Equal("second", bed.Callee.Sdp);
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_re_invite_without_offer_gets_ours_and_its_ack_brings_the_answer()
    {
        var bed = new CallBed().Established();
        bed.Callee.Acts = (word, session) =>
        {
            if (word == "offer-wanted") session.AcceptOffer(CallBed.Offer);
        };
        var invite = Encoding.UTF8.GetString(bed.Net.Last(SipMethod.Invite).Bytes).Replace("CSeq: 1 ", "CSeq: 7 ", StringComparison.Ordinal)
            .Replace("branch=z9hG4bK", "branch=z9hG4bKx", StringComparison.Ordinal).Replace("<sip:bob@10.0.0.2:5060>", $"<sip:bob@10.0.0.2:5060>;tag={bed.Callee.Session.LocalTag}", StringComparison.Ordinal);
        bed.Alice.IsManual = true;
        bed.Alice.Write(bed.Bob, invite[..invite.IndexOf("Content-Type", StringComparison.Ordinal)] + "Content-Length: 0\r\n\r\n");
        var answer = bed.Alice.Received[^1];
        Assert.Equal(200, answer.StatusCode);
        Assert.Equal(CallBed.Offer, answer.Body.ToArray());
        bed.Alice.Write(bed.Bob, Encoding.UTF8.GetString(bed.Net.Last(SipMethod.Ack).Bytes).Replace("CSeq: 1 ", "CSeq: 7 ", StringComparison.Ordinal)
            .Replace("Content-Length: 0", "Content-Type: application/sdp\r\nContent-Length: 3", StringComparison.Ordinal) + "abc");
        Assert.Equal("ack offer-wanted answer", bed.Callee.Story);
        Assert.Equal("abc", bed.Callee.Sdp);
    }

    [Fact]
    public void The_caller_refreshes_the_session_by_update_at_half_its_time()
    {
        var bed = new CallBed(Brief, Brief).Established();
        var start = bed.Net.Log.Count;
        bed.Net.Pass(TimeSpan.FromSeconds(61));
        Assert.Equal("UPDATE 200", bed.Net.Story(start));
        Assert.Equal("120;refresher=uac", bed.Net.Last(SipMethod.Update).Text(SipHeaderName.SessionExpires));
        bed.Net.Pass(TimeSpan.FromSeconds(300));
        Assert.Equal(SessionState.Confirmed, bed.Callee.Session.State);
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_session_nobody_refreshes_is_ended_by_the_side_that_waits()
    {
        var bed = new CallBed(Brief, Brief).Established();
        bed.Net.Loses = one => one.From.Equals(bed.Alice.Address);
        bed.Net.Pass(TimeSpan.FromSeconds(90));
        Assert.Equal(SessionEnd.SessionTimerExpired, bed.Callee.End);
        Assert.Contains("expired", bed.Net.Last(SipMethod.Bye).Text(SipHeaderName.Reason), StringComparison.Ordinal);
        bed.Net.Pass(TimeSpan.FromSeconds(60));
        Assert.NotNull(bed.Caller.End);
        bed.NothingIsLeft();
    }

    [Fact]
    public void The_called_side_refreshes_for_a_caller_without_timers()
    {
        var bed = new CallBed(Brief, Brief);
        bed.Alice.IsManual = true;
        bed.Alice.Write(bed.Bob, """
            INVITE sip:bob@10.0.0.2 SIP/2.0
            Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;rport
            Max-Forwards: 70
            From: <sip:alice@10.0.0.1>;tag=a
            To: <sip:bob@10.0.0.2>
            Call-ID: old
            CSeq: 1 INVITE
            Contact: <sip:alice@10.0.0.1>
            Content-Length: 0


            """);
        bed.Callee.Session.Answer(CallBed.Offer);
        bed.Net.Settle();
        var accepted = bed.Alice.Received[^1];
        Assert.Equal("120;refresher=uas", accepted.Text(SipHeaderName.SessionExpires));
        Assert.False(accepted.HasToken(SipHeaderName.Require, "timer"));
        bed.Alice.Write(bed.Bob, $"""
            ACK sip:bob@10.0.0.2 SIP/2.0
            Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK2;rport
            Max-Forwards: 70
            From: <sip:alice@10.0.0.1>;tag=a
            To: <sip:bob@10.0.0.2>;tag={accepted.ToTag}
            Call-ID: old
            CSeq: 1 ACK
            Content-Length: 0


            """);
        bed.Net.Pass(TimeSpan.FromSeconds(61));
        var refresh = bed.Alice.Received[^1];                          // this caller knows no UPDATE: a re-INVITE with the same description
        Assert.Equal(SipMethod.Invite, refresh.Method);
        Assert.Equal(CallBed.Offer, refresh.Body.ToArray());
    }

    [Fact]
    public void The_called_side_refreshes_by_update_and_answers_the_updates_of_a_caller_who_takes_the_role()
    {
        var bed = new CallBed(Brief, Brief);
        bed.Alice.IsManual = true;
        bed.Alice.Write(bed.Bob, InDialog("INVITE", 1, "", "Allow: INVITE, ACK, BYE, UPDATE\nSupported: timer\nSession-Expires: 120;refresher=uas\n"));
        bed.Callee.Session.Answer(CallBed.Offer);
        bed.Net.Settle();
        var tag = bed.Alice.Received[^1].ToTag;
        bed.Alice.Write(bed.Bob, InDialog("ACK", 1, tag, ""));
        bed.Net.Pass(TimeSpan.FromSeconds(61));
        var ours = bed.Alice.Received[^1];
        Assert.Equal((SipMethod.Update, "120;refresher=uac", 0), (ours.Method, ours.Text(SipHeaderName.SessionExpires), ours.Body.Length));
        bed.Alice.Reply(bed.Bob, ours, 200, "a", null, new SipHeader(SipHeaderName.SessionExpires, "120;refresher=uac"), new SipHeader(SipHeaderName.Contact, "<sip:alice@10.0.0.1>"));

        bed.Alice.Write(bed.Bob, InDialog("UPDATE", 2, tag, "Supported: timer\nSession-Expires: 120;refresher=uac\n"));
        var answer = bed.Alice.Received[^1];
        Assert.Equal((200, "120;refresher=uac", true), (answer.StatusCode, answer.Text(SipHeaderName.SessionExpires), answer.HasToken(SipHeaderName.Require, "timer")));
        Assert.True(answer.Has(SipHeaderName.Contact));
        var start = bed.Net.Log.Count;
        bed.Net.Pass(TimeSpan.FromSeconds(80));
        Assert.Equal("", bed.Net.Story(start));                        // the caller refreshes now, and has until 88 s
        bed.Net.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(SessionEnd.SessionTimerExpired, bed.Callee.End);
    }

    [Fact]
    public void A_peer_that_names_update_and_refuses_it_is_refreshed_by_a_re_invite_with_what_was_said_last()
    {
        var bed = new CallBed(Brief, Brief).Established();
        var start = bed.Net.Log.Count;
        bed.Caller.Acts = (word, session) =>
        {
            if (word == "offer-wanted") session.AcceptOffer(CallBed.Offer);
        };
        bed.Callee.Acts = (word, session) =>
        {
            if (word == "offer") session.AcceptOffer(CallBed.Answer);
        };
        bed.Bob.IsManual = true;
        bed.Net.Pass(TimeSpan.FromSeconds(60.5));
        bed.Bob.IsManual = false;
        bed.Bob.Reply(bed.Alice, bed.Net.Last(SipMethod.Update), 405, "", null);
        bed.Net.Settle();
        Assert.StartsWith("UPDATE", bed.Net.Story(start), StringComparison.Ordinal);
        Assert.EndsWith("405 INVITE 200 ACK", bed.Net.Story(start), StringComparison.Ordinal);
        Assert.Equal(CallBed.Offer, bed.Net.Last(SipMethod.Invite).Body.ToArray());
        bed.Net.Pass(TimeSpan.FromSeconds(61));
        Assert.EndsWith("INVITE 200 ACK", bed.Net.Story(start), StringComparison.Ordinal);
        Assert.Equal(2, bed.Net.Log.Skip(start).Count(one => one.Message is { IsRequest: true, Method: SipMethod.Invite }));
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    /// <summary>Alice by hand, in the dialog with Bob's tag.</summary>
    private static string InDialog(string method, int sequence, string tag, string headers) => $"""
        {method} sip:bob@10.0.0.2 SIP/2.0
        Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK{method}{sequence};rport
        Max-Forwards: 70
        From: <sip:alice@10.0.0.1>;tag=a
        To: <sip:bob@10.0.0.2>{(tag.Length > 0 ? ";tag=" + tag : "")}
        Call-ID: by-hand
        CSeq: {sequence} {method}
        Contact: <sip:alice@10.0.0.1>
        {headers}Content-Length: 0


        """;

    [Fact]
    public void An_interval_too_brief_is_raised_and_asked_for_again()
    {
        var bed = new CallBed(Brief with { SessionExpires = TimeSpan.FromSeconds(100) }, Brief with { MinSessionExpires = TimeSpan.FromSeconds(300) });
        bed.Call();
        bed.Callee.Session.Answer(CallBed.Answer);
        bed.Net.Settle();
        Assert.Equal("INVITE 422 ACK INVITE 200 ACK", bed.Net.Story());
        Assert.Equal("300", bed.Net.Last(SipMethod.Invite).Text(SipHeaderName.SessionExpires));
        Assert.Equal("300", bed.Net.Last(SipMethod.Invite).Text(SipHeaderName.MinSE));
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void Bob_asks_Alice_to_call_Carol_instead_and_hears_how_it_goes()
    {
        var bed = new CallBed().Established();
        var start = bed.Net.Log.Count;
        bed.Callee.Session.Refer(NameAddress.TryParse("<sip:carol@10.0.0.3?Replaces=abc%40h%3Bto-tag%3D1%3Bfrom-tag%3D2>", out var target) ? target : null!, null);
        bed.Net.Settle();
        var refer = bed.Caller.Refer!;
        Assert.Equal("<sip:carol@10.0.0.3>", refer.Target.Reveal());
        Assert.Equal(("abc@h", "1", "2"), (refer.Replaces!.CallId, refer.Replaces.ToTag, refer.Replaces.FromTag));
        refer.Accept();
        bed.Net.Settle();
        refer.Notify(180);
        bed.Net.Settle();
        refer.Notify(200);
        refer.Notify(200);                                             // too late
        bed.Net.Settle();
        Assert.Equal("REFER 202 NOTIFY 200 NOTIFY 200 NOTIFY 200", bed.Net.Story(start));
        Assert.Equal("ack refer-100 refer-180 refer-200!", bed.Callee.Story);
        Assert.Equal("terminated;reason=noresource", bed.Net.Last(SipMethod.Notify).Text(SipHeaderName.SubscriptionState));
        bed.HangsUp(bed.Callee);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_referrer_that_hangs_up_at_once_is_still_told()
    {
        var bed = new CallBed().Established();
        bed.Callee.Session.Refer(new NameAddress(SipUri.Parse("sip:carol@10.0.0.3")), null);
        bed.Net.Settle();
        bed.Caller.Refer!.Accept();
        bed.HangsUp(bed.Callee);
        bed.Caller.Refer.Notify(200);
        bed.Net.Settle();
        Assert.Equal(2, bed.Net.Count(SipMethod.Notify));
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_refused_refer_is_told_with_its_status()
    {
        var bed = new CallBed().Established();
        bed.Callee.Session.Refer(new NameAddress(SipUri.Parse("sip:carol@10.0.0.3")), null);
        bed.Net.Settle();
        bed.Caller.Refer!.Refuse(603);
        bed.Net.Settle();
        Assert.Equal("refer-603!", bed.Callee.Heard[^1]);
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void Info_is_answered_and_told()
    {
        var bed = new CallBed().Established();
        bed.Caller.Session.SendInfo("application/dtmf-relay", Encoding.ASCII.GetBytes("Signal=5"));
        bed.Net.Settle();
        Assert.Equal("info", bed.Callee.Heard[^1]);
        Assert.Equal("Signal=5", Encoding.ASCII.GetString(bed.Callee.Request!.Body));
        bed.HangsUp(bed.Caller);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_session_is_written_down_and_taken_up_by_another_process()
    {
        var bed = new CallBed().Established();
        var written = JsonSerializer.Serialize(bed.Callee.Session.Snapshot());
        var other = new SipStack(new SipStackOptions { Product = "" }, bed.Bob, bed.Bob, bed.Net.Wheel, bed.Net.Time, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance) { Core = bed.Bob.Core };
        var ear = new Ear();
        var session = SipSession.Restore(other, JsonSerializer.Deserialize<SessionSnapshot>(written)!, ear);
        Assert.Equal(1, other.Sessions);
        session.End();
        bed.Net.Settle();                                              // the BYE fits the dialog: Alice takes it
        Assert.Equal(SessionEnd.Bye, bed.Caller.End);
        var answer = bed.Net.Last(200);
        other.Receive(answer, bed.Bob.FlowTo(bed.Alice));              // its answer went to the process that is no more
        Assert.Equal("ended-Local", ear.Story);
        Assert.Equal((0, 0), (other.Sessions, other.Dialogs));
    }

    [Fact]
    public void A_session_written_down_inside_a_callback_is_the_present_one()
    {
        var bed = new CallBed().Established();
        SessionSnapshot? snapshot = null;
        bed.Callee.Acts = (word, session) =>
        {
            if (word == "info") snapshot = session.Snapshot();
        };
        bed.Caller.Session.SendInfo("a/b", CallBed.Offer);
        bed.Net.Settle();
        Assert.Equal(2u, snapshot!.RemoteCSeq);
    }
}
