// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Tests.UserAgent;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Xunit;

namespace Beffroi.Sip.Tests.Dialogs;

/// <summary>Where requests inside a dialog go, and what they carry: RFC 3261 §12, forks §13.2.2.4; dialogs of other usages.</summary>
public sealed class SipDialogTests
{
    private readonly CallBed _bed = new();

    private SipSession Dialled(OutboundInvite? what = null)
    {
        _bed.Bob.IsManual = true;
        return _bed.Call(what);
    }

    private SipMessage Invite => _bed.Bob.Received.First(one => one.Method == SipMethod.Invite && one.IsRequest);

    private void BobReplies(int status, string tag, byte[]? sdp, params SipHeader[] headers) => _bed.Bob.Reply(_bed.Alice, Invite, status, tag, sdp, headers);

    private static SipHeader Contact(string uri) => new(SipHeaderName.Contact, $"<{uri}>");

    [Fact]
    public void Requests_follow_the_route_set_in_reverse_and_name_the_remote_target()
    {
        var session = Dialled();
        BobReplies(200, "b", CallBed.Answer, Contact("sip:bob@192.168.7.7"),
            new SipHeader(SipHeaderName.RecordRoute, "<sip:10.0.0.2:5060;lr;n=far>, <sip:10.0.0.2:5060;lr;n=near>"));
        session.End();
        _bed.Net.Settle();
        var bye = _bed.Net.Last(SipMethod.Bye);
        Assert.Equal("sip:bob@192.168.7.7", Encoding.ASCII.GetString(bye.RequestUriText));
        Assert.Equal(["near", "far"], bye.Addresses(SipHeaderName.Route).Select(route => route.Uri!.Parameter("n")!));
        Assert.Equal(_bed.Bob.Address, _bed.Net.Log[^1].To);
        Assert.Equal(2u, bye.CSeqNumber);
    }

    [Fact]
    public void A_strict_router_is_the_request_uri_and_the_target_the_last_route()
    {
        var session = Dialled();
        BobReplies(200, "b", CallBed.Answer, Contact("sip:bob@192.168.7.7"), new SipHeader(SipHeaderName.RecordRoute, "<sip:10.0.0.2:5060;n=strict>"));
        session.End();
        _bed.Net.Settle();
        var bye = _bed.Net.Last(SipMethod.Bye);
        Assert.Equal("sip:10.0.0.2:5060;n=strict", Encoding.ASCII.GetString(bye.RequestUriText));
        Assert.Equal("<sip:bob@192.168.7.7>", bye.Text(SipHeaderName.Route));
    }

    [Fact]
    public void A_phone_behind_nat_is_reached_where_its_invite_came_from()
    {
        _bed.Alice.IsManual = true;
        _bed.Alice.Write(_bed.Bob, """
            INVITE sip:bob@10.0.0.2 SIP/2.0
            Via: SIP/2.0/UDP 192.168.1.20:5060;branch=z9hG4bK1;rport
            Max-Forwards: 70
            From: <sip:alice@10.0.0.1>;tag=a
            To: <sip:bob@10.0.0.2>
            Call-ID: nat
            CSeq: 1 INVITE
            Contact: <sip:alice@192.168.1.20>
            Content-Length: 0


            """);
        _bed.Callee.Session.Answer(CallBed.Offer);
        _bed.Net.Settle();
        _bed.Callee.Session.End();
        _bed.Net.Pass(TimeSpan.FromSeconds(33));
        var bye = _bed.Net.Log.Last(one => one.Message.Method == SipMethod.Bye);
        Assert.Equal(_bed.Alice.Address, bye.To);
        Assert.Equal("sip:alice@192.168.1.20", Encoding.ASCII.GetString(bye.Message.RequestUriText));
    }

    [Fact]
    public void A_peer_without_nat_is_reached_at_its_contact()
    {
        var elsewhere = _bed.Net.Add("10.0.0.7:5060");
        elsewhere.IsManual = true;
        var session = Dialled();
        BobReplies(200, "b", CallBed.Answer, Contact("sip:bob@10.0.0.7"));
        session.End();
        _bed.Net.Settle();
        Assert.Equal([SipMethod.Ack, SipMethod.Bye], elsewhere.Received.Select(one => one.Method));
    }

