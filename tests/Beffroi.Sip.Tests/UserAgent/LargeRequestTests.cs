// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Xunit;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>Requests that a datagram should not carry: RFC 3261 §18.1.1.</summary>
public sealed class LargeRequestTests
{
    private static readonly byte[] Large = new byte[1300];
    private readonly CallBed _bed = new();

    private OutboundInvite LargeCall => _bed.ToBob with { Sdp = Large };

    private IEnumerable<SipTransportKind> Ways(SipMethod method) => _bed.Net.Log.Where(one => one.Message.IsRequest && one.Message.Method == method).Select(one => one.Kind);

    [Fact]
    public void A_large_invite_goes_by_tcp_and_says_so_and_the_call_stays_there()
    {
        _bed.Call(LargeCall);
        _bed.Callee.Session.Answer(CallBed.Answer);
        _bed.Net.Settle();
        var invite = _bed.Net.Last(SipMethod.Invite);
        Assert.Equal("TCP", invite.TopVia.Transport);
        Assert.Equal("tcp", invite.Addresses(SipHeaderName.Contact)[0].Uri!.Transport);
        Assert.Equal("INVITE 200 ACK", _bed.Net.Story());
        _bed.HangsUp(_bed.Callee);
        Assert.All(_bed.Net.Log, one => Assert.Equal(SipTransportKind.Tcp, one.Kind));
        _bed.NothingIsLeft();
    }

    [Fact]
    public void A_small_one_goes_by_udp()
    {
        _bed.Established();
        Assert.All(_bed.Net.Log, one => Assert.Equal(SipTransportKind.Udp, one.Kind));
    }

    [Fact]
    public void Where_nobody_takes_tcp_it_goes_by_udp_after_all_and_the_next_one_does_not_ask_for_ten_minutes()
    {
        var asked = 0;
        _bed.Alice.Connecting = (kind, _) => kind == SipTransportKind.Tcp && ++asked > 0 ? new ValueTask<SipFlow?>((SipFlow?)null) : null;
        _bed.Call(LargeCall);
        _bed.Callee.Session.Reject(486);
        _bed.Net.Settle();
        _bed.Call(LargeCall);
        Assert.Equal([SipTransportKind.Udp, SipTransportKind.Udp], Ways(SipMethod.Invite));
        Assert.Equal(1, asked);
        _bed.Callee.Session.Reject(486);
        _bed.Net.Pass(TimeSpan.FromMinutes(11));
        _bed.Call(LargeCall);
        Assert.Equal(2, asked);
        _bed.Callee.Session.Reject(486);
        _bed.NothingIsLeft();
    }

    [Fact]
    public void A_connection_that_does_not_come_is_waited_for_two_seconds()
    {
        WireNetwork.GoOnAtOnce();
        _bed.Alice.Connecting = (kind, stop) => kind == SipTransportKind.Tcp ? new ValueTask<SipFlow?>(Never(stop)) : null;
        _bed.Call(LargeCall);
        _bed.Net.Pass(TimeSpan.FromSeconds(1.9));
        Assert.Empty(_bed.Net.Log);
        _bed.Net.Pass(TimeSpan.FromSeconds(0.2));
        Assert.Equal(SipTransportKind.Udp, Assert.Single(Ways(SipMethod.Invite)));
        _bed.Callee.Session.Reject(486);
        _bed.NothingIsLeft();

        static async Task<SipFlow?> Never(CancellationToken stop)
        {
            var end = new TaskCompletionSource<SipFlow?>();                 // continues on the thread that moves the clock
            await using var ended = stop.Register(() => end.SetCanceled(stop));
            return await end.Task;
        }
    }

    [Fact]
    public void A_caller_who_gives_up_meanwhile_calls_nobody()
    {
        WireNetwork.GoOnAtOnce();
        var connected = new TaskCompletionSource<SipFlow?>();
        _bed.Alice.Connecting = (_, _) => new ValueTask<SipFlow?>(connected.Task);
        var session = _bed.Call(LargeCall with { Targets = [new SipTarget(SipTransportKind.Udp, _bed.Bob.Address)] });
        session.Cancel();
        connected.SetResult(_bed.Alice.FlowTo(_bed.Bob, SipTransportKind.Tcp));
        _bed.Net.Settle();
        Assert.Empty(_bed.Net.Log);
        Assert.Equal("rejected-487 ended-Cancelled", _bed.Caller.Story);
        _bed.NothingIsLeft();
    }

    [Fact]
    public void A_connection_that_breaks_before_a_word_was_heard_sends_it_back_to_udp()
    {
        _bed.Net.Loses = one => one.Kind == SipTransportKind.Tcp;
        _bed.Call(LargeCall);
        _bed.Alice.Flow(SipTransportKind.Tcp, _bed.Bob.Address).Close();
        _bed.Net.Settle();
        Assert.Equal([SipTransportKind.Tcp, SipTransportKind.Udp], Ways(SipMethod.Invite));
        _bed.Callee.Session.Answer(CallBed.Answer);
        _bed.Net.Settle();
        Assert.Equal("accepted", _bed.Caller.Story);
        _bed.HangsUp(_bed.Caller);
        _bed.NothingIsLeft();
    }

    [Fact]
    public void Who_is_reached_by_his_registered_flow_or_asks_for_udp_in_his_address_keeps_udp()
    {
        _bed.Call(LargeCall with { Flow = _bed.Alice.FlowTo(_bed.Bob) });
        _bed.Callee.Session.Reject(486);
        _bed.Net.Settle();
        _bed.Call(LargeCall with { Target = _bed.ToBob.Target.WithParameter("transport", "udp") });
        _bed.Callee.Session.Reject(486);
        Assert.Equal([SipTransportKind.Udp, SipTransportKind.Udp], Ways(SipMethod.Invite));
        _bed.NothingIsLeft();
    }

    [Fact]
    public void Where_the_town_listens_on_udp_alone_nothing_leaves_it()
    {
        var bed = new CallBed(new SipStackOptions { Product = "", LargeRequestsByTcp = false });
        bed.Call(bed.ToBob with { Sdp = Large });
        Assert.Equal(SipTransportKind.Udp, Assert.Single(bed.Net.Log, one => one.Message.IsRequest).Kind);
        bed.Callee.Session.Reject(486);
        bed.NothingIsLeft();
    }

    [Fact]
    public void A_large_re_invite_goes_by_tcp_too_and_is_acknowledged_in_its_dialog()
    {
        _bed.Established();
        _bed.Callee.Acts = (word, session) =>
        {
            if (word == "offer") session.AcceptOffer(CallBed.Answer);
        };
        var start = _bed.Net.Log.Count;
        _bed.Caller.Session.Offer(Large);
        _bed.Net.Settle();
        Assert.Equal("INVITE 200 ACK", _bed.Net.Story(start));
        Assert.Equal(SipTransportKind.Tcp, _bed.Net.Log[start].Kind);
        Assert.Equal(SessionState.Confirmed, _bed.Callee.Session.State);
        _bed.HangsUp(_bed.Callee);
        _bed.NothingIsLeft();
    }
}
