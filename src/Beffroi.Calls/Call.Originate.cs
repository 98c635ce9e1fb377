// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Calls;

/// <summary>Calls that the server begins: click to call, and newcomers by Replaces.</summary>
public sealed partial class Call
{
    private Origination? _origination;

    /// <summary>The caller's own devices ring; the first to answer is the caller.</summary>
    private sealed class Origination(CallPlan.Run plan, TaskCompletionSource<Refusal?> done)
    {
        public CallPlan.Run Plan { get; } = plan;

        public TaskCompletionSource<Refusal?> Done { get; } = done;

        public List<CallLeg> Legs { get; } = [];

        public CallTimer? Timer { get; set; }
    }

    /// <summary>Runs in the mailbox.</summary>
    internal void Originate(IReadOnlyList<RingTarget> devices, CallPlan.Run plan, TimeSpan timeout, TaskCompletionSource<Refusal?> done)
    {
        var origination = new Origination(plan, done);
        _origination = origination;
        foreach (var device in devices)
        {
            if (Invite(device, null, 70) is { } leg) origination.Legs.Add(leg);
        }

        Open(plan, origination.Legs.FirstOrDefault()?.Session);
        if (origination.Legs.Count == 0)
        {
            EndOrigination(new Refusal("media.no-port", RefusalKind.Unavailable, 503, "No media port is free."));
            Finish(CallOutcome.Failed, 503, "media.no-port");
            return;
        }

        origination.Timer = Arm("origination", timeout);
        Show();
        // The wish is granted as soon as a device is asked: whether the caller picks up is the call's own story.
        origination.Done.TrySetResult(null);
    }

    private void EndOrigination(Refusal? refusal)
    {
        if (_origination is not { } origination) return;
        _origination = null;
        var timer = origination.Timer;
        Disarm(ref timer);
        origination.Done.TrySetResult(refusal);
    }

    private bool IsOriginator(CallLeg leg) => _origination is { } origination && origination.Legs.Contains(leg);

    private void OriginatorAnswered(CallMessage.Accepted m)
    {
        var origination = _origination!;
        origination.Legs.Remove(m.Leg);
        if (!m.Sdp.IsEmpty && !m.Leg.Media.TryTakeAnswer(m.Sdp))
        {
            EndLeg(m.Leg, 488, "no-common-codec", tell: true);
            if (origination.Legs.Count == 0) Finish(CallOutcome.Failed, 488, "no-common-codec");
            return;
        }

        EndOrigination(null);
        foreach (var leg in origination.Legs) EndLeg(leg, 200, "answered-elsewhere", tell: true, AnsweredElsewhere);
        m.Leg.State = LegState.Connected;
        _served = m.Leg;
        RunPlan(origination.Plan);
    }

    private void OriginatorRefused(CallLeg leg, int status)
    {
        var origination = _origination!;
        origination.Legs.Remove(leg);
        EndLeg(leg, status, "refused", tell: false);
        if (origination.Legs.Count > 0) return;
        EndOrigination(null);
        Finish(CallOutcome.Abandoned, status, "caller-did-not-answer");
    }

    private void OriginatorTimedOut()
    {
        EndOrigination(null);
        Finish(CallOutcome.Abandoned, 408, "caller-did-not-answer");
    }

    /// <summary>Makes a leg and sends its INVITE; null when no media port is free. The target's channel is given back then.</summary>
    private CallLeg? Invite(RingTarget target, CallLeg? from, int maxForwards)
    {
        var leg = new CallLeg(this, target.Party, inbound: false) { Target = target, Channel = target.Channel };
        leg.Media = new LegMedia(_exchange, leg, target.Codecs ?? _exchange.Options.Codecs);
        if (!leg.Media.TryOffer(from?.Media, out var sdp))
        {
            _exchange.CountNoPort();
            target.Channel?.Dispose();
            return null;
        }

        Include(leg);
        leg.Session = _exchange.Stack.Invite(
            new OutboundInvite
            {
                Target = target.Uri,
                Flow = target.Flow,
                Route = target.Route,
                From = target.From,
                To = target.To,
                Headers = ReferredBy(target) is { } referred ? [.. target.Headers, referred] : target.Headers,
                Credentials = target.Credentials,
                MaxForwards = maxForwards,
                FirstResponseWithin = target.FirstResponseWithin,
                Sdp = sdp,
            },
            leg);
        leg.Session.Owner = leg;
        return leg;
    }

    /// <summary>RFC 3892 §2.2: who sent the party here, for telephones; a trunk is told by Diversion, and inner addresses are none of its business.</summary>
    private SipHeader? ReferredBy(RingTarget target) =>
        target.Party.Kind == PartyKind.Internal && _transfer?.Refer?.ReferredBy is { } by && NameAddress.TryParse(by, out var address) ? new SipHeader(SipHeaderName.ReferredBy, address.Reveal()) : null;

    /// <summary>Runs in the mailbox of a call whose only leg came by INVITE with Replaces.</summary>
    internal void TakePlaceOf(CallLeg replaced)
    {
        Offer(_served!, replaced.Owner, replaced, "", taken =>
        {
            if (taken) Finish(CallOutcome.Served, 200, "replaced");
            else Finish(CallOutcome.Refused, 481, "replaces.no-such-dialog");
        });
    }
}