    [Fact]
    public void Two_phones_ring_and_the_second_200_is_acknowledged_and_ended()
    {
        var session = Dialled();
        BobReplies(180, "one", null, Contact("sip:one@10.0.0.2:5060"));
        BobReplies(180, "two", null, Contact("sip:two@10.0.0.2:5060"));
        Assert.Equal(2, _bed.Alice.Stack.Dialogs);
        BobReplies(200, "two", CallBed.Answer, Contact("sip:two@10.0.0.2:5060"));
        Assert.Equal(1, _bed.Alice.Stack.Dialogs);
        Assert.Equal("two", session.RemoteTag);
        BobReplies(200, "one", CallBed.Answer, Contact("sip:one@10.0.0.2:5060"));
        Assert.Equal("180 180 accepted", _bed.Caller.Story);
        var ended = _bed.Net.Last(SipMethod.Bye);
        Assert.Equal("one", ended.ToTag);
        Assert.Equal("sip:one@10.0.0.2:5060", Encoding.ASCII.GetString(ended.RequestUriText));
        Assert.Equal(2, _bed.Net.Count(SipMethod.Ack));
        BobReplies(200, "one", CallBed.Answer, Contact("sip:one@10.0.0.2:5060"));
        Assert.Equal((3, 1), (_bed.Net.Count(SipMethod.Ack), _bed.Net.Count(SipMethod.Bye)));
        Assert.Equal(SessionState.Confirmed, session.State);
    }

    [Fact]
    public void A_subscription_has_its_dialog_and_notifies_in_it()
    {
        _bed.Alice.IsManual = true;
        var usage = new Usage();
        SipDialog? dialog = null;
        _bed.Bob.Core.WhenAsked = transaction =>
        {
            dialog = SipDialog.CreateUas(_bed.Bob.Stack, transaction, usage);
            transaction.Respond(200, null, [new SipHeader(SipHeaderName.Contact, dialog.Contact), new SipHeader(SipHeaderName.Expires, "300")]);
        };
        _bed.Alice.Write(_bed.Bob, Subscribe(1, ""));
        var outcomes = new List<SipOutcome>();
        _bed.Bob.Stack.SendInDialog(dialog!, SipMethod.Notify, [new SipHeader(SipHeaderName.Event, "dialog"), new SipHeader(SipHeaderName.SubscriptionState, "active")], null, default, outcomes.Add);
        _bed.Net.Settle();
        var notify = _bed.Alice.Received[^1];
        Assert.Equal("s", notify.ToTag);
        _bed.Alice.Reply(_bed.Bob, notify, 200, "s", null);
        Assert.True(Assert.Single(outcomes).IsSuccess);

        _bed.Alice.Write(_bed.Bob, Subscribe(2, $";tag={dialog!.LocalTag}"));
        Assert.Single(usage.Requests);
        Assert.Equal(1, _bed.Bob.Stack.Dialogs);
        _bed.Bob.Stack.Forget(dialog);
        _bed.Alice.Write(_bed.Bob, Subscribe(3, $";tag={dialog.LocalTag}"));
        Assert.Equal(481, _bed.Alice.Received[^1].StatusCode);
        _bed.NothingIsLeft();
    }

    private static string Subscribe(int cseq, string toTag) => $"""
        SUBSCRIBE sip:bob@10.0.0.2 SIP/2.0
        Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKs{cseq};rport
        Max-Forwards: 70
        From: <sip:alice@10.0.0.1>;tag=s
        To: <sip:bob@10.0.0.2>{toTag}
        Call-ID: sub
        CSeq: {cseq} SUBSCRIBE
        Event: dialog
        Contact: <sip:alice@10.0.0.1>
        Content-Length: 0


        """;

    private sealed class Usage : ISipDialogUsage
    {
        internal List<ServerTransaction> Requests { get; } = [];

