// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>One INVITE usage of a dialog (RFC 5057), either side of it: from the INVITE to the end.</summary>
/// <remarks>Threading: a mailbox drained inline. Public methods and messages from the network are put into it, and whoever finds the session idle works
/// them off on its own thread, one by one; no lock is held meanwhile, so callbacks may call any session. Methods never throw for protocol reasons:
/// one that makes no sense in the present state does nothing. Properties may be read from any thread; inside a callback they are exact.</remarks>
public sealed partial class SipSession
{
    private readonly SipStack _stack;
    private readonly Lock _gate = new();
    private Queue<SessionWork>? _waiting;       // under _gate
    private bool _busy;                         // under _gate
    private int _drainer;                       // the thread at the mailbox; 0: none

    public bool IsOutbound { get; }
    public string CallId { get; }
    public string LocalTag { get; }

    /// <summary>Empty until the peer's tag is known.</summary>
    public string RemoteTag => _dialog?.RemoteTag ?? "";

    /// <summary>From of an outbound session, To of an inbound one, as they stand in the dialog.</summary>
    public NameAddress? Local => _dialog?.Local;
    public NameAddress? Remote => _dialog?.Remote;
    public SipUri? RemoteTarget => _dialog?.RemoteTarget;

    /// <summary>The Request-URI that made the session is a sips URI: who called wants TLS on every hop (RFC 3261 §26.2.2), also on those after us.</summary>
    public bool IsSips { get; private init; }

    /// <summary>The flow last used with the peer.</summary>
    public SipFlow? Flow => _dialog?.Flow;

    /// <summary>Inbound: the INVITE, until its ACK; null afterwards and on outbound sessions.</summary>
    public SipMessage? Invite { get; private set; }

    public SessionState State { get; private set; }
    public ISipSessionListener Listener { get; set; }

    /// <summary>For the listener's use.</summary>
    public object? Owner { get; set; }

    /// <summary>Answers 401 and 407 to requests inside the dialog.</summary>
    public DigestCredentials? Credentials { get; set; }

    /// <summary>Whether the peer's last Allow names the method. A peer that sent none is believed to know those of RFC 3261.</summary>
    public bool PeerAllows(SipMethod method) => (_peerMethods & (1u << (int)method)) != 0;

    /// <summary>Whether the peer's last Supported or Require names the option tag.</summary>
    public bool PeerSupports(string option)
    {
        ArgumentNullException.ThrowIfNull(option);
        foreach (var range in _peerOptions.AsSpan().Split(','))
            if (_peerOptions.AsSpan(range).Trim().Equals(option, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>Inbound: 101-199. Goes reliably (RFC 3262) when the peer requires it, or supports it and there is SDP.</summary>
    public void Progress(int status, byte[]? sdp = null, params SipHeader[] headers) => Post(new SessionWork(SessionAct.Progress, status, sdp, headers: headers));

    /// <summary>Inbound: 200, sent again until the ACK comes.</summary>
    public void Answer(byte[]? sdp, params SipHeader[] headers) => Post(new SessionWork(SessionAct.Answer, 200, sdp, headers: headers));

    /// <summary>Inbound: refuses with 300-699.</summary>
    public void Reject(int status, string? reason = null, params SipHeader[] headers) => Post(new SessionWork(SessionAct.Reject, status, text: reason, headers: headers));

    /// <summary>Inbound: 302, or 300 for several contacts.</summary>
    public void Redirect(IReadOnlyList<NameAddress> contacts)
    {
        ArgumentNullException.ThrowIfNull(contacts);
        var headers = contacts.Select(contact => new SipHeader(SipHeaderName.Contact, contact.Reveal())).ToArray();
        Reject(headers.Length > 1 ? SipStatus.MultipleChoices : SipStatus.MovedTemporarily, null, headers);
    }

    /// <summary>Outbound: gives up the INVITE. A 200 that crosses the CANCEL is acknowledged and ended; the outcome is 487 in any case.</summary>
    /// <param name="reasonHeader">Value of a Reason header (RFC 3326), for example <c>SIP;cause=200;text="Call completed elsewhere"</c>.</param>
    public void Cancel(string? reasonHeader = null) => Post(new SessionWork(SessionAct.Cancel, text: reasonHeader));

    /// <summary>Changes the session: UPDATE in an early dialog (refused here with 488 if the peer does not allow it), re-INVITE afterwards. 491 is tried again inside.</summary>
    public void Offer(byte[] sdp) => Post(new SessionWork(SessionAct.Offer, subject: sdp));

    /// <summary>Answers the pending <see cref="ISipSessionListener.OnOffer"/>; takes our offer if its SDP was empty.</summary>
    public void AcceptOffer(byte[] sdp) => Post(new SessionWork(SessionAct.AcceptOffer, subject: sdp));

    /// <summary>Refuses the pending <see cref="ISipSessionListener.OnOffer"/>: 488 and the like. The session goes on as it was.</summary>
    public void RejectOffer(int status) => Post(new SessionWork(SessionAct.RejectOffer, status));

    /// <summary>Outbound INVITE without SDP: the answer to the offer that came with <see cref="ISipSessionListener.OnAccepted"/>.</summary>
    public void AnswerAck(byte[] sdp) => Post(new SessionWork(SessionAct.AnswerAck, subject: sdp));

    /// <summary>Ends the session as its state demands: CANCEL, BYE, BYE after the ACK, or refusal 480.</summary>
    /// <param name="reasonHeader">Value of a Reason header (RFC 3326).</param>
    public void End(string? reasonHeader = null, params SipHeader[] headers) => Post(new SessionWork(SessionAct.End, text: reasonHeader, headers: headers));

    /// <summary>INFO. Its answer is not told; 481 or none at all ends the session.</summary>
    public void SendInfo(string contentType, byte[] body) => Post(new SessionWork(SessionAct.Info, subject: body, text: contentType));

    /// <summary>MESSAGE inside the dialog.</summary>
    public void SendMessage(string contentType, byte[] body) => Post(new SessionWork(SessionAct.Message, subject: body, text: contentType));

    /// <summary>Whether the telephone lets itself be answered or taken off hold from here: it names the event package "talk" in Allow-Events.</summary>
    public bool PeerTakesTalk => _peerTakesTalk;

    /// <summary>Presses the answer key of a telephone that rings, or takes it off hold: a NOTIFY of the package "talk" in the dialog, without subscription. No RFC has it; desk telephones of most makers do.</summary>
    public void Talk() => Post(new SessionWork(SessionAct.Talk));

    /// <summary>Asks the peer to call <paramref name="target"/> (RFC 3515); its progress comes by <see cref="ISipSessionListener.OnReferProgress"/>.</summary>
    public void Refer(NameAddress target, NameAddress? referredBy) => Post(new SessionWork(SessionAct.Refer, subject: target, other: referredBy));

    internal void AnswerRefer(SipRefer refer, int status) => Post(new SessionWork(SessionAct.AnswerRefer, status, refer));

    internal void NotifyRefer(SipRefer refer, int status) => Post(new SessionWork(SessionAct.NotifyRefer, status, refer));
}
