// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text;
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;

namespace Beffroi.Sip.UserAgent;

/// <summary>REFER and the subscription it implies, both sides: RFC 3515, RFC 4488, RFC 6665 §4.</summary>
public sealed partial class SipSession
{
    private const string SipfragType = "message/sipfrag;version=2.0";
    private const int MostRefers = 4;

    private bool _hadRefer;
    private List<SipRefer>? _refers;            // the peer's, not yet over
    private List<uint>? _ourRefers;             // CSeq of ours, not yet over

    private void TakeRefer(ServerTransaction transaction, SipDialog dialog)
    {
        var request = transaction.Request;
        if (State is not (SessionState.Confirmed or SessionState.Accepted))
        {
            _stack.Refuse(transaction, SipStatus.Forbidden);
            return;
        }
        if (!request.TryAddresses(SipHeaderName.ReferTo, out var targets) || targets.Count != 1 || targets[0].Uri is not { } uri || !ReplacesHeader.TryFromUri(uri, out var replaces))
        {
            _stack.Refuse(transaction, SipStatus.BadRequest, "Bad Refer-To");
            return;
        }
        if (uri.Parameter("method") is { } method && method != "INVITE")
        {
            _stack.Refuse(transaction, SipStatus.Decline);
            return;
        }
        if (_refers is { Count: >= MostRefers })
        {
            RetryLater(transaction);
            return;
        }
        dialog.Refresh(request);
        var refer = new SipRefer(this, transaction, targets[0], replaces) { IsFirst = !_hadRefer };
        _hadRefer = true;
        (_refers ??= []).Add(refer);
        Listener.OnRefer(this, refer);
    }

    private void RespondToRefer(SipRefer refer, int status)
    {
        if (refer.Stage != 0) return;
        refer.Stage = 1;
        if (status >= 300)
        {
            refer.Transaction.Respond(status);
            EndReferSubscription(refer);
            return;
        }
        SipHeader[] headers = refer.Subscribes
            ? [new SipHeader(SipHeaderName.Contact, _dialog!.Contact)]
            : [new SipHeader(SipHeaderName.Contact, _dialog!.Contact), new SipHeader(SipHeaderName.ReferSub, "false"), new SipHeader(SipHeaderName.Supported, "norefersub")];
        refer.Transaction.Respond(SipStatus.Accepted, null, headers);
        if (refer.Subscribes) SendReferNotify(refer, SipStatus.Trying);
        else EndReferSubscription(refer);
    }

    /// <summary>NOTIFY with a sipfrag: RFC 3515 §2.4.5. It may go out after the session has ended: the subscription is a usage of its own (RFC 5057).</summary>
    private void SendReferNotify(SipRefer refer, int status)
    {
        if (refer.Stage != 1 || !refer.Subscribes || _dialog is not { } dialog) return;
        var final = status >= 200;
        if (final) EndReferSubscription(refer);
        SipHeader[] headers =
        [
            new(SipHeaderName.Event, refer.IsFirst ? "refer" : string.Create(CultureInfo.InvariantCulture, $"refer;id={refer.Id}")),
            new(SipHeaderName.SubscriptionState, final ? "terminated;reason=noresource" : "active;expires=180"),
        ];
        var body = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"SIP/2.0 {status} {SipStatus.Phrase(status)}\r\n"));
        new DialogRequest(_stack, dialog, SipMethod.Notify, headers, SipfragType, body, this) { Subscription = refer }.Start();
    }

    private void EndReferSubscription(SipRefer refer)
    {
        refer.Stage = 2;
        _refers?.Remove(refer);
        if (_refers is { Count: 0 }) _refers = null;
    }

    private void SendRefer(NameAddress target, NameAddress? referredBy)
    {
        if (State != SessionState.Confirmed)
        {
            if (State is not (SessionState.Ending or SessionState.Ended)) Listener.OnReferProgress(this, SipStatus.TemporarilyUnavailable, true);
            return;
        }
        var headers = new List<SipHeader>(2) { new(SipHeaderName.ReferTo, target.Reveal()) };
        if (referredBy is not null) headers.Add(new SipHeader(SipHeaderName.ReferredBy, referredBy.Reveal()));
        new DialogRequest(_stack, _dialog!, SipMethod.Refer, [.. headers], null, default, this).Start();
    }

    private void OnReferFinished(DialogRequest request, int status)
    {
        if (State is SessionState.Ending or SessionState.Ended) return;
        if (status >= 300) Listener.OnReferProgress(this, status, true);
        else (_ourRefers ??= []).Add(request.CSeq);
    }

    private static bool IsReferEvent(SipMessage request) =>
        request.Text(SipHeaderName.Event) is { } text && text.AsSpan().TrimStart().StartsWith("refer", StringComparison.OrdinalIgnoreCase)
        && (text.Trim().Length == 5 || text.Trim()[5] is ';' or ' ');

    /// <summary>NOTIFY for our REFER. It may overtake the 202.</summary>
    private void TakeNotify(ServerTransaction notify)
    {
        var request = notify.Request;
        if (!IsReferEvent(request))
        {
            _stack.Refuse(notify, SipStatus.BadEvent, null, new SipHeader(SipHeaderName.AllowEvents, "refer"));
            return;
        }
        if (!TryReadSipfrag(request, out var status))
        {
            _stack.Refuse(notify, SipStatus.BadRequest);
            return;
        }
        notify.Respond(SipStatus.Ok);
        var over = status >= 200 || (request.Text(SipHeaderName.SubscriptionState)?.StartsWith("terminated", StringComparison.OrdinalIgnoreCase) ?? false);
        if (over && _ourRefers is { Count: > 0 }) _ourRefers.RemoveAt(0);
        if (State is not (SessionState.Ending or SessionState.Ended)) Listener.OnReferProgress(this, status, over);
    }

    /// <summary>The status of "SIP/2.0 180 Ringing". An empty NOTIFY that ends the subscription tells nothing: 503 stands for it.</summary>
    private static bool TryReadSipfrag(SipMessage notify, out int status)
    {
        var body = notify.Body;
        status = SipStatus.ServiceUnavailable;
        if (body.IsEmpty) return true;
        return body.Length >= 11 && Ascii.EqualsIgnoreCase(body[..8], "SIP/2.0 ") && int.TryParse(body.Slice(8, 3), NumberStyles.None, CultureInfo.InvariantCulture, out status) && status is >= 100 and < 700;
    }

    /// <summary>The referrer renews or ends its subscription: RFC 3515 §2.4.4.</summary>
    private void TakeReferSubscribe(ServerTransaction subscribe)
    {
        if (_refers is not { Count: > 0 } refers)
        {
            _stack.Refuse(subscribe, SipStatus.CallDoesNotExist);
            return;
        }
        var expires = Math.Min(subscribe.Request.Number(SipHeaderName.Expires) ?? 180, 3600);
        subscribe.Respond(SipStatus.Ok, null, [new SipHeader(SipHeaderName.Expires, expires.ToString(CultureInfo.InvariantCulture)), new SipHeader(SipHeaderName.Contact, _dialog!.Contact)]);
        if (expires == 0) EndReferSubscription(refers[0]);
        else SendReferNotify(refers[0], SipStatus.Trying);
    }
}
