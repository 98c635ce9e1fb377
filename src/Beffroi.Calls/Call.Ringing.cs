// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Media;
using Beffroi.Sip.Messages;

namespace Beffroi.Calls;

/// <summary>Ringing several devices at once: the first answer wins.</summary>
public sealed partial class Call
{
    private RingAttempt? _ringing;

    private sealed class RingAttempt(CallScript script, RingRequest request, TaskCompletionSource<RingOutcome> done)
    {
        public CallScript Script { get; } = script;

        public RingRequest Request { get; } = request;

        public TaskCompletionSource<RingOutcome> Done { get; } = done;

        public List<CallLeg> Legs { get; } = new(request.Targets.Count);

        public CallTimer? Timer { get; set; }

        public CancellationTokenRegistration Stop { get; set; }

        public RingOutcome Best { get; set; } = new(RingResult.Unreachable, 480);

        public bool CallerTold { get; set; }

        /// <summary>The caller hears the other side already: no ringing tone of ours.</summary>
        public bool EarlySound { get; set; }
    }

    /// <summary>Gives back what the targets of an unused request hold.</summary>
    internal static void GiveBack(RingRequest request)
    {
        foreach (var target in request.Targets) target.Channel?.Dispose();
    }

    internal void RingForScript(CallScript script, RingRequest request, TaskCompletionSource<RingOutcome> done, CancellationToken stop)
    {
        StopRinging(null, "stopped");
        var attempt = new RingAttempt(script, request, done);
        _ringing = attempt;
        foreach (var target in request.Targets) AddTarget(attempt, target);
        if (attempt.Legs.Count == 0)
        {
            EndRinging(attempt.Best);
            return;
        }

        attempt.Timer = Arm("ringing", request.Timeout);
        if (stop.CanBeCanceled)
            attempt.Stop = stop.Register(() => Tell(new CallMessage.ScriptAsks(script, () => StopRinging(attempt))));
        if (request is { WhileRinging: { } clip, SoundGoesOn: false } && (request.PlayEarly || script.Leg.State == LegState.Connected))
        {
            if (EnsureHeard(script.Leg)) script.Leg.Media.Leg!.Play(clip, new PlayOptions(true, ++_playToken));
        }

        Show();
    }

    private void AddTarget(RingAttempt attempt, RingTarget target)
    {
        // RFC 3261 §26.2.2, RFC 5630 §5.3: what was called by a sips URI goes on by TLS or not at all.
        if (attempt.Script.Leg.Session is { IsSips: true } && !target.IsSecure && !target.EvenInsecure)
        {
            target.Channel?.Dispose();
            return;
        }

        if (Invite(target, attempt.Script.Leg, MaxForwardsOf(attempt.Script.Leg)) is { } leg) attempt.Legs.Add(leg);
        else attempt.Best = new RingOutcome(RingResult.Unreachable, 503);
    }

    /// <summary>RFC 3261 §16.6: one less than it came with, so that a loop through several servers ends.</summary>
    private static int MaxForwardsOf(CallLeg leg) =>
        leg.Session?.Invite is { MaxForwards: > 0 and var left } ? left - 1 : 69;

    private void OnProgress(CallMessage.Progress m)
    {
        if (_ringing is not { } attempt || !attempt.Legs.Contains(m.Leg)) return;
        var served = attempt.Script.Leg;
        if (m.Response.StatusCode is 180 or 183 && m.Leg.State == LegState.Trying)
        {
            m.Leg.State = LegState.Ringing;
            Journal(new CallDelivered { CallId = Id, Sequence = 0, At = default, Leg = m.Leg.Id, To = m.Leg.Party });
        }

        if (m.Leg.Target!.EarlyMedia && attempt.Legs.Count == 1 && !m.Sdp.IsEmpty && m.Leg.Media.TryTakeAnswer(m.Sdp))
        {
            if (EnsureHeard(served, m.Leg))
            {
                StopPlaying(served);
                served.Media.Leg!.Bridge(m.Leg.Media.Leg!);
                attempt.EarlySound = true;
            }
        }

        TellCallerItRings(attempt, m.Response.StatusCode, isTrunk: m.Leg.Target.EarlyMedia);
        TransferProgress(m.Response.StatusCode);
        Show();
    }

    /// <summary>180 once to a caller who is not answered; the ringing tone to one who is. A telephone that says 183 rings for all we know: its own sound is not passed on.</summary>
    private void TellCallerItRings(RingAttempt attempt, int status, bool isTrunk)
    {
        if (attempt.CallerTold || status is not (180 or 183)) return;
        var leg = attempt.Script.Leg;
        if (leg.State == LegState.Connected)
        {
            attempt.CallerTold = true;
            if (attempt.Request.WhileRinging is null && !attempt.EarlySound) leg.Media.Leg?.Play(_exchange.Sounds.Ringback, new PlayOptions(true, ++_playToken));
        }
        else if (leg.Inbound && (status == 180 || !isTrunk) && !(attempt.Request.PlayEarly && attempt.Request.WhileRinging is not null))
        {
            attempt.CallerTold = true;
            leg.State = LegState.Ringing;
            leg.Session!.Progress(180);
        }
    }

