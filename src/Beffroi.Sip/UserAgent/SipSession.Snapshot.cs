// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>Writing a confirmed session down, and taking one up.</summary>
public sealed partial class SipSession
{
    /// <summary>Asks for a snapshot and waits at its monitor until the mailbox has made it.</summary>
    private sealed class SnapshotWish
    {
        internal SessionSnapshot? Result { get; set; }
        internal bool IsDone { get; set; }
    }

    private SipSession(SipStack stack, SessionSnapshot snapshot, SipDialog dialog, ISipSessionListener listener)
    {
        _stack = stack;
        Listener = listener;
        IsOutbound = snapshot.IsOutbound;
        CallId = snapshot.CallId;
        LocalTag = snapshot.LocalTag;
        IsSips = snapshot.Sips;
        State = SessionState.Confirmed;
        _peerMethods = snapshot.PeerMethods;
        _peerOptions = snapshot.PeerOptions;
        (_interval, _weRefresh, _minInterval) = (snapshot.SessionExpires_s, snapshot.WeRefresh, snapshot.MinSessionExpires_s);
        _localSdp = snapshot.LocalSdp;
        AddDialog(dialog);
    }

    /// <summary>The session as it is now. Null unless it is confirmed: what is still being set up is not worth taking up elsewhere.</summary>
    /// <remarks>Waits for the thread that works off the mailbox at this moment, if there is one: microseconds.
    /// Not from inside a callback of another session: two that do so to each other would wait for ever.</remarks>
    public SessionSnapshot? Snapshot()
    {
        if (_drainer == Environment.CurrentManagedThreadId) return WriteDown();
        var wish = new SnapshotWish();
        Post(new SessionWork(SessionAct.Snapshot, subject: wish));
        lock (wish)
            while (!wish.IsDone) Monitor.Wait(wish);
        return wish.Result;
    }

    private void TakeSnapshot(SnapshotWish wish)
    {
        lock (wish)
        {
            wish.Result = WriteDown();
            wish.IsDone = true;
            Monitor.PulseAll(wish);
        }
    }

    private SessionSnapshot? WriteDown()
    {
        if (State != SessionState.Confirmed || _dialog is not { RemoteTarget: { } target } dialog) return null;
        return new SessionSnapshot
        {
            IsOutbound = IsOutbound,
            CallId = CallId,
            LocalTag = LocalTag,
            RemoteTag = dialog.RemoteTag,
            Local = dialog.LocalText,
            Remote = dialog.RemoteText,
            RemoteTarget = target.Reveal(),
            RouteSet = [.. dialog.Routes.Select(route => route.Reveal())],
            LocalCSeq = dialog.LocalCSeq,
            RemoteCSeq = dialog.RemoteCSeq,
            ContactUser = dialog.ContactUser,
            FlowKind = dialog.Flow?.Kind.ToString(),
            FlowRemote = dialog.Flow?.Remote.ToString(),
            Symmetric = dialog.IsSymmetric,
            Sips = dialog.IsSips,
            PeerMethods = _peerMethods,
            PeerOptions = _peerOptions,
            SessionExpires_s = _interval,
            WeRefresh = _weRefresh,
            MinSessionExpires_s = _minInterval,
            Username = Credentials?.Username,
            LocalSdp = _localSdp,
        };
    }

    /// <summary>Takes a session up: its dialog is known again, requests of the peer reach <paramref name="listener"/>, its timer runs anew.</summary>
    /// <exception cref="FormatException">The snapshot holds what no snapshot of ours can.</exception>
    public static SipSession Restore(SipStack stack, SessionSnapshot snapshot, ISipSessionListener listener)
    {
        ArgumentNullException.ThrowIfNull(stack);
        ArgumentNullException.ThrowIfNull(snapshot);
        var dialog = new SipDialog(snapshot.CallId, snapshot.LocalTag, snapshot.Local, snapshot.Remote, snapshot.ContactUser)
        {
            RemoteTag = snapshot.RemoteTag,
            RemoteCSeq = snapshot.RemoteCSeq,
            IsSymmetric = snapshot.Symmetric,
            IsSips = snapshot.Sips,
            Flow = FlowOf(stack, snapshot),
        };
        var routes = snapshot.RouteSet.Select(text => NameAddress.TryParse(text, out var route) ? route : throw new FormatException("A route of the snapshot is no address.")).ToArray();
        dialog.Restore(routes, SipUri.Parse(snapshot.RemoteTarget), snapshot.LocalCSeq);
        var session = new SipSession(stack, snapshot, dialog, listener);
        stack.Add(session);
        session.ArmSessionTimer();
        return session;
    }

    private static SipFlow? FlowOf(SipStack stack, SessionSnapshot snapshot) =>
        Enum.TryParse<SipTransportKind>(snapshot.FlowKind, out var kind) && IPEndPoint.TryParse(snapshot.FlowRemote ?? "", out var remote)
        && stack.Sender.TryGetFlow(kind, remote, out var flow) ? flow : null;
}
