// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;

namespace Beffroi.Calls;

/// <summary>Legs that come in from another call: pickup of a ringing call, retrieving of a parked one, INVITE with Replaces (RFC 3891).</summary>
public sealed partial class Call
{
    /// <summary>A call in a slot, with music, until somebody takes it.</summary>
    private sealed record ParkedCall((Guid Lot, string Slot) Place, CallScript Script, TaskCompletionSource<ParkResult> Done)
    {
        public CallTimer? Timer { get; set; }
    }

    internal CallParty? ParkedBy { get; private set; }

    internal void ParkForScript(CallScript script, (Guid Lot, string Slot) place, TimeSpan longest, TaskCompletionSource<ParkResult> done)
    {
        if (!_exchange.TryPark(place, this))
        {
            done.TrySetResult(ParkResult.SlotTaken);
            return;
        }

        if (!EnsureAnswered(script.Leg, null))
        {
            _exchange.Unpark(place, this);
            done.TrySetCanceled();
            return;
        }

        ParkedBy = _transfer?.By.Party;
        _parked = new ParkedCall(place, script, done) { Timer = Arm("park", longest) };
        EndPlayWait();
        PlayMusic(script.Leg);
        BecomeServed();
        Journal(new CallParked { CallId = Id, Sequence = 0, At = default, Slot = place.Slot, By = ParkedBy });
        Show();
    }

    private void EndPark(ParkResult result)
    {
        if (_parked is not { } parked) return;
        _parked = null;
        var timer = parked.Timer;
        Disarm(ref timer);
        _exchange.Unpark(parked.Place, this);
        parked.Done.TrySetResult(result);
    }

    /// <summary>The script's caller wants to take another call: its leg goes there, and comes back if that call is gone.</summary>
    internal void TakeForScript(CallScript script, Guid call, string from, TaskCompletionSource<bool> done)
    {
        var leg = script.Leg;
        if (_exchange.Find(call) is not { } other || other == this)
        {
            done.TrySetResult(false);
            return;
        }

        StopPlaying(leg);
        Offer(leg, other, null, from, taken =>
        {
            if (!taken)
            {
                done.TrySetResult(false);
                return;
            }

            _serviceAnswered = true;
            done.TrySetResult(true);
            Finish(CallOutcome.Served, 200, "picked-up-another");
        });
    }

    /// <summary>Offers a leg of ours to another call; <paramref name="then"/> runs here, with the answer.</summary>
    private void Offer(CallLeg leg, Call other, CallLeg? inPlaceOf, string where, Action<bool> then)
    {
        leg.InTransit = true;
        other.Tell(new CallMessage.Adopt(leg, this, inPlaceOf, where, taken => Tell(new CallMessage.Settled(leg, taken, () => then(taken)))));
    }

    private void OnSettled(CallMessage.Settled m)
    {
        if (m.Taken) _legs.Remove(m.Leg);
        else m.Leg.InTransit = false;
        var deferred = _deferred;
        _deferred = null;
        deferred?.ForEach(d => m.Leg.Owner.Tell(d));
        if (!m.Taken && _over)
        {
            // The call ended while its leg was away: the leg ends with it.
            EndLeg(m.Leg, 480, "ended", tell: true);
            return;
        }

        m.Then();
    }

    /// <summary>Takes in a leg that another call offers: from now on it is ours, and that call is told.</summary>
    private void TakeIn(CallMessage.Adopt m)
    {
        m.Newcomer.Owner = this;
        m.Newcomer.InTransit = false;
        _legs.Add(m.Newcomer);
        m.Reply(true);
    }

    private void OnAdopt(CallMessage.Adopt m)
    {
        if (_over)
        {
            m.Reply(false);
            return;
        }

        if (m.InPlaceOf is not null) TakePlace(m, m.InPlaceOf);
        else if (_parked is not null || _ringing is not null) PickUp(m);
        else m.Reply(false);
    }

    private void PickUp(CallMessage.Adopt m)
    {
        var served = _served!;
        TakeIn(m);
        var parked = _parked is not null;
        Journal(new CallPickedUp { CallId = Id, Sequence = 0, At = default, By = m.Newcomer.Party, From = m.Where });
        if (parked) EndPark(ParkResult.Retrieved);
        StopScript(answered: true);
        Connect(served, m.Newcomer);
    }

    /// <summary>The newcomer replaces one of our legs: a caller whose consultation still rings, or the leg named by Replaces.</summary>
    private void TakePlace(CallMessage.Adopt m, CallLeg old)
    {
        if (!old.IsAlive || old.Owner != this)
        {
            m.Reply(false);
            return;
        }

        if (_ringing is { } attempt && attempt.Legs.Contains(old))
        {
            // Replaces of a ringing leg is a pickup by the phone (RFC 3891 §7.1).
            PickUp(m with { Where = old.Party.Number });
            return;
        }

        TakeIn(m);
        var other = Opposite(old);
        if (old == _served && other is null && _script is { } script)
        {
            ReplaceServed(m.Newcomer, old, script);
            return;
        }

        old.Media.Leg?.Unbridge();
        if (old == _served) _served = m.Newcomer;
        else _peer = m.Newcomer;
        EndLeg(old, 200, "replaced", tell: true);
        if (_served is null || _peer is null || !EnsureAnswered(m.Newcomer, other)) return;
        m.Newcomer.State = LegState.Connected;
        Rejoin();
        OpenTalk();
        Journal(new CallTransferred { CallId = Id, Sequence = 0, At = default, By = old.Party, To = m.Newcomer.Party, Attended = true });
        Show();
    }

    /// <summary>The ringing goes on, or the service, for another caller, who hears what is being said from its beginning.</summary>
    private void ReplaceServed(CallLeg newcomer, CallLeg old, CallScript script)
    {
        _served = newcomer;
        script.Root.Leg = newcomer;
        Journal(new CallTransferred { CallId = Id, Sequence = 0, At = default, By = old.Party, To = newcomer.Party, Attended = true });
        EndLeg(old, 200, "transferred", tell: true);
        if (_sounding is { } sound) newcomer.Media.Leg?.Play(sound.Clip, new Beffroi.Media.PlayOptions(sound.Loops, _playToken));
        else if (_ringing is not null) newcomer.Media.Leg?.Play(_exchange.Sounds.Ringback, new Beffroi.Media.PlayOptions(true, ++_playToken));
        Show();
    }
}
