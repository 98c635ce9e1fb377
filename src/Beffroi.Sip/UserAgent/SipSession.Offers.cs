// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;

namespace Beffroi.Sip.UserAgent;

/// <summary>Changing a session: re-INVITE (RFC 3261 §14), UPDATE (RFC 3311), and what happens when both sides do it at once.</summary>
public sealed partial class SipSession
{
    private const int MostOfferTries = 8;

    private DialogRequest? _ourOffer;           // re-INVITE or UPDATE on its way, or waiting to go again
    private byte[]? _offeredSdp;
    private byte[]? _queuedOffer;               // made while another one was on its way
    private byte[]? _localSdp;                  // kept only for a peer without UPDATE: a refresh must repeat it
    private int _offerTries;
    private ServerTransaction? _theirOffer;     // waits for AcceptOffer or RejectOffer

    private bool IsModifying => _ourOffer is not null || _theirOffer is not null || _repeated is { IsReinvite: true };

    private void MakeOffer(byte[] sdp)
    {
        if (State is SessionState.Ending or SessionState.Ended) return;
        if (IsModifying || State == SessionState.Accepted)
        {
            _queuedOffer = sdp;
            return;
        }
        Disarm(Alarm.OfferAgain);               // the newer offer stands in for the one that waits
        _offerTries = 0;
        if (State == SessionState.Confirmed) SendOffer(SipMethod.Invite, sdp);
        else if (MayUpdateEarly) SendOffer(SipMethod.Update, sdp);
        else Listener.OnOfferRefused(this, SipStatus.NotAcceptableHere);
    }

    /// <summary>RFC 3311 §5.1: the first offer must have its answer, in a reliable response.</summary>
    private bool MayUpdateEarly => State == SessionState.Early && PeerAllows(SipMethod.Update) && _answeredEarly && (IsOutbound || _repeated is null);

    /// <summary>The offer of our INVITE has no answer yet: only a reliable response or the 2xx brings it (RFC 3262 §5).</summary>
    private bool IsFirstOfferOpen => IsOutbound && State is SessionState.Starting or SessionState.Early && !_answeredEarly && _request is { MadeOffer: true };

    private void MakeQueuedOffer()
    {
        if (_queuedOffer is not { } sdp || IsModifying || State != SessionState.Confirmed) return;
        _queuedOffer = null;
        MakeOffer(sdp);
    }

    private void SendOffer(SipMethod method, byte[]? sdp, bool isRefresh = false)
    {
        _offeredSdp = sdp;
        // 100rel is not offered: a re-INVITE is answered at once, and nobody rings.
        var headers = new List<SipHeader>(4) { new(SipHeaderName.Supported, SipStack.SupportedWithout100rel), new(SipHeaderName.Allow, SipStack.AllowedInDialog) };
        AddRefreshWish(headers);
        _ourOffer = new DialogRequest(_stack, _dialog!, method, [.. headers], sdp is null ? null : SipStack.SdpType, sdp, this) { IsRefresh = isRefresh };
        _ourOffer.Start();
    }

    private void OnOfferFinished(DialogRequest request, int status, SipMessage? response)
    {
        if (status is >= 200 and < 300 && response is not null)
        {
            TakeOfferAccepted(request, response);
            return;
        }
        if (request != _ourOffer) return;
        _ourOffer = null;
        if (State is SessionState.Ending or SessionState.Ended) return;
        if (IsGone(status, response))
        {
            PeerGone(status, response);
            return;
        }
        if (TryAgainLater(request, status, response)) return;
        _offerTries = 0;
        if (request.IsRefresh)
        {
            RefreshRefused(request, status, response);
            return;
        }
        Listener.OnOfferRefused(this, status);
        MakeQueuedOffer();
    }

    private void TakeOfferAccepted(DialogRequest request, SipMessage response)
    {
        request.Dialog.Refresh(response);
        if (request.Method == SipMethod.Invite)
        {
            request.Ack = ComposeAck(request.Dialog, request.CSeq, null);
            SendAck(request.Dialog, request.Ack);
        }
        if (request != _ourOffer) return;
        _ourOffer = null;
        _offerTries = 0;
        if (State is SessionState.Ending or SessionState.Ended) return;
        TakePeer(response);
        StartSessionTimer(response, weAreUac: true);
        if (_offeredSdp is not null) _localSdp = RefreshesByUpdate ? null : _offeredSdp;
        var sdp = SipBodies.SdpOf(response);
        if (!request.IsRefresh) Listener.OnAnswer(this, sdp);
        MakeQueuedOffer();
    }

    /// <summary>491, or 500 with Retry-After: both sides changed the session at once. RFC 3261 §14.1: who made the Call-ID waits 2.1 to 4 s, the other up to 2 s.</summary>
    private bool TryAgainLater(DialogRequest request, int status, SipMessage? response)
    {
        TimeSpan wait;
        if (status == SipStatus.RequestPending)
        {
            var tens = IsOutbound ? Random.Shared.Next(210, 401) : Random.Shared.Next(0, 201);
            wait = TimeSpan.FromMilliseconds(tens * 10);
        }
        else if (status == SipStatus.ServerInternalError && response?.Number(SipHeaderName.RetryAfter) is { } seconds) wait = TimeSpan.FromSeconds(Math.Clamp(seconds, 1, 10));
        else if (status == SipStatus.SessionIntervalTooSmall && response is not null && TakeIntervalTooSmall(response)) wait = TimeSpan.Zero;
        else return false;
        if (++_offerTries > MostOfferTries) return false;
        (_againMethod, _againIsRefresh) = (request.Method, request.IsRefresh);
        Arm(Alarm.OfferAgain, wait);
        return true;
    }

