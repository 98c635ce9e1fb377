// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;
using Microsoft.Extensions.Logging;

namespace Beffroi.Sip.UserAgent;

public sealed partial class SipSession : IDialogEntry
{
    /// <summary>Methods of RFC 3261: believed of a peer that sends no Allow.</summary>
    private const uint BasicMethods = (1u << (int)SipMethod.Invite) | (1u << (int)SipMethod.Ack) | (1u << (int)SipMethod.Cancel) | (1u << (int)SipMethod.Bye) | (1u << (int)SipMethod.Options);

    private static readonly SipHeader[] TalkHeaders = [new(SipHeaderName.Event, "talk"), new(SipHeaderName.SubscriptionState, "active")];

    private bool _peerTakesTalk;
    private uint _peerMethods = BasicMethods;
    private string _peerOptions = "";
    private SipDialog? _dialog;                 // the one taken, or the first early one
    private SipDialog[] _forks = [];            // further early dialogs of our INVITE; replaced, never changed

    internal SipSession(SipStack stack, OutboundInvite what, ISipSessionListener listener)
    {
        _stack = stack;
        Listener = listener;
        IsOutbound = true;
        CallId = what.CallId ?? Identifiers.NewCallId();
        LocalTag = Identifiers.NewTag();
        Credentials = what.Credentials;
        IsSips = what.Target.IsSecure;
    }

    internal SipSession(SipStack stack, InboundInvite invite, ISipSessionListener listener)
    {
        _stack = stack;
        Listener = listener;
        var request = invite.Request;
        Invite = request;
        IsSips = request.RequestUri is { IsSecure: true };
        CallId = request.CallId;
        LocalTag = invite.Transaction.ToTag;
        _server = invite.Transaction;
        TakePeer(request);
        AddDialog(SipDialog.OfRequest(request, invite.Flow, LocalTag, request.RequestUri?.User ?? ""));
        PrepareSessionTimer(request);
    }

    private SipStackOptions Options => _stack.Options;

    /// <summary>Puts something into the mailbox. If nobody is at it, this thread works it off, and what comes meanwhile.</summary>
    internal void Post(in SessionWork work)
    {
        lock (_gate)
        {
            if (_busy)
            {
                (_waiting ??= new Queue<SessionWork>(4)).Enqueue(work);
                return;
            }
            _busy = true;
            _drainer = Environment.CurrentManagedThreadId;
        }
        var present = work;
        do
        {
            try { Do(present); }
            catch (Exception broken) { Break(broken, present.Act); }         // this call ends, the server does not
        }
        while (TryTakeNext(out present));
    }

    private bool TryTakeNext(out SessionWork next)
    {
        lock (_gate)
        {
            if (_waiting is not null && _waiting.TryDequeue(out next)) return true;
            _waiting = null;                    // kept only while there is a crowd: most sessions never have one
            _busy = false;
            _drainer = 0;
            next = default;
            return false;
        }
    }

    private void Do(in SessionWork work)
    {
        switch (work.Act)
        {
            case SessionAct.Start: BeginInvite((OutboundInvite)work.Subject!); break;
            case SessionAct.ClientEvent: ((ClientRequest)work.Subject!).Handle((ClientEvent)work.Number, (ClientTransaction?)work.Third, work.Other); break;
            case SessionAct.Request: TakeRequest((ServerTransaction)work.Subject!); break;
            case SessionAct.Ack: TakeAck((SipMessage)work.Subject!, (SipFlow)work.Other!); break;
            case SessionAct.Cancelled: TakeCancel((ServerTransaction)work.Subject!, (SipMessage)work.Other!); break;
            case SessionAct.Alarm: TakeAlarm((SessionAlarm)work.Subject!); break;
            case SessionAct.Progress: SendProgress(work.Number, (byte[]?)work.Subject, work.Headers ?? []); break;
            case SessionAct.Answer: SendAnswer((byte[]?)work.Subject, work.Headers ?? []); break;
            case SessionAct.Reject: SendRefusal(work.Number, work.Text, work.Headers ?? [], SessionEnd.Rejected); break;
            case SessionAct.Cancel: CancelInvite(work.Text, SipStatus.RequestTerminated); break;
            case SessionAct.Offer: MakeOffer((byte[])work.Subject!); break;
            case SessionAct.AcceptOffer: AnswerOffer((byte[])work.Subject!); break;
            case SessionAct.RejectOffer: RefuseOffer(work.Number); break;
            case SessionAct.AnswerAck: SendLateAnswer((byte[])work.Subject!); break;
            case SessionAct.End: EndLocally(work.Text, work.Headers ?? []); break;
            case SessionAct.Info: SendInDialog(SipMethod.Info, work.Text, (byte[])work.Subject!); break;
            case SessionAct.Message: SendInDialog(SipMethod.Message, work.Text, (byte[])work.Subject!); break;
            case SessionAct.Talk: SendInDialog(SipMethod.Notify, null, [], TalkHeaders); break;
            case SessionAct.Refer: SendRefer((NameAddress)work.Subject!, (NameAddress?)work.Other); break;
            case SessionAct.AnswerRefer: RespondToRefer((SipRefer)work.Subject!, work.Number); break;
            case SessionAct.NotifyRefer: SendReferNotify((SipRefer)work.Subject!, work.Number); break;
            case SessionAct.Snapshot: TakeSnapshot((SnapshotWish)work.Subject!); break;
        }
    }

    string IDialogEntry.LocalTag => LocalTag;

    bool IDialogEntry.Owns(SipMessage request) => request.CallId == CallId && HasRemoteTag(request.FromTag);

    void IDialogEntry.OnRequest(ServerTransaction transaction) => Post(new SessionWork(SessionAct.Request, subject: transaction));

