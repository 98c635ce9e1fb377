// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Sip.Dialogs;

/// <summary>A request inside a dialog: RFC 3261 §12.2.1.1. Its events go to the session that sent it, or its outcome to a callback.</summary>
internal sealed class DialogRequest : ClientRequest
{
    private readonly SipSession? _session;
    private readonly Action<SipOutcome>? _done;
    private readonly SipHeader[] _headers;
    private readonly string? _contentType;
    private readonly ReadOnlyMemory<byte> _body;

    internal DialogRequest(SipStack stack, SipDialog dialog, SipMethod method, SipHeader[] headers, string? contentType, ReadOnlyMemory<byte> body,
        SipSession? session, Action<SipOutcome>? done = null) : base(stack, method)
    {
        Dialog = dialog;
        _headers = headers;
        _contentType = contentType;
        _body = body;
        _session = session;
        _done = done;
        CSeq = dialog.NextCSeq();
    }

    internal SipDialog Dialog { get; }

    /// <summary>Re-INVITE: its ACK, sent again for a repeated 2xx.</summary>
    internal byte[]? Ack { get; set; }

    /// <summary>A session timer refresh (RFC 4028), whose refusal the listener is not told.</summary>
    internal bool IsRefresh { get; init; }

    /// <summary>NOTIFY: the REFER it tells about. Its 481 ends that subscription only (RFC 5057 §5.2).</summary>
    internal SipRefer? Subscription { get; init; }

    protected override string RequestUri => Dialog.RequestUri;

    protected override DigestCredentials? Credentials => _session?.Credentials;

    protected override int DeadFlowStatus => SipStatus.ServiceUnavailable;

    internal void Start() => Start(Dialog.TryFlow(out var flow) ? flow : null, Dialog.NextHop, Dialog.IsSymmetric);

    protected override uint NextCSeq() => Dialog.NextCSeq();

    protected override byte[] Compose(SipFlow flow, string branch)
    {
        Dialog.Flow ??= flow;
        if (!Dialog.Flow.IsOpen) Dialog.Follow(flow);
        var writer = new SipWriter(1024 + _body.Length);
        try
        {
            Begin(ref writer, Dialog, Method, CSeq, flow, branch);
            if (Method is SipMethod.Invite or SipMethod.Update or SipMethod.Refer or SipMethod.Subscribe or SipMethod.Notify)
                writer.Header(SipHeaderName.Contact, Contacts.Of(Dialog.ContactUser, flow, Dialog.IsSips));
            WriteAuthorization(ref writer);
            Stack.WriteProduct(ref writer, SipHeaderName.UserAgent);
            foreach (ref readonly var header in _headers.AsSpan()) writer.Header(header);
            writer.Body(_contentType, _body.Span);
            return writer.ToArray();
        }
        finally { writer.Dispose(); }
    }

    /// <summary>The part common to every request in a dialog, ACK included.</summary>
    internal static void Begin(ref SipWriter writer, SipDialog dialog, SipMethod method, uint cseq, SipFlow flow, string branch)
    {
        var name = SipMethods.Text(method);
        RequestWriter.Begin(ref writer, name, dialog.RequestUri, flow, branch);
        dialog.WriteRoute(ref writer);
        writer.Header(SipHeaderName.From, dialog.LocalText);
        writer.Header(SipHeaderName.To, dialog.RemoteText);
        writer.Header(SipHeaderName.CallId, dialog.CallId);
        writer.CSeq(cseq, name);
    }

    protected override void Progressed(ClientTransaction transaction, SipMessage response) => _session?.OnProgressed(this, transaction, response);

    protected override void Finished(int status, SipMessage? response)
    {
        if (_session is not null) _session.OnFinished(this, status, response);
        else _done?.Invoke(new SipOutcome(status, response, Flow, CSeq));
    }

    protected override void Deliver(ClientEvent what, ClientTransaction? transaction, object? subject)
    {
        if (_session is null) Handle(what, transaction, subject);
        else _session.Post(new SessionWork(SessionAct.ClientEvent, (int)what, this, subject, third: transaction));
    }
}
