// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;

namespace Beffroi.Sip.UserAgent;

/// <summary>Requests inside the dialog, both ways: RFC 3261 §12.2, BYE §15, INFO RFC 6086, PRACK of the calling side RFC 3262 §4.</summary>
public sealed partial class SipSession
{
    private SessionEnd _endWhy = SessionEnd.Local;

    private void TakeRequest(ServerTransaction transaction)
    {
        var request = transaction.Request;
        if (State == SessionState.Ended || DialogOf(request.FromTag) is not { } dialog)
        {
            _stack.Refuse(transaction, SipStatus.CallDoesNotExist);
            return;
        }
        if (!dialog.TakeRequest(request, transaction.Flow))
        {
            _stack.Refuse(transaction, SipStatus.ServerInternalError, "CSeq Out of Order");
            return;
        }
        if (!_stack.KnowsRequired(transaction)) return;
        switch (request.Method)
        {
            case SipMethod.Bye: TakeBye(transaction); break;
            case SipMethod.Invite: TakeReinvite(transaction, dialog); break;
            case SipMethod.Update: TakeUpdate(transaction, dialog); break;
            case SipMethod.Prack: TakePrack(transaction); break;
            case SipMethod.Info: TakeInfo(transaction); break;
            case SipMethod.Refer: TakeRefer(transaction, dialog); break;
            case SipMethod.Notify: TakeNotify(transaction); break;
            case SipMethod.Subscribe when IsReferEvent(request): TakeReferSubscribe(transaction); break;
            case SipMethod.Subscribe: _stack.Refuse(transaction, SipStatus.Forbidden, "One Usage per Dialog"); break;     // RFC 6665 §4.5.2, RFC 5057 §7: a call's dialog is not shared
            case SipMethod.Message or SipMethod.Options when _stack.Core is { } core: core.OnRequest(transaction); break;
            case SipMethod.Other: _stack.Refuse(transaction, SipStatus.NotImplemented); break;
            default: _stack.Refuse(transaction, SipStatus.MethodNotAllowed, null, new SipHeader(SipHeaderName.Allow, SipStack.AllowedInDialog)); break;
        }
    }

    private void TakeBye(ServerTransaction bye)
    {
        bye.Respond(SipStatus.Ok);
        if (State == SessionState.Ending && _request is null && !_byeAfterAck) return;       // our own BYE crossed it and will bring the end
        if (IsUnanswered) _server!.Respond(SipStatus.RequestTerminated);     // RFC 3261 §15.1.2
        Finish(SessionEnd.Bye, bye.Request);
    }

    private void TakeInfo(ServerTransaction info)
    {
        if (info.Request.Text("Info-Package") is not null)
        {
            _stack.Refuse(info, 469, "Bad Info Package", new SipHeader(SipHeaderName.Other, "", "Recv-Info"));   // RFC 6086 §4.2.2: we know none
            return;
        }
        info.Respond(SipStatus.Ok);
        if (State != SessionState.Ending) Listener.OnInfo(this, info.Request);
    }

    private void EndLocally(string? reason, SipHeader[] headers)
    {
        switch (State)
        {
            case SessionState.Starting or SessionState.Early when IsOutbound:
                CancelInvite(reason, SipStatus.RequestTerminated);
                break;
            case SessionState.Starting or SessionState.Early:
                SendRefusal(SipStatus.TemporarilyUnavailable, null, reason is null ? headers : [.. headers, new SipHeader(SipHeaderName.Reason, reason)], SessionEnd.Local);
                break;
            case SessionState.Accepted when IsOutbound:
                if (_unacknowledged is { } request) Acknowledge(request, _dialog!, null);
                _unacknowledged = null;
                SendBye(reason, headers);
                break;
            case SessionState.Accepted:
                // The called side must not send BYE before the ACK, or before the INVITE transaction is given up: RFC 3261 §15.
                (_byeAfterAck, _byeReason, _byeHeaders) = (true, reason, headers);
                State = SessionState.Ending;
                break;
            case SessionState.Confirmed:
                SendBye(reason, headers);
                break;
        }
    }

