// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Timers;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.Transactions;

/// <summary>What the four machines share: a state, a flow, the last message, and two deadlines on one timer of the wheel.</summary>
/// <remarks>Threading: fields under <see cref="Gate"/>; acts (send, tell the user) are done after it is left.</remarks>
internal abstract class Transaction(TransactionLayer layer, SipFlow flow, TransactionState state) : WheelTimer
{
    /// <summary>When to send again (A, E, G), or to send 100; <see cref="Never"/> if not armed. In ticks of <see cref="TransactionLayer.Now"/>.</summary>
    private long _again = Never;

    /// <summary>When to give up (B, F, H) or to forget (D, I, J, K, L, M), as the state says.</summary>
    private long _end = Never;

    /// <summary>Interval of the next retransmission.</summary>
    private TimeSpan _interval;

    private const long Never = long.MaxValue;

    protected TransactionLayer Layer => layer;
    /// <summary>The lock of the fields. The transaction itself: a server keeps tens of thousands that linger, and nobody outside this folder sees one.</summary>
    protected object Gate => this;

    /// <summary>The message to send again; null when there is none any more. Under <see cref="Gate"/>.</summary>
    protected byte[]? Last { get; set; }

    internal TransactionState State { get; private set; } = state;
    internal SipFlow Flow { get; } = flow;

    /// <summary>The table of this machine.</summary>
    protected abstract (TransactionState Next, Acts Do) On(TransactionState state, Stimulus stimulus);

    /// <summary>How long the present state lingers: the RFC's timer D, I, J, K, L or M.</summary>
    protected abstract TimeSpan Linger(TransactionState state);

    /// <summary>Whether retransmissions double without the bound of T2 (timer A only).</summary>
    protected virtual bool Unbounded => false;

    /// <summary>Takes the transaction out of its table. Under <see cref="Gate"/>.</summary>
    protected abstract void Forget();

    /// <summary>Feeds the table. Under <see cref="Gate"/>; the caller does the acts afterwards.</summary>
    protected Acts Take(Stimulus stimulus)
    {
        var before = State;
        (State, var acts) = On(State, stimulus);
        if ((acts & Acts.DisarmRetransmit) != 0) _again = Never;
        if ((acts & Acts.DisarmGiveUp) != 0) _end = Never;
        if ((acts & Acts.ArmRetransmit) != 0) ArmRetransmit(stimulus == Stimulus.TimerRetransmit);
        if ((acts & Acts.ArmGiveUp) != 0) _end = Layer.Now + Layer.Options.GiveUp.Ticks;
        if ((acts & Acts.ArmLinger) != 0)
        {
            var linger = Linger(State);
            if (linger <= TimeSpan.Zero) acts |= Take(Stimulus.TimerLinger) & Acts.Forget;
            else _end = Layer.Now + linger.Ticks;
        }
        if (State == TransactionState.Terminated && before != State)
        {
            _again = _end = Never;
            Last = (acts & (Acts.Send | Acts.SendAck)) != 0 ? Last : null;
            Forget();
        }
        Rearm();
        return acts;
    }

    /// <summary>Arms what the RFC arms on entry of the first state. Under <see cref="Gate"/>.</summary>
    protected void ArmFirst(TimeSpan? again, bool giveUp)
    {
        if (again is { } interval) _again = Layer.Now + (_interval = interval).Ticks;
        if (giveUp) _end = Layer.Now + Layer.Options.GiveUp.Ticks;
        Rearm();
    }

    /// <summary>Arms the give-up timer in a state that has none (a cancelled INVITE). Under <see cref="Gate"/>.</summary>
    protected void ArmGiveUp()
    {
        _end = Layer.Now + Layer.Options.GiveUp.Ticks;
        Rearm();
    }

    /// <summary>Forgets the nearer deadline; the next <see cref="Take"/> arms the timer by what is left. Under <see cref="Gate"/>.</summary>
    protected void ClearAgain() => _again = Never;

    /// <summary>Ends it out of turn: nothing comes after. Under <see cref="Gate"/>.</summary>
    protected void Drop()
    {
        _again = _end = Never;
        State = TransactionState.Terminated;
        Last = null;
        Forget();
        Rearm();
    }

    private void ArmRetransmit(bool again)
    {
        if (Flow.IsReliable) return;
        if (!again || _interval == TimeSpan.Zero) _interval = Layer.Options.T1;
        else
        {
            _interval *= 2;
            if (!Unbounded && _interval > Layer.Options.T2) _interval = Layer.Options.T2;
            if (State == TransactionState.Proceeding) _interval = Layer.Options.T2;      // RFC 3261 §17.1.2.2
        }
        _again = Layer.Now + _interval.Ticks;
    }

    private void Rearm()
    {
        var next = Math.Min(_again, _end);
        if (next == Never) Layer.Wheel.Cancel(this);
        else Layer.Wheel.Arm(this, TimeSpan.FromTicks(next - Layer.Now));
    }

    /// <summary>Which deadline has passed, if any: a timer that was moved while it fired finds nothing to do and is armed anew.</summary>
    private bool TryDue(out Stimulus stimulus)
    {
        var now = Layer.Now;
        stimulus = default;
        if (now >= _end)
        {
            _end = Never;
            stimulus = State is TransactionState.Calling or TransactionState.Trying or TransactionState.Proceeding || (State == TransactionState.Completed && GivesUpInCompleted)
                ? Stimulus.TimerGiveUp : Stimulus.TimerLinger;
            return true;
        }
        if (now < _again) return false;
        _again = Never;
        stimulus = AgainStimulus;
        return true;
    }

    /// <summary>INVITE server: H runs in Completed, where the others linger.</summary>
    protected virtual bool GivesUpInCompleted => false;

    protected virtual Stimulus AgainStimulus => Stimulus.TimerRetransmit;

    protected sealed override void Fire()
    {
        Acts acts;
        byte[]? last;
        lock (Gate)
        {
            if (!TryDue(out var stimulus))
            {
                Rearm();
                return;
            }
            last = Last;
            acts = Take(stimulus);
        }
        OnTimer(acts, last);
    }

    /// <summary>Does the acts of a timer. Outside <see cref="Gate"/>.</summary>
    protected abstract void OnTimer(Acts acts, byte[]? last);
}
