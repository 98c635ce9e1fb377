// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Routing;
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Calls;

/// <summary>Transfer, blind and attended (RFC 3515, RFC 3891, RFC 5589), by the phone's REFER or by the API.</summary>
/// <remarks>The server answers a REFER itself, being both parties' peer: the party who stays never sees one.</remarks>
public sealed partial class Call
{
    private PendingTransfer? _transfer;

    /// <summary>A blind transfer that is not yet answered: who asked and how to tell it.</summary>
    private sealed class PendingTransfer(CallLeg by, SipRefer? refer, TaskCompletionSource<Refusal?>? done = null)
    {
        public CallLeg By { get; } = by;

        public SipRefer? Refer { get; } = refer;

        /// <summary>Told what came of it, where somebody waits for that.</summary>
        public TaskCompletionSource<Refusal?>? Done { get; } = done;

        public bool Gone { get; private set; }

        /// <summary>Phones hang up as soon as the transfer is under way; it goes on.</summary>
        public void ByIsGone() => Gone = true;
    }

    private void OnReferred(CallMessage.Referred m)
    {
        if (_transfer is not null || Opposite(m.Leg) is not { } staying || m.Leg.State != LegState.Connected)
        {
            m.Refer.Refuse(491);
            return;
        }

        if (m.Refer.Replaces is { } replaces)
        {
            AttendedByPhone(m, staying, replaces);
            return;
        }

        if (m.Refer.Target.Uri is not { User.Length: > 0 } target)
        {
            m.Refer.Refuse(400);
            return;
        }

        if (MaySend(m.Leg, staying, target.User, out var plan) is { } refusal)
        {
            m.Refer.Refuse(refusal.SipStatus);
            return;
        }

        m.Refer.Accept();
        BeginTransfer(m.Leg, staying, target.User, m.Refer, plan!);
    }

    private void OnTransferTo(CallMessage.TransferTo m)
    {
        if (_over || _transfer is not null || _legs.Find(l => l.Id == m.ByLeg) is not { } by || Opposite(by) is not { } staying)
        {
            m.Done.SetResult(new Refusal("call.not-talking", RefusalKind.Conflict, 481, "This leg is not in a conversation."));
            return;
        }

        if (MaySend(by, staying, m.Number, out var plan) is { } refusal)
        {
            m.Done.SetResult(refusal);
            return;
        }

        BeginTransfer(by, staying, m.Number, null, plan!, m.UntilTaken ? m.Done : null);
        if (!m.UntilTaken) m.Done.SetResult(null);
    }

    /// <summary>May this party send the other one there? The rights are those of the one who transfers.</summary>
    private Refusal? MaySend(CallLeg by, CallLeg staying, string number, out CallPlan.Run? run)
    {
        run = null;
        var plan = _exchange.Router.Route(new CallRequest
        {
            Caller = staying.Party,
            Dialled = number,
            At = _exchange.Time.GetUtcNow(),
            OnBehalfOf = by.Party,
        });
        if (plan is CallPlan.Refused refused) return refused.Refusal;
        run = (CallPlan.Run)plan;
        return null;
    }

    private void BeginTransfer(CallLeg by, CallLeg staying, string number, SipRefer? refer, CallPlan.Run plan, TaskCompletionSource<Refusal?>? done = null)
    {
        by.Media.Leg?.Unbridge();
        CloseTalk();
        _peer = null;
        _served = staying;
        _transfer = new PendingTransfer(by, refer, done);
        _called = plan.Called;
        PlayMusic(staying);
        Run(new CallScript(this, staying, plan.Application, plan.Called, number, []));
        Show();
    }

    private void TransferProgress(int status)
    {
        if (_transfer is { Refer: { } refer, Gone: false } && status is 180 or 183) _transfer.Refer!.Notify(180);
    }

    private void TransferSucceeded(int status)
    {
        if (_transfer is not { } transfer) return;
        _transfer = null;
        Journal(new CallTransferred
        {
            CallId = Id,
            Sequence = 0,
            At = default,
            By = transfer.By.Party,
            To = _peer?.Party ?? _called,
            Attended = false,
        });
        transfer.Refer?.Notify(status);
        transfer.Done?.TrySetResult(null);
        EndLeg(transfer.By, 200, "transferred", tell: true);
    }

    /// <summary>Nobody took it: back to who transferred, who may still be there, or is rung once more.</summary>
    private void TransferFailed(int status, Refusal? why = null)
    {
        if (_transfer is not { } transfer) return;
        _transfer = null;
        transfer.Done?.TrySetResult(why ?? TransferNotTaken);
        StopScript();
        if (!transfer.Gone)
        {
            transfer.Refer?.Notify(status);
            _peer = transfer.By;
            Rejoin();
            OpenTalk();
            Show();
            return;
        }

        if (_served is not { } served) return;
        if (transfer.By.Party is not { Kind: PartyKind.Internal } back || _recalled)
        {
            Finish(Outcome(CallOutcome.Failed), status, "transfer-failed");
            return;
        }

        _recalled = true;
        var plan = _exchange.Router.Route(new CallRequest { Caller = served.Party, Dialled = back.Number, At = _exchange.Time.GetUtcNow(), OnBehalfOf = back });
        if (plan is not CallPlan.Run run)
        {
            Finish(Outcome(CallOutcome.Failed), status, "transfer-failed");
            return;
        }

        PlayMusic(served);
        Run(new CallScript(this, served, run.Application, run.Called, back.Number, []));
        Show();
    }

    private bool _recalled;

    private static Refusal TransferNotTaken { get; } = new("call.transfer-not-taken", RefusalKind.Conflict, 480, "Nobody took the call.");

