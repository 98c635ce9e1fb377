// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Tests.UserAgent;
using Beffroi.Sip.Transport;
using Xunit;

namespace Beffroi.Sip.Tests.Transactions;

/// <summary>The connection of a request is gone before its response: RFC 3261 §18.2.2.</summary>
public sealed class LostConnectionTests
{
    private readonly CallBed _bed = new();
    private readonly WireHost _calling;

    public LostConnectionTests()
    {
        _calling = _bed.Net.Add("10.0.0.1:40001");          // Alice's passing port; she listens at 5060
        _calling.IsManual = _bed.Alice.IsManual = true;
    }

    private void Calls(string via = "10.0.0.1:5060", SipTransportKind kind = SipTransportKind.Tcp) => _calling.Write(_bed.Bob, $"""
        INVITE sip:bob@10.0.0.2 SIP/2.0
        Via: SIP/2.0/{kind.ViaToken()} {via};branch=z9hG4bK1;rport
        Max-Forwards: 70
        From: <sip:alice@10.0.0.1>;tag=a
        To: <sip:bob@10.0.0.2>
        Call-ID: lost
        CSeq: 1 INVITE
        Contact: <sip:alice@10.0.0.1:5060;transport=tcp>
        Content-Length: 0


        """, kind);

    private void ConnectionBreaks(SipTransportKind kind = SipTransportKind.Tcp) => _bed.Bob.Flow(kind, _calling.Address).Close();

    [Fact]
    public void The_response_goes_by_a_new_connection_to_the_port_of_the_via()
    {
        Calls();
        ConnectionBreaks();
        _bed.Callee.Session.Progress(180);
        _bed.Net.Settle();
        _bed.Callee.Session.Reject(486);
        _bed.Net.Settle();
        Assert.Equal([180, 486], _bed.Alice.Received.Select(one => one.StatusCode));
        Assert.All(_bed.Net.Log.Where(one => one.To.Equals(_bed.Alice.Address)), one => Assert.Equal(SipTransportKind.Tcp, one.Kind));
        Assert.Equal(0, _bed.Bob.Stack.Counters.Unsendable);
        _bed.NothingIsLeft();
    }

    [Fact]
    public void Without_a_port_in_the_via_it_is_that_of_the_transport()
    {
        Calls("alice.invalid");
        ConnectionBreaks();
        _bed.Callee.Session.Reject(486);
        _bed.Net.Settle();
        Assert.Equal(486, Assert.Single(_bed.Alice.Received).StatusCode);
    }

    [Fact]
    public void An_answered_call_goes_on_by_the_new_connection()
    {
        Calls();
        ConnectionBreaks();
        _bed.Callee.Session.Answer(CallBed.Offer);
        _bed.Net.Settle();
        Assert.Equal(200, _bed.Alice.Received[^1].StatusCode);
        _bed.Callee.Session.End();
        _bed.Net.Pass(TimeSpan.FromSeconds(33));
        Assert.Contains(_bed.Alice.Received, one => one.Method == SipMethod.Bye);
    }

    [Fact]
    public void While_it_connects_the_newest_response_waits_and_goes_alone()
    {
        WireNetwork.GoOnAtOnce();
        var connected = new TaskCompletionSource<SipFlow?>();
        Calls();
        ConnectionBreaks();
        _bed.Bob.Connecting = (_, _) => new ValueTask<SipFlow?>(connected.Task);
        _bed.Callee.Session.Progress(180);
        _bed.Callee.Session.Reject(603);
        connected.SetResult(_bed.Bob.FlowTo(_bed.Alice, SipTransportKind.Tcp));
        _bed.Net.Settle();
        Assert.Equal(603, Assert.Single(_bed.Alice.Received).StatusCode);
    }

    [Fact]
    public void Where_no_connection_can_be_had_the_response_is_counted_as_lost()
    {
        Calls();
        ConnectionBreaks();
        _bed.Bob.Connecting = (_, _) => new ValueTask<SipFlow?>((SipFlow?)null);
        _bed.Callee.Session.Reject(486);
        Assert.Equal(1, _bed.Bob.Stack.Counters.Unsendable);
        _bed.NothingIsLeft();
    }

    [Fact]
    public void A_browser_cannot_be_called_back_and_nothing_is_tried()
    {
        Calls(kind: SipTransportKind.Ws);
        ConnectionBreaks(SipTransportKind.Ws);
        _bed.Bob.Connecting = (_, _) => throw new InvalidOperationException("tried to connect to a browser");
        _bed.Callee.Session.Reject(486);
        Assert.Equal(1, _bed.Bob.Stack.Counters.Unsendable);
        Assert.Empty(_bed.Alice.Received);
        _bed.NothingIsLeft();
    }
}