        public void OnRequest(SipDialog dialog, ServerTransaction transaction)
        {
            Requests.Add(transaction);
            transaction.Respond(200);
        }
    }

    [Theory]
    [InlineData("a@b;to-tag=1;from-tag=2", true, false)]
    [InlineData("a@b ; from-tag=2; early-only ;to-tag=1", true, true)]
    [InlineData("a@b;to-tag=1", false, false)]
    [InlineData("a@b;to-tag=1;to-tag=1;from-tag=2", false, false)]
    [InlineData(";to-tag=1;from-tag=2", false, false)]
    [InlineData("a;to-tag=1;from-tag=2, b;to-tag=1;from-tag=2", false, false)]
    [InlineData("", false, false)]
    public void Replaces_is_read_as_the_grammar_says(string text, bool good, bool earlyOnly)
    {
        Assert.Equal(good, ReplacesHeader.TryParse(text, out var replaces));
        if (good) Assert.Equal(("1", "2", earlyOnly), (replaces!.ToTag, replaces.FromTag, replaces.EarlyOnly));
    }

    [Fact]
    public void An_invite_with_replaces_is_given_the_session_it_names()
    {
        var bed = new CallBed().Established();
        var session = bed.Callee.Session;
        var header = new SipHeader(SipHeaderName.Replaces, new ReplacesHeader(session.CallId, session.LocalTag, session.RemoteTag).Reveal());
        bed.Alice.Stack.Invite(bed.ToBob with { Headers = [header] }, new Ear());
        bed.Net.Settle();
        Assert.Same(session, bed.Bob.Core.Invites[^1].Replaces);
        var asThePeerSeesIt = new SipHeader(SipHeaderName.Replaces, new ReplacesHeader(session.CallId, session.RemoteTag, session.LocalTag).Reveal());
        bed.Alice.Stack.Invite(bed.ToBob with { Headers = [asThePeerSeesIt] }, new Ear());
        bed.Net.Settle();
        Assert.Same(session, bed.Bob.Core.Invites[^1].Replaces);

        Assert.Equal("rejected-486", Refused(bed, new ReplacesHeader(session.CallId, session.LocalTag, session.RemoteTag, EarlyOnly: true)));
        Assert.Equal("rejected-481", Refused(bed, new ReplacesHeader(session.CallId, session.LocalTag, "other")));
        bed.Callee.Session.Progress(180);
        bed.Net.Settle();
        var ringing = bed.Callee.Session;                              // an early dialog that its caller began
        Assert.Equal("rejected-481", Refused(bed, new ReplacesHeader(ringing.CallId, ringing.LocalTag, ringing.RemoteTag)));
    }

    private static string Refused(CallBed bed, ReplacesHeader replaces)
    {
        var ear = new Ear();
        bed.Alice.Stack.Invite(bed.ToBob with { Headers = [new SipHeader(SipHeaderName.Replaces, replaces.Reveal())] }, ear);
        bed.Net.Settle();
        return ear.Heard[0];
    }

    [Fact]
    public void A_call_over_a_registered_flow_stays_on_it()
    {
        var bed = new CallBed();
        bed.Call(bed.ToBob with { Target = SipUri.Parse("sip:bob@192.168.3.3:1234"), Flow = bed.Alice.FlowTo(bed.Bob) });
        bed.Callee.Session.Answer(CallBed.Answer);
        bed.Net.Settle();
        bed.HangsUp(bed.Caller);
        Assert.Equal("INVITE 200 ACK BYE 200", bed.Net.Story());
        Assert.All(bed.Net.Log.Where(one => one.From.Equals(bed.Alice.Address)), one => Assert.Equal(bed.Bob.Address, one.To));
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_dead_registered_flow_gives_430()
    {
        var flow = _bed.Alice.FlowTo(_bed.Bob, SipTransportKind.Tcp);
        flow.Close();
        _bed.Call(_bed.ToBob with { Flow = flow });
        Assert.Equal("rejected-430 ended-TransportFailed", _bed.Caller.Story);
        Assert.Empty(_bed.Net.Log);
        _bed.NothingIsLeft();
    }
}
