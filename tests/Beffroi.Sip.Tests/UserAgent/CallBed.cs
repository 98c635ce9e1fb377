// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Xunit;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>Alice and Bob, a stack each, on one network: the stage of most tests.</summary>
internal sealed class CallBed
{
    internal static readonly byte[] Offer = Encoding.ASCII.GetBytes("v=0 offer\r\n");
    internal static readonly byte[] Answer = Encoding.ASCII.GetBytes("v=0 answer\r\n");

    internal CallBed(SipStackOptions? alice = null, SipStackOptions? bob = null)
    {
        Alice = Net.Add("10.0.0.1:5060", alice);
        Bob = Net.Add("10.0.0.2:5060", bob);
    }

    internal WireNetwork Net { get; } = new();
    internal WireHost Alice { get; }
    internal WireHost Bob { get; }

    /// <summary>Alice's side of the call, once made.</summary>
    internal Ear Caller { get; } = new();

    /// <summary>Bob's side.</summary>
    internal Ear Callee => Bob.Core.LastEar;

    internal OutboundInvite ToBob => new()
    {
        Target = Bob.Uri("bob"),
        From = new NameAddress(Alice.Uri("alice"), "Alice"),
        To = new NameAddress(Bob.Uri("bob")),
        Sdp = Offer,
    };

    internal SipSession Call(OutboundInvite? what = null)
    {
        Caller.Session = Alice.Stack.Invite(what ?? ToBob, Caller);
        Net.Settle();
        return Caller.Session;
    }

    /// <summary>Call, 180, 200, ACK.</summary>
    internal CallBed Established(SipTransportKind kind = SipTransportKind.Udp)
    {
        Call(kind == SipTransportKind.Udp ? null : ToBob with { Targets = [new SipTarget(kind, Bob.Address)] });
        Callee.Session.Progress(180);
        Net.Settle();
        Callee.Session.Answer(Answer);
        Net.Settle();
        Assert.Equal(SessionState.Confirmed, Caller.Session.State);
        Assert.Equal(SessionState.Confirmed, Callee.Session.State);
        return this;
    }

    internal void HangsUp(Ear who)
    {
        who.Session.End();
        Net.Settle();
    }

    /// <summary>Everything was given back: after the last transaction's time nothing is left in any table, and no timer.</summary>
    internal void NothingIsLeft()
    {
        Net.PassAll();
        Empty(Alice);
        Empty(Bob);
        Assert.Equal(0, Net.Wheel.Count);
    }

    internal static void Empty(WireHost host)
    {
        Assert.Equal(0, host.Stack.Sessions);
        Assert.Equal(0, host.Stack.Dialogs);
        Assert.Equal(0, host.Stack.Transactions);
    }
}
