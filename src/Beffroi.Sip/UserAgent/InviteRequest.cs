// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>The INVITE that makes a session: RFC 3261 §13.2. It stays with its transactions after the outcome, to acknowledge what comes late.</summary>
internal sealed class InviteRequest : ClientRequest
{
    private readonly SipSession _session;
    private OutboundInvite? _what;              // dropped with the outcome
    private readonly string _from;
    private readonly string _to;

    internal InviteRequest(SipStack stack, SipSession session, OutboundInvite what) : base(stack, SipMethod.Invite)
    {
        _session = session;
        _what = what;
        _from = what.From.WithTag(session.LocalTag).Reveal();
        _to = what.To.WithoutTag().Reveal();
        ContactUser = what.ContactUser ?? what.From.Uri?.User ?? "";
        Target = what.Target;
        WasSymmetric = what.Flow is not null;
        MadeOffer = what.Sdp is not null;
        CSeq = 1;
    }

    internal string From => _from;
    internal string To => _to;
    internal string ContactUser { get; }
    internal bool MadeOffer { get; }

    /// <summary>It went over a registered flow: the peer is reached there and nowhere else.</summary>
    internal bool WasSymmetric { get; }

    /// <summary>Stands in for the remote target of a peer whose 2xx has no Contact.</summary>
    internal SipUri Target { get; }

    internal bool IsCancelSent { get; set; }

    /// <summary>The ACK of the dialog that was taken, sent again for a repeated 2xx.</summary>
    internal byte[]? Ack { get; set; }

    protected override string RequestUri => _what?.Target.WithoutHeaders().Reveal() ?? "";

    protected override DigestCredentials? Credentials => _session.Credentials;

    internal void Start() => Start(_what!);

    protected override uint NextCSeq() => CSeq + 1;

    protected override byte[] Compose(SipFlow flow, string branch)
    {
        var what = _what!;
        var writer = new SipWriter(1024 + (what.Sdp?.Length ?? 0));
        try
        {
            RequestWriter.Begin(ref writer, "INVITE", RequestUri, flow, branch, what.MaxForwards);
            foreach (var route in what.Route) writer.Header(SipHeaderName.Route, $"<{route.Reveal()}>");
            writer.Header(SipHeaderName.From, _from);
            writer.Header(SipHeaderName.To, _to);
            writer.Header(SipHeaderName.CallId, _session.CallId);
            writer.CSeq(CSeq, "INVITE");
            writer.Header(SipHeaderName.Contact, Contacts.Of(ContactUser, flow, IsSips));
            WriteAuthorization(ref writer);
            writer.Header(SipHeaderName.Allow, SipStack.AllowedInDialog);
            // Without an offer of ours a reliable provisional response would bring one that only a PRACK could answer: not invited.
            writer.Header(SipHeaderName.Supported, MadeOffer ? SipStack.SupportedOptions : SipStack.SupportedWithout100rel);
            _session.WriteSessionTimer(ref writer);
            Stack.WriteProduct(ref writer, SipHeaderName.UserAgent);
            foreach (var header in what.Headers) writer.Header(header);
            if (what.Sdp is { } sdp) writer.Body(SipStack.SdpType, sdp);
            else writer.Body(null, []);
            return writer.ToArray();
        }
        finally { writer.Dispose(); }
    }

    protected override bool Amend(SipMessage refusal) => _session.TakeIntervalTooSmall(refusal);

    protected override void Restarted() => _session.DropEarlyDialogs();

    protected override void Sent()
    {
        if (_what?.FirstResponseWithin is { } within) _session.WaitForFirstResponse(within);
    }

    protected override void SpokeLate(ClientTransaction transaction) => _session.CancelTry(transaction);

    protected override void Progressed(ClientTransaction transaction, SipMessage response) => _session.OnInviteProgressed(this, transaction, response);

    protected override void Finished(int status, SipMessage? response)
    {
        _session.OnInviteFinished(this, status, response);
        _what = null;
    }

    protected override void Deliver(ClientEvent what, ClientTransaction? transaction, object? subject) =>
        _session.Post(new SessionWork(SessionAct.ClientEvent, (int)what, this, subject, third: transaction));
}