    private void AbandonTransfer()
    {
        if (_transfer is not { } transfer) return;
        _transfer = null;
        transfer.Done?.TrySetResult(TransferNotTaken);
        if (!transfer.Gone) transfer.Refer?.Notify(487);
    }

    private void AttendedByPhone(CallMessage.Referred m, CallLeg staying, ReplacesHeader replaces)
    {
        // Told as what an INVITE with this Replaces would get (RFC 3891 §3). As the answer to the REFER itself, 481 would end the call (RFC 3261 §12.2.1.2).
        m.Refer.Accept();
        if (_exchange.Stack.FindSession(replaces.CallId, replaces.ToTag, replaces.FromTag)?.Owner is not CallLeg consultation || consultation == m.Leg)
        {
            m.Refer.Notify(481);
            return;
        }

        JoinWith(m.Leg, staying, consultation.Owner, consultation.Id, m.Refer, null);
    }

    private void OnJoinCalls(CallMessage.JoinCalls m)
    {
        if (_over || _transfer is not null || _legs.Find(l => l.Id == m.ByLeg) is not { } by || Opposite(by) is not { } staying)
        {
            m.Done.SetResult(new Refusal("call.not-talking", RefusalKind.Conflict, 481, "Both calls must be in a conversation."));
            return;
        }

        // The other call knows its own legs: it is asked by name.
        JoinWith(by, staying, m.Other, m.OtherLeg, null, m.Done);
    }

    private void JoinWith(CallLeg by, CallLeg staying, Call other, Guid consultation, SipRefer? refer, TaskCompletionSource<Refusal?>? done)
    {
        if (other == this)
        {
            refer?.Notify(482);
            done?.SetResult(new Refusal("call.same", RefusalKind.Conflict, 482, "Both legs belong to the same call."));
            return;
        }

        other.Tell(new CallMessage.GiveUp(consultation, this, received =>
        {
            if (received is null)
            {
                refer?.Notify(481);
                done?.SetResult(ConsultationEnded);
                return;
            }

            Tell(new CallMessage.Received(staying, received, by, refer, done, other.Id));
        }));
    }

    /// <summary>The consultation call's side: hands over the party opposite to <paramref name="m"/>'s leg and ends.</summary>
    private void OnGiveUp(CallMessage.GiveUp m)
    {
        if (_over || _legs.Find(l => l.Id == m.Mine) is not { InTransit: false } mine)
        {
            m.Reply(null);
            return;
        }

        if (Opposite(mine) is { } opposite && _transfer is null)
        {
            opposite.Media.Leg?.Unbridge();
            StopPlaying(opposite);
            CloseTalk();
            _legs.Remove(opposite);
            opposite.Owner = m.To;
            _peer = null;
            _served = mine;
            Finish(CallOutcome.Answered, 200, "transferred");
            m.Reply(opposite);
            return;
        }

        // Still ringing, or a service speaks: the caller of this call is the one who transfers; its place is taken by the party who stays.
        // What a voicemail records already is the word of who transfers: that place cannot be taken.
        m.Reply(mine == _served && (_ringing is not null || (_script is not null && _serviceAnswered && _recording is null && _parked is null)) ? mine : null);
    }

    /// <summary>Our side: the newcomer takes the place of the one who transferred.</summary>
    private void OnReceived(CallMessage.Received m)
    {
        if (m.Opposite.Owner != this)
        {
            // A ringing consultation: this call's party goes there instead.
            MoveInto(m);
            return;
        }

        if (!m.Opposite.IsAlive)
        {
            m.Refer?.Notify(481);
            m.Done?.SetResult(ConsultationEnded);
            return;
        }

        _legs.Add(m.Opposite);
        if (_over || !m.Leg.IsAlive)
        {
            m.Refer?.Notify(481);
            m.Done?.SetResult(PartyGone);
            EndLeg(m.Opposite, 200, "transfer-failed", tell: true);
            return;
        }

        _served = m.Leg;
        _peer = m.Opposite;
        m.Opposite.HoldsOther = false;
        m.Opposite.HeldByServer = false;
        m.Leg.HeldByServer = false;
        _called = m.Opposite.Party;
        Rejoin();
        OpenTalk();
        Journal(new CallTransferred { CallId = Id, Sequence = 0, At = default, By = m.By.Party, To = m.Opposite.Party, Attended = true, Consultation = m.Consultation });
        m.Refer?.Notify(200);
        m.Done?.SetResult(null);
        EndLeg(m.By, 200, "transferred", tell: true);
        Show();
    }

    private void MoveInto(CallMessage.Received m)
    {
        if (_over || !m.Leg.IsAlive || m.Leg.InTransit)
        {
            m.Refer?.Notify(481);
            m.Done?.SetResult(PartyGone);
            return;
        }

        m.Leg.Media.Leg?.Unbridge();
        CloseTalk();
        Offer(m.Leg, m.Opposite.Owner, m.Opposite, "", taken =>
        {
            m.Refer?.Notify(taken ? 200 : 481);
            m.Done?.SetResult(taken ? null : ConsultationEnded);
            if (taken)
            {
                Finish(CallOutcome.Answered, 200, "transferred");
                return;
            }

            OpenTalk();
            Rejoin();
        });
    }

    private static Refusal ConsultationEnded { get; } = new("call.not-talking", RefusalKind.Conflict, 481, "The consultation call has ended.");

    private static Refusal PartyGone { get; } = new("call.not-talking", RefusalKind.Conflict, 481, "The party to be transferred has hung up.");
}