    void IDialogEntry.OnAck(SipMessage ack, SipFlow flow) => Post(new SessionWork(SessionAct.Ack, subject: ack, other: flow));

    internal bool HasRemoteTag(string tag) => DialogOf(tag) is not null;

    private SipDialog? DialogOf(string remoteTag)
    {
        if (_dialog is { } dialog && dialog.RemoteTag == remoteTag) return dialog;
        foreach (var fork in _forks)
            if (fork.RemoteTag == remoteTag) return fork;
        return null;
    }

    private void AddDialog(SipDialog dialog)
    {
        if (_dialog is null) _dialog = dialog;
        else _forks = [.. _forks, dialog];
        _stack.CountDialogs(1);
    }

    /// <summary>The INVITE goes again (challenge, next target): dialogs of the former try are void.</summary>
    internal void DropEarlyDialogs()
    {
        _stack.CountDialogs(-(_forks.Length + (_dialog is null ? 0 : 1)));
        _forks = [];
        _dialog = null;
        _answeredEarly = false;
        if (State == SessionState.Early) State = SessionState.Starting;
    }

    /// <summary>A 2xx of this dialog was taken: the other early ones are over (RFC 3261 §13.2.2.4).</summary>
    private void KeepOnly(SipDialog dialog)
    {
        _stack.CountDialogs(-(_forks.Length + (_dialog is null ? 0 : 1) - 1));
        _forks = [];
        _dialog = dialog;
    }

    /// <summary>Notes what the peer allows and supports.</summary>
    private void TakePeer(SipMessage message)
    {
        if (message.Has(SipHeaderName.Allow))
        {
            var methods = 0u;
            foreach (var token in message.Tokens(SipHeaderName.Allow)) methods |= 1u << (int)SipMethods.Of(token);
            _peerMethods = methods & ~1u;
        }
        if (message.Has(SipHeaderName.AllowEvents)) _peerTakesTalk = message.HasToken(SipHeaderName.AllowEvents, "talk");
        if (message.Has(SipHeaderName.Supported) || message.Has(SipHeaderName.Require))
        {
            var supported = message.Values(SipHeaderName.Supported);
            var required = message.Values(SipHeaderName.Require);
            _peerOptions = supported.Count == 1 && required.Count == 0 ? supported[0] : string.Join(',', supported.Concat(required));
        }
    }

    /// <summary>Over: leaves the tables, lets go of what it held, tells the listener as its last word.</summary>
    private void Finish(SessionEnd why, SipMessage? request = null)
    {
        if (State == SessionState.Ended) return;
        State = SessionState.Ended;
        StopAlarms();
        AbandonInvites();
        _stack.Remove(this);
        _stack.CountDialogs(-(_forks.Length + (_dialog is null ? 0 : 1)));
        _forks = [];
        ReleasePending();
        var listener = Listener;
        Listener = SilentListener.Instance;
        try { listener.OnEnded(this, why, request); }
        finally { Owner = null; }
    }

    /// <summary>A response to an INVITE that is still out may be lost for good, since the peer repeats it for a living session only.</summary>
    private void AbandonInvites()
    {
        Abandon(_request);
        Abandon(_ourOffer);
    }

    private static void Abandon(ClientRequest? request)
    {
        if (request is null) return;
        request.IsAbandoned = true;
        request.Transaction?.GiveUpLater();
    }

    private void ReleasePending()
    {
        if (_theirOffer is { IsAnswered: false } pending) pending.Respond(SipStatus.RequestTerminated);
        _server = null;
        Invite = null;
        _theirOffer = null;
        _ourOffer = null;
        _queuedOffer = null;
        _repeated = null;
        _held = null;
        _lastProgress = null;
        _unacknowledged = null;
        _localSdp = null;
        _request = null;
    }

    private void Break(Exception broken, SessionAct act)
    {
        LogBroken(_stack.Log, broken, act);
        if (State == SessionState.Ended) return;
        try
        {
            if (_server is { IsAnswered: false } pending) pending.Respond(SipStatus.ServerInternalError);
            if (_request is { IsFinished: false }) CancelInvite(null, SipStatus.RequestTerminated);
            if (_dialog is not null && State is SessionState.Confirmed or SessionState.Accepted) SendBye(null, []);
            Finish(SessionEnd.Broken);
        }
        catch (Exception again) { LogBroken(_stack.Log, again, act); }       // the listener that broke it broke once more
    }

    [LoggerMessage(1300, LogLevel.Error, "A SIP session broke at {Act}; it is ended, the others go on.")]
    private static partial void LogBroken(ILogger log, Exception broken, SessionAct act);
}

/// <summary>A timer of a session: it only puts itself into the mailbox.</summary>
internal sealed class SessionAlarm(SipSession session, Alarm kind) : Timers.WheelTimer
{
    internal Alarm Kind { get; } = kind;

    /// <summary>When it is due, in ticks of the layer's clock; long.MaxValue when disarmed. Touched in the mailbox only.</summary>
    internal long DueAt { get; set; } = long.MaxValue;

    protected override void Fire() => session.Post(new SessionWork(SessionAct.Alarm, subject: this));
}

internal enum Alarm : byte
{
    /// <summary>Repeat a 2xx, or a reliable provisional response.</summary>
    Repeat,

    /// <summary>Repeat 180, so that proxies go on waiting.</summary>
    Progress,

    /// <summary>Nobody answered in the time the caller set.</summary>
    Ring,

    /// <summary>The target said nothing in the time the caller set.</summary>
    Silence,

    /// <summary>Refresh the session, or see that nobody has.</summary>
    Session,

    /// <summary>Make the offer again that met another one (491).</summary>
    OfferAgain,
}
