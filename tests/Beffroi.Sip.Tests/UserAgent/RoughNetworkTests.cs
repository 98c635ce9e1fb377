// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Xunit;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>Two stacks over a network that loses, doubles and reorders, with users who do anything at any time. Whatever happens, every session ends once,
/// no callback breaks its contract, and every table is empty at the end.</summary>
public sealed class RoughNetworkTests
{
    [Fact]
    public void Nothing_leaks_whatever_the_network_and_the_users_do()
    {
        for (var seed = 0; seed < 40; seed++) Play(seed, calls: 3, steps: 60);
    }

    [Fact]
    [Trait("Category", "Long")]
    public void Nothing_leaks_in_many_more_games()
    {
        for (var seed = 10_000; seed < 11_500; seed++) Play(seed, calls: 4, steps: 120);
    }

    private static void Play(int seed, int calls, int steps)
    {
        var dice = new Random(seed);
        var options = new SipStackOptions { Product = "", SessionExpires = TimeSpan.FromSeconds(90 + dice.Next(200)) };
        var bed = new CallBed(options, options);
        bed.Alice.IsManual = bed.Bob.IsManual = false;
        var ears = new List<Ear>();
        bed.Bob.Core.WhenInvited = invite =>
        {
            if (dice.Next(12) == 0) invite.Respond(486);
            else ears.Add(bed.Bob.Core.Take(invite));
        };
        double loss = dice.NextDouble() * 0.4, doubling = dice.NextDouble() * 0.3;
        bed.Net.Loses = message =>
        {
            if (dice.NextDouble() < doubling) bed.Net.Double(message);
            return dice.NextDouble() < loss;
        };
        if (dice.Next(2) == 0) bed.Net.Picks = dice.Next;
        var kind = (SipTransportKind)dice.Next(2);

        for (var step = 0; step < steps; step++)
        {
            if (ears.Count < calls * 2 && dice.Next(6) == 0) ears.Add(NewCall(bed, dice, kind));
            if (ears.Count > 0) Act(ears[dice.Next(ears.Count)], dice);
            for (var some = dice.Next(6); some > 0 && bed.Net.Waiting > 0; some--) bed.Net.DeliverOne();
            if (dice.Next(3) == 0) bed.Net.Pass(TimeSpan.FromMilliseconds(dice.Next(dice.Next(10) == 0 ? 40_000 : 1_500)));
        }
        foreach (var ear in ears.ToArray()) ear.Session.End();
        bed.Net.Pass(TimeSpan.FromSeconds(119));
        foreach (var ear in ears.ToArray()) ear.Session.End();               // those the peer brought up late
        bed.Net.Pass(TimeSpan.FromSeconds(700));

        var story = $"seed {seed}: " + string.Join(" | ", ears.Select(ear => $"{(ear.Session.IsOutbound ? "out" : "in")} {ear.Session.State} {ear.Story}"));
        Assert.All(ears, ear => Assert.True(ear.Faults.Count == 0 && ear.End is not null && ear.End != SessionEnd.Broken, $"{string.Join(", ", ear.Faults)} {story}"));
        Assert.True(bed.Alice.Stack is { Sessions: 0, Dialogs: 0, Transactions: 0 }, $"alice {bed.Alice.Stack.Sessions} {bed.Alice.Stack.Dialogs} {string.Join(", ", bed.Alice.Stack.Layer.Present)} {story}");
        Assert.True(bed.Bob.Stack is { Sessions: 0, Dialogs: 0, Transactions: 0 }, $"bob {bed.Bob.Stack.Sessions} {bed.Bob.Stack.Dialogs} {string.Join(", ", bed.Bob.Stack.Layer.Present)} {story}");
        Assert.True(bed.Net.Wheel.Count == 0, $"timers {bed.Net.Wheel.Count} {story}");
    }

    private static Ear NewCall(CallBed bed, Random dice, SipTransportKind kind)
    {
        var ear = new Ear();
        ear.Session = bed.Alice.Stack.Invite(bed.ToBob with
        {
            Sdp = dice.Next(4) == 0 ? null : CallBed.Offer,
            Headers = dice.Next(4) == 0 ? [new SipHeader(SipHeaderName.Require, "100rel")] : [],
            RingTimeout = dice.Next(3) == 0 ? TimeSpan.FromSeconds(dice.Next(1, 30)) : null,
            Targets = [new SipTarget(kind, bed.Bob.Address)],
        }, ear);
        return ear;
    }

    private static void Act(Ear ear, Random dice)
    {
        var session = ear.Session;
        switch (dice.Next(16))
        {
            case 0: session.Progress(180); break;
            case 1: session.Progress(183, CallBed.Answer); break;
            case 2 or 3 or 4: session.Answer(CallBed.Answer); break;
            case 5 when dice.Next(3) == 0: session.Reject(dice.Next(2) == 0 ? 486 : 603); break;
            case 6 when dice.Next(3) == 0: session.Cancel(); break;
            case 7 when dice.Next(3) == 0: session.End(); break;
            case 8: session.Offer(CallBed.Offer); break;
            case 9 or 10: session.AcceptOffer(CallBed.Answer); break;
            case 11: session.RejectOffer(488); break;
            case 12: session.AnswerAck(CallBed.Answer); break;
            case 13: session.SendInfo("application/dtmf-relay", CallBed.Offer); break;
            case 14 when dice.Next(2) == 0: session.Refer(new NameAddress(SipUri.Parse("sip:carol@10.0.0.3")), null); break;
            case 15 when ear.Refer is { } refer:
                if (dice.Next(2) == 0) refer.Accept();
                else refer.Notify(dice.Next(2) == 0 ? 180 : 200);
                break;
        }
    }
}