    private void OnAccepted(CallMessage.Accepted m)
    {
        if (IsOriginator(m.Leg))
        {
            OriginatorAnswered(m);
            return;
        }

        if (_ringing is not { } attempt || !attempt.Legs.Remove(m.Leg))
        {
            EndLeg(m.Leg, 487, "answered-elsewhere", tell: true);
            return;
        }

        if (!m.Sdp.IsEmpty && !m.Leg.Media.TryTakeAnswer(m.Sdp))
        {
            EndLeg(m.Leg, 488, "no-common-codec", tell: true, "SIP;cause=488;text=\"Not Acceptable Here\"");
            NoteFailure(attempt, m.Leg, new RingOutcome(RingResult.Unreachable, 488));
            return;
        }

        m.Leg.State = LegState.Connected;
        var served = attempt.Script.Leg;
        EndRinging(new RingOutcome(RingResult.Answered, 200, m.Leg.Party), connect: () => Connect(served, m.Leg));
    }

    private void OnRejected(CallMessage.Rejected m)
    {
        if (IsOriginator(m.Leg))
        {
            OriginatorRefused(m.Leg, m.Status);
            return;
        }

        if (_ringing is not { } attempt || !attempt.Legs.Contains(m.Leg)) return;
        var outcome = Judge(m);
        // In a group 302 is one member's no: the others go on ringing.
        if (outcome.Result == RingResult.Deflected && !attempt.Request.FollowsDeflection) outcome = outcome with { Result = RingResult.Declined };
        attempt.Legs.Remove(m.Leg);
        EndLeg(m.Leg, m.Status, Word(outcome.Result), tell: false);
        NoteFailure(attempt, m.Leg, outcome);
        if (_ringing == attempt) Show();
    }

    private void NoteFailure(RingAttempt attempt, CallLeg leg, RingOutcome outcome)
    {
        if (Rank(outcome.Result) > Rank(attempt.Best.Result) || attempt.Best.By is null) attempt.Best = outcome with { By = leg.Party };
        if (outcome.Result == RingResult.Deflected)
        {
            EndRinging(attempt.Best);
            return;
        }

        if (attempt.Legs.Count == 0) EndRinging(attempt.Best);
    }

    /// <summary>What a refusal means for the caller. A phone that rang and then said 480 did not answer; one that never rang is not there.</summary>
    private static RingOutcome Judge(CallMessage.Rejected m)
    {
        var result = m.Status switch
        {
            >= 300 and < 400 => RingResult.Deflected,
            486 or 600 => RingResult.Busy,
            603 or 403 or 433 => RingResult.Declined,
            408 or 480 or 487 => m.Leg.State == LegState.Ringing ? RingResult.NoAnswer : RingResult.Unreachable,
            _ => RingResult.Unreachable,
        };
        string? elsewhere = null;
        if (result == RingResult.Deflected && m.Response is not null && m.Response.TryAddresses(SipHeaderName.Contact, out var contacts) && contacts.Count > 0)
            elsewhere = contacts[0].Uri?.User;
        if (result == RingResult.Deflected && string.IsNullOrEmpty(elsewhere)) result = RingResult.Unreachable;
        return new RingOutcome(result, m.Status, m.Leg.Party, elsewhere);
    }

    private static int Rank(RingResult result) => result switch
    {
        RingResult.Deflected => 5,
        RingResult.Declined => 4,
        RingResult.Busy => 3,
        RingResult.NoAnswer => 2,
        RingResult.Unreachable => 1,
        _ => 0,
    };

    private static string Word(RingResult result) => result switch
    {
        RingResult.Deflected => "deflected",
        RingResult.Declined => "declined",
        RingResult.Busy => "busy",
        RingResult.NoAnswer => "no-answer",
        _ => "unreachable",
    };

    private void OnRingTimeout()
    {
        if (_ringing is not { } attempt) return;
        var rang = attempt.Legs.Exists(l => l.State == LegState.Ringing);
        var outcome = Rank(attempt.Best.Result) > Rank(RingResult.NoAnswer) ? attempt.Best : new RingOutcome(rang ? RingResult.NoAnswer : RingResult.Unreachable, 408);
        EndRinging(outcome, reason: null, cause: "no-answer");
    }

    private void StopRinging(RingAttempt attempt)
    {
        if (_ringing == attempt) EndRinging(new RingOutcome(RingResult.Stopped, 487), cause: "stopped");
    }

    /// <summary>The call has left this ringing behind: another leg answered, or nobody needs an answer any more.</summary>
    private void StopRinging(string? reason, string cause)
    {
        if (_ringing is not null) EndRinging(new RingOutcome(RingResult.Stopped, 487), reason, cause);
    }

    /// <summary>Ends the attempt: whoever still rings is cancelled, the script learns what came of it.</summary>
    private void EndRinging(RingOutcome outcome, string? reason = null, string cause = "answered-elsewhere", Action? connect = null)
    {
        if (_ringing is not { } attempt) return;
        _ringing = null;
        var timer = attempt.Timer;
        Disarm(ref timer);
        attempt.Stop.Dispose();
        if (outcome.Result == RingResult.Answered) reason = AnsweredElsewhere;
        foreach (var leg in attempt.Legs) EndLeg(leg, outcome.Result == RingResult.Answered ? 200 : 487, cause, tell: true, reason);
        if (!attempt.Request.SoundGoesOn || outcome.Result is RingResult.Answered or RingResult.Stopped) StopPlaying(attempt.Script.Leg);
        attempt.Script.LastStatus = outcome.Status is >= 400 and < 700 ? outcome.Status : 480;
        connect?.Invoke();
        attempt.Done.TrySetResult(outcome);
        if (!_over) Show();
    }
}
