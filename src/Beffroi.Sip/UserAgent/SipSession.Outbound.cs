// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>The caller's side: RFC 3261 §13.2, CANCEL §9.1.</summary>
public sealed partial class SipSession
{
    private InviteRequest? _request;            // until its outcome
    private bool _cancelled;
    private string? _cancelReason;
    private int _cancelStatus;                  // what OnRejected tells after a CANCEL: 487, or 408 when the ring time was over
    private InviteRequest? _unacknowledged;     // a 2xx with an offer waits for AnswerAck

    private void BeginInvite(OutboundInvite what)
    {
        if (what.RingTimeout is { } ring) Arm(Alarm.Ring, ring);
        PrepareSessionTimer(null);
        _localSdp = what.Sdp;
        _request = new InviteRequest(_stack, this, what);
        _request.Start();
    }

    /// <summary>1xx, or a 2xx after the outcome.</summary>
    internal void OnInviteProgressed(InviteRequest request, ClientTransaction transaction, SipMessage response)
    {
        if (response.StatusCode >= 200)
        {
            TakeLate2xx(request, transaction, response);
            return;
        }
        if (_cancelled)
        {
            SendCancel(request);
            return;
        }
        if (response.ToTag.Length == 0)
        {
            Listener.OnProgress(this, response, default);
            return;
        }
        var dialog = DialogOf(response.ToTag) ?? MakeDialog(request, transaction.Flow, response);
        if (State == SessionState.Starting) State = SessionState.Early;
        TakePeer(response);
        if (response.HasToken(SipHeaderName.Require, "100rel") && !AcknowledgeReliable(dialog, request, response)) return;
        var sdp = SipBodies.SdpOf(response);
        if (request.MadeOffer && !sdp.IsEmpty && response.HasToken(SipHeaderName.Require, "100rel")) _answeredEarly = true;
        Listener.OnProgress(this, response, sdp);
    }

    /// <summary>The outcome of the INVITE: the first 2xx, a refusal, or a failure we made up.</summary>
    internal void OnInviteFinished(InviteRequest request, int status, SipMessage? response)
    {
        _request = null;
        Disarm(Alarm.Ring);
        Disarm(Alarm.Silence);
        if (status is >= 200 and < 300 && response is not null)
        {
            TakeFirst2xx(request, response);
            return;
        }
        if (State == SessionState.Ended) return;
        var why = _cancelled ? SessionEnd.Cancelled : response is null && status is SipStatus.ServiceUnavailable or SipStatus.FlowFailed ? SessionEnd.TransportFailed : SessionEnd.Rejected;
        State = SessionState.Ending;
        Listener.OnRejected(this, _cancelled ? _cancelStatus : status, response);
        Finish(why);
    }

    private void TakeFirst2xx(InviteRequest request, SipMessage response)
    {
        var dialog = DialogOf(response.ToTag) ?? MakeDialog(request, request.Flow!, response);
        dialog.TakeResponse(response);
        if (State == SessionState.Ended)
        {
            EndFork(dialog, request.CSeq);
            return;
        }
        KeepOnly(dialog);
        TakePeer(response);
        if (_cancelled)
        {
            // The 200 crossed our CANCEL: RFC 3261 §9.1, §15.
            Acknowledge(request, dialog, null);
            State = SessionState.Ending;
            Listener.OnRejected(this, _cancelStatus, null);
            _endWhy = SessionEnd.Cancelled;
            SendBye(_cancelReason, []);
            return;
        }
        StartSessionTimer(response, weAreUac: true);
        var sdp = SipBodies.SdpOf(response);
        if (request.MadeOffer || sdp.IsEmpty)
        {
            Acknowledge(request, dialog, null);
            State = SessionState.Confirmed;
            if (RefreshesByUpdate) _localSdp = null;
        }
        else
        {
            _unacknowledged = request;
            State = SessionState.Accepted;
        }
        Listener.OnAccepted(this, response, sdp);
        MakeQueuedOffer();
    }

    /// <summary>A 2xx after the first: the same one again is acknowledged again, that of another fork acknowledged and ended (RFC 3261 §13.2.2.4).</summary>
    private void TakeLate2xx(InviteRequest request, ClientTransaction transaction, SipMessage response)
    {
        if (_dialog is { } dialog && dialog.RemoteTag == response.ToTag)
        {
            if (request.Ack is { } ack) SendAck(dialog, ack);
            return;
        }
        var fork = new SipDialog(CallId, LocalTag, request.From, request.To, request.ContactUser) { Flow = transaction.Flow, IsSymmetric = request.WasSymmetric, IsSips = request.IsSips };
        fork.Begin(request.Target, response.CSeqNumber);
        fork.TakeResponse(response);
        EndFork(fork, response.CSeqNumber);
    }

