// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>A request outside any dialog: RFC 3261 §8.1.</summary>
internal sealed class PlainRequest : ClientRequest
{
    private readonly OutboundRequest _what;
    private readonly Action<SipOutcome> _done;
    private readonly string _callId;
    private readonly string _from;

    internal PlainRequest(SipStack stack, OutboundRequest what, Action<SipOutcome> done) : base(stack, what.Method)
    {
        _what = what;
        _done = done;
        _callId = what.CallId ?? Identifiers.NewCallId();
        _from = what.From.Tag is null ? what.From.WithTag(Identifiers.NewTag()).Reveal() : what.From.Reveal();
        CSeq = what.CSeq == 0 ? 1 : what.CSeq;
    }

    protected override string RequestUri => _what.Target.WithoutHeaders().Reveal();

    protected override DigestCredentials? Credentials => _what.Credentials;

    internal void Start() => Start(_what);

    protected override uint NextCSeq() => CSeq + 1;

    protected override byte[] Compose(SipFlow flow, string branch)
    {
        var writer = new SipWriter(1024 + _what.Body.Length);
        try
        {
            var method = SipMethods.Text(Method);
            RequestWriter.Begin(ref writer, method, RequestUri, flow, branch, _what.MaxForwards);
            foreach (var route in _what.Route) writer.Header(SipHeaderName.Route, $"<{route.Reveal()}>");
            writer.Header(SipHeaderName.From, _from);
            writer.Header(SipHeaderName.To, _what.To.Reveal());
            writer.Header(SipHeaderName.CallId, _callId);
            writer.CSeq(CSeq, method);
            if (_what.ContactUser is { } user) writer.Header(SipHeaderName.Contact, Contacts.Of(user, flow, IsSips, _what.ContactParameters));
            WriteAuthorization(ref writer);
            Stack.WriteProduct(ref writer, SipHeaderName.UserAgent);
            foreach (var header in _what.Headers) writer.Header(header);
            writer.Body(_what.ContentType, _what.Body.Span);
            return writer.ToArray();
        }
        finally { writer.Dispose(); }
    }

    protected override void Finished(int status, SipMessage? response) => _done(new SipOutcome(status, response, Flow, CSeq));
}