    /// <summary>BYE; its outcome, whatever it is, ends the session.</summary>
    private void SendBye(string? reason, SipHeader[] headers)
    {
        State = SessionState.Ending;
        _byeAfterAck = false;
        StopAlarms();
        AbandonInvites();
        _repeated = null;
        if (reason is not null) headers = [.. headers, new SipHeader(SipHeaderName.Reason, reason)];
        new DialogRequest(_stack, _dialog!, SipMethod.Bye, headers, null, default, this).Start();
    }

    /// <summary>Ends without waiting for a peer that most likely is not there: BYE is sent, its answer not awaited.</summary>
    private void EndNow(SessionEnd why, string? reason)
    {
        if (State == SessionState.Ended) return;
        SipHeader[] headers = reason is null ? [] : [new SipHeader(SipHeaderName.Reason, reason)];
        new DialogRequest(_stack, _dialog!, SipMethod.Bye, headers, null, default, null).Start();
        Finish(why);
    }

    private void SendInDialog(SipMethod method, string? contentType, byte[] body, params SipHeader[] headers)
    {
        if (_dialog is not { RemoteTag.Length: > 0 } dialog || State is SessionState.Ending or SessionState.Ended) return;
        new DialogRequest(_stack, dialog, method, headers, contentType, body, this).Start();
    }

    /// <summary>A 1xx of ours, or a 2xx to a re-INVITE after the first.</summary>
    internal void OnProgressed(DialogRequest request, ClientTransaction transaction, SipMessage response)
    {
        if (response.StatusCode >= 200 && request is { Method: SipMethod.Invite, Ack: { } ack }) SendAck(request.Dialog, ack);
    }

    /// <summary>The outcome of a request inside the dialog.</summary>
    internal void OnFinished(DialogRequest request, int status, SipMessage? response)
    {
        switch (request.Method)
        {
            case SipMethod.Bye:
                Finish(_endWhy);
                return;
            case SipMethod.Invite or SipMethod.Update:
                OnOfferFinished(request, status, response);
                return;
            case SipMethod.Refer:
                OnReferFinished(request, status);
                break;
            case SipMethod.Notify:
                if (status >= 300 && request.Subscription is { } refer) EndReferSubscription(refer);
                return;
            case SipMethod.Prack:
                return;                         // a lost PRACK shows in the INVITE
        }
        if (IsGone(status, response)) PeerGone(status, response);
    }

    /// <summary>RFC 3261 §12.2.1.2: the peer knows the dialog no more, does not answer, or cannot be reached.</summary>
    private static bool IsGone(int status, SipMessage? response) =>
        status is SipStatus.CallDoesNotExist or SipStatus.RequestTimeout || (status == SipStatus.ServiceUnavailable && response is null);

    private void PeerGone(int status, SipMessage? response)
    {
        if (State is not (SessionState.Confirmed or SessionState.Accepted)) return;
        EndNow(response is null && status == SipStatus.ServiceUnavailable ? SessionEnd.TransportFailed : SessionEnd.PeerGone, null);
    }

    /// <summary>PRACK for a reliable provisional response; false when it came again, or out of order: then it is dropped (RFC 3262 §4). Each fork counts for itself.</summary>
    private bool AcknowledgeReliable(SipDialog dialog, InviteRequest request, SipMessage response)
    {
        if (!uint.TryParse(response.Text(SipHeaderName.RSeq), out var rseq) || response.CSeqMethod != SipMethod.Invite) return false;
        if (dialog.LastRSeq is { } last && rseq != last + 1) return false;
        dialog.LastRSeq = rseq;
        SipHeader[] headers = [new SipHeader(SipHeaderName.RAck, $"{rseq} {request.CSeq} INVITE")];
        new DialogRequest(_stack, dialog, SipMethod.Prack, headers, null, default, this).Start();
        return true;
    }
}