    private void EndFork(SipDialog fork, uint cseq)
    {
        SendAck(fork, ComposeAck(fork, cseq, null));
        if (_endedForks?.Contains(fork.RemoteTag) ?? false) return;         // its BYE is on the way, only the ACK was lost
        (_endedForks ??= []).Add(fork.RemoteTag);
        new DialogRequest(_stack, fork, SipMethod.Bye, [], null, default, null).Start();
    }

    private List<string>? _endedForks;

    private SipDialog MakeDialog(InviteRequest request, SipFlow flow, SipMessage response)
    {
        var dialog = new SipDialog(CallId, LocalTag, request.From, request.To, request.ContactUser) { Flow = flow, IsSymmetric = request.WasSymmetric, IsSips = request.IsSips };
        dialog.Begin(request.Target, request.CSeq);
        dialog.TakeResponse(response);
        AddDialog(dialog);
        return dialog;
    }

    /// <summary>The answer to an offer in the 2xx goes into the ACK.</summary>
    private void SendLateAnswer(byte[] sdp)
    {
        if (_unacknowledged is not { } request || State != SessionState.Accepted) return;
        _unacknowledged = null;
        _localSdp = RefreshesByUpdate ? null : sdp;
        Acknowledge(request, _dialog!, sdp);
        State = SessionState.Confirmed;
        MakeQueuedOffer();
    }

    private void Acknowledge(InviteRequest request, SipDialog dialog, byte[]? sdp)
    {
        request.Ack = ComposeAck(dialog, request.CSeq, sdp);
        SendAck(dialog, request.Ack);
    }

    /// <summary>ACK for a 2xx: a request of its own, in the dialog, with the CSeq number of the INVITE (RFC 3261 §13.2.2.4).</summary>
    private byte[] ComposeAck(SipDialog dialog, uint cseq, byte[]? sdp)
    {
        var writer = new SipWriter(512 + (sdp?.Length ?? 0));
        try
        {
            DialogRequest.Begin(ref writer, dialog, SipMethod.Ack, cseq, dialog.Flow!, _stack.Layer.Loops.NewBranch(dialog.RequestUri));
            writer.Body(sdp is null ? null : SipStack.SdpType, sdp);
            return writer.ToArray();
        }
        finally { writer.Dispose(); }
    }

    private void SendAck(SipDialog dialog, byte[] ack)
    {
        if (dialog.TryFlow(out var flow))
        {
            flow.Send(ack);
            return;
        }
        if (dialog.NextHop is { } hop) _ = _stack.SendLaterAsync(hop, ack, dialog.Flow);
    }

    /// <summary>Gives up our INVITE. Without any response yet the CANCEL waits for the first one: RFC 3261 §9.1.</summary>
    private void CancelInvite(string? reason, int status)
    {
        if (!IsOutbound || _cancelled || _request is not { } request || State is not (SessionState.Starting or SessionState.Early)) return;
        _cancelled = true;
        _cancelReason = reason;
        _cancelStatus = status;
        State = SessionState.Ending;
        Disarm(Alarm.Ring);
        request.IsAbandoned = true;
        if (request.Transaction is null) OnInviteFinished(request, SipStatus.RequestTerminated, null);     // still looking for the way: nothing was sent
        else SendCancel(request);
    }

    private void SendCancel(InviteRequest request)
    {
        if (request.IsCancelSent || request.Transaction is not { } invite) return;
        request.IsCancelSent = CancelTry(invite);
    }

    internal void WaitForFirstResponse(TimeSpan within) => Arm(Alarm.Silence, within);

    /// <summary>False when no CANCEL may be sent (yet).</summary>
    internal bool CancelTry(ClientTransaction invite)
    {
        SipHeader[] headers = _cancelReason is null ? [] : [new SipHeader(SipHeaderName.Reason, _cancelReason)];
        if (invite.CancelFor(headers) is not { } cancel) return false;
        new ClientTransaction(_stack.Layer, CancelUser.Instance, invite.Flow, invite.Branch, SipMethod.Cancel, cancel).Start();
        return true;
    }

    /// <summary>Nobody cares how a CANCEL ends: the INVITE tells.</summary>
    private sealed class CancelUser : IClientTransactionUser
    {
        internal static readonly CancelUser Instance = new();

        public void OnResponse(ClientTransaction transaction, SipMessage response)
        {
        }

        public void OnTimeout(ClientTransaction transaction)
        {
        }

        public void OnTransportFailure(ClientTransaction transaction)
        {
        }
    }
}