    private SipMethod _againMethod;
    private bool _againIsRefresh;

    private void OfferAgain()
    {
        if (State is not (SessionState.Confirmed or SessionState.Early)) return;
        if (IsModifying)
        {
            Arm(Alarm.OfferAgain, Options.T1);
            return;
        }
        SendOffer(State == SessionState.Confirmed && !_againIsRefresh ? SipMethod.Invite : _againMethod, _offeredSdp, _againIsRefresh);
    }

    private void TakeReinvite(ServerTransaction transaction, SipDialog dialog)
    {
        if (!_stack.IsBodyUnderstood(transaction)) return;
        if (_theirOffer is not null || IsUnanswered)
        {
            RetryLater(transaction);            // RFC 3261 §14.2: the one before has no final response yet
            return;
        }
        if (State is SessionState.Ending)
        {
            _stack.Refuse(transaction, SipStatus.CallDoesNotExist);
            return;
        }
        if (_ourOffer is not null || State != SessionState.Confirmed || _repeated is not null)
        {
            _stack.Refuse(transaction, SipStatus.RequestPending);
            return;
        }
        if (!AcceptInterval(transaction)) return;
        dialog.Refresh(transaction.Request);
        TakePeer(transaction.Request);
        _theirOffer = transaction;
        transaction.Machine.Attach(this, transaction);
        Listener.OnOffer(this, SipBodies.SdpOf(transaction.Request), transaction.Request);
    }

    private void TakeUpdate(ServerTransaction transaction, SipDialog dialog)
    {
        if (!_stack.IsBodyUnderstood(transaction)) return;
        var sdp = SipBodies.SdpOf(transaction.Request);
        if (State is SessionState.Ending)
        {
            _stack.Refuse(transaction, SipStatus.CallDoesNotExist);
            return;
        }
        if (!sdp.IsEmpty && (_theirOffer is not null || (IsUnanswered && !_answeredEarly)))
        {
            RetryLater(transaction);            // RFC 3311 §5.2
            return;
        }
        if (!sdp.IsEmpty && (_ourOffer is { IsRefresh: false } || _repeated is { AwaitsAnswer: true } || IsFirstOfferOpen))
        {
            _stack.Refuse(transaction, SipStatus.RequestPending);
            return;
        }
        if (!AcceptInterval(transaction)) return;
        dialog.Refresh(transaction.Request);
        TakePeer(transaction.Request);
        if (sdp.IsEmpty)
        {
            var headers = AnswerHeaders([], transaction.Request);
            transaction.Send(SipStatus.Ok, Compose(transaction, SipStatus.Ok, null, headers, null));
            ArmSessionTimer();
            return;
        }
        _theirOffer = transaction;
        Listener.OnOffer(this, sdp, transaction.Request);
    }

    private void RetryLater(ServerTransaction transaction) => _stack.Refuse(transaction, SipStatus.ServerInternalError, null,
        new SipHeader(SipHeaderName.RetryAfter, Random.Shared.Next(0, 11).ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>The session interval of a re-INVITE or UPDATE: 422 when it is too brief, otherwise taken over.</summary>
    private bool AcceptInterval(ServerTransaction transaction)
    {
        if (_stack.TooBriefInterval(transaction.Request))
        {
            _stack.RefuseInterval(transaction);
            return false;
        }
        PrepareSessionTimer(transaction.Request);
        return true;
    }

    private void AnswerOffer(byte[] sdp)
    {
        if (_refreshAsksForSdp) RefreshByInvite(sdp);
        if (_theirOffer is not { } transaction) return;
        _theirOffer = null;
        if (transaction.Request.Method == SipMethod.Prack)
        {
            transaction.Respond(SipStatus.Ok, null, default, SipStack.SdpType, sdp);
            ReleaseHeld();
            return;
        }
        var bytes = Compose(transaction, SipStatus.Ok, null, AnswerHeaders([], transaction.Request), sdp);
        transaction.Send(SipStatus.Ok, bytes);
        _localSdp = RefreshesByUpdate ? null : sdp;
        if (transaction.Request.Method == SipMethod.Invite)
            Repeat(new RepeatedResponse(transaction, SipStatus.Ok, bytes) { IsReinvite = true, AwaitsAnswer = SipBodies.SdpOf(transaction.Request).IsEmpty, GiveUpAt = GiveUpAt() });
        ArmSessionTimer();
        MakeQueuedOffer();
    }

    private void RefuseOffer(int status)
    {
        if (_theirOffer is not { } transaction) return;
        _theirOffer = null;
        transaction.Respond(status is >= 300 and <= 699 ? status : SipStatus.NotAcceptableHere);
        MakeQueuedOffer();
    }
}
