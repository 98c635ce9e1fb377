// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

public sealed partial class SipStack
{
    private static readonly SipHeader SipsNotAllowed = new(SipHeaderName.Warning, "380 beffroi \"SIPS Not Allowed\"");

    private static readonly HashSet<string> KnownOptions = new(StringComparer.OrdinalIgnoreCase) { "100rel", "timer", "replaces", "norefersub" };

    private static readonly HashSet<string> KnownToRegistrar = new(StringComparer.OrdinalIgnoreCase) { "path", "outbound" };

    /// <inheritdoc/>
    public void Receive(SipMessage message, SipFlow flow)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(flow);
        if (!message.IsRequest)
        {
            Counters.CountResponse();
            Layer.Receive(message);
            return;
        }
        Counters.CountRequest();
        if (message.Method == SipMethod.Ack)
        {
            ReceiveAck(message, flow);
            return;
        }
        var key = TransactionKey.Of(message, message.Method);
        if (!Layer.TryAdd(message, flow, key, out var machine))
        {
            machine.ReceiveAgain();
            return;
        }
        var transaction = new ServerTransaction(message, flow, machine);
        if (message.Method == SipMethod.Cancel) ReceiveCancel(transaction);
        else Dispatch(transaction);
        machine.Start();
    }

    /// <summary>The ACK of a refusal has the branch of the INVITE (RFC 3261 §17.1.1.3); that of a 2xx goes to its dialog.</summary>
    private void ReceiveAck(SipMessage ack, SipFlow flow)
    {
        if (Layer.TryFind(TransactionKey.Of(ack, SipMethod.Invite), out var machine) && machine.ReceiveAck()) return;
        if (_dialogs.TryGetValue(ack.ToTag, out var entry) && entry.Owns(ack)) entry.OnAck(ack, flow);
        else Counters.CountStray();
    }

    /// <summary>RFC 3261 §9.2: 200 with the tag of the INVITE's responses if there is one, 481 otherwise; an answered INVITE is not touched.</summary>
    private void ReceiveCancel(ServerTransaction cancel)
    {
        if (!Layer.TryFind(TransactionKey.Of(cancel.Request, SipMethod.Invite), out var machine))
        {
            Refuse(cancel, SipStatus.CallDoesNotExist);
            return;
        }
        var (user, invite) = machine.CancelTarget;
        cancel.UseTag(invite?.ToTag);
        cancel.Respond(SipStatus.Ok);
        if (user is not null && invite is not null) user.OnCancel(invite, cancel.Request);
    }

    private void Dispatch(ServerTransaction transaction)
    {
        var request = transaction.Request;
        if (request.ToTag.Length > 0)
        {
            if (_dialogs.TryGetValue(request.ToTag, out var entry) && entry.Owns(request))
            {
                if (entry is SipSession || KnowsRequired(transaction)) entry.OnRequest(transaction);
            }
            else Refuse(transaction, SipStatus.CallDoesNotExist);
            return;
        }
        if (Core is not { } core)
        {
            Refuse(transaction, SipStatus.ServiceUnavailable);
            return;
        }
        if (!IsSound(transaction)) return;
        switch (request.Method)
        {
            case SipMethod.Invite:
                ReceiveInvite(transaction, core);
                break;
            case SipMethod.Bye or SipMethod.Info or SipMethod.Notify or SipMethod.Prack or SipMethod.Update:
                Refuse(transaction, SipStatus.CallDoesNotExist);
                break;
            case SipMethod.Other:
                Refuse(transaction, SipStatus.NotImplemented);
                break;
            default:
                core.OnRequest(transaction);
                break;
        }
    }

    /// <summary>RFC 3261 §8.2.2: scheme, hops, loops, merged requests, extensions. False when the request was refused.</summary>
    private bool IsSound(ServerTransaction transaction)
    {
        var request = transaction.Request;
        if (Layer.IsMerged(transaction.Machine))
        {
            Counters.CountMerged();
            Refuse(transaction, SipStatus.LoopDetected, "Merged Request");
            return false;
        }
        if (request.Method == SipMethod.Invite && IsLoop(request))
        {
            Counters.CountLoop();
            Refuse(transaction, SipStatus.LoopDetected);
            return false;
        }
        if (request.RequestUri is null)
        {
            Refuse(transaction, HasOurScheme(request) ? SipStatus.BadRequest : SipStatus.UnsupportedUriScheme);
            return false;
        }
        // RFC 3261 §26.2.2: somebody on the way has let go of what the caller asked for. 416 would say that we know no sips at all (RFC 5630 §5.1.2, §5.3).
        if (request.RequestUri.IsSecure && !transaction.Flow.Kind.IsSecure())
        {
            Refuse(transaction, SipStatus.TemporarilyUnavailable, null, SipsNotAllowed);
            return false;
        }
        // A B2BUA goes on where a proxy would; what it answers itself it answers at the last hop too (RFC 3261 §11, §16.3).
        if (request.MaxForwards == 0 && request.Method is SipMethod.Invite or SipMethod.Message or SipMethod.Refer)
        {
            Refuse(transaction, SipStatus.TooManyHops);
            return false;
        }
        return KnowsRequired(transaction);
    }

    /// <summary>RFC 3261 §8.2.2.3: 420 for an option we do not have.</summary>
    internal bool KnowsRequired(ServerTransaction transaction)
    {
        var request = transaction.Request;
        if (!request.Has(SipHeaderName.Require)) return true;
        var unknown = request.Tokens(SipHeaderName.Require).Where(option => !KnownOptions.Contains(option) && !(request.Method == SipMethod.Register && KnownToRegistrar.Contains(option))).ToArray();
        if (unknown.Length == 0) return true;
        Refuse(transaction, SipStatus.BadExtension, null, new SipHeader(SipHeaderName.Unsupported, string.Join(", ", unknown)));
        return false;
    }

    /// <summary>RFC 4028 §9: 422 with our minimum.</summary>
    internal void RefuseInterval(ServerTransaction transaction) => Refuse(transaction, SipStatus.SessionIntervalTooSmall, null,
        new SipHeader(SipHeaderName.MinSE, ((int)Options.MinSessionExpires.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private bool IsLoop(SipMessage request)
    {
        var first = Layer.Loops;
        if (!first.MayBeOurs(request)) return false;
        return request.TryVias(out var vias) && vias.Any(via => first.IsLoop(via.Branch, Encoding.UTF8.GetString(request.RequestUriText)));
    }

    private static bool HasOurScheme(SipMessage request)
    {
        var text = request.RequestUriText;
        var colon = text.IndexOf((byte)':');
        return colon > 0 && (Ascii.EqualsIgnoreCase(text[..colon], "sip") || Ascii.EqualsIgnoreCase(text[..colon], "sips") || Ascii.EqualsIgnoreCase(text[..colon], "tel"));
    }

    private void ReceiveInvite(ServerTransaction transaction, ISipCore core)
    {
        var request = transaction.Request;
        if (!IsBodyUnderstood(transaction)) return;
        if (request.Has(SipHeaderName.Accept) && !AcceptsSdp(request))
        {
            Refuse(transaction, SipStatus.NotAcceptable);
            return;
        }
        if (!request.Has(SipHeaderName.Contact) && request.TopVia.HasUniqueBranch)
        {
            Refuse(transaction, SipStatus.BadRequest, "Missing Contact");      // RFC 3261 §8.1.1.8: nobody could send a BYE; a peer of RFC 2543 (RFC 4475 §3.4.1) gets it at its From
            return;
        }
        if (TooBriefInterval(request))
        {
            RefuseInterval(transaction);
            return;
        }
        SipSession? replaced = null;
        if (request.Has(SipHeaderName.Replaces) && FindReplaced(request, out replaced) is var status and not 0)
        {
            Refuse(transaction, status);
            return;
        }
        var invite = new InboundInvite(this, transaction, replaced);
        transaction.Machine.Attach(invite, transaction);
        core.OnInvite(invite);
    }

    /// <summary>RFC 3261 §8.2.3: a body we must understand and do not is refused with what we accept.</summary>
    internal bool IsBodyUnderstood(ServerTransaction transaction)
    {
        var request = transaction.Request;
        if (request.Body.IsEmpty) return true;
        if (request.Has(SipHeaderName.ContentEncoding) && !request.HasToken(SipHeaderName.ContentEncoding, "identity"))
        {
            Refuse(transaction, SipStatus.UnsupportedMediaType, null, new SipHeader(SipHeaderName.AcceptEncoding, "identity"));
            return false;
        }
        if (request.HasToken(SipHeaderName.ContentType, SdpType) || IsOptional(request)) return true;
        if (request.Text(SipHeaderName.ContentType) is { } type && type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)) return true;
        Refuse(transaction, SipStatus.UnsupportedMediaType, null, new SipHeader(SipHeaderName.Accept, SdpType));
        return false;
    }

    private static bool AcceptsSdp(SipMessage request) =>
        request.HasToken(SipHeaderName.Accept, SdpType) || request.HasToken(SipHeaderName.Accept, "application/*") || request.HasToken(SipHeaderName.Accept, "*/*");

    /// <summary>Content-Disposition: ...;handling=optional (RFC 3261 §20.11).</summary>
    private static bool IsOptional(SipMessage request) =>
        request.Text(SipHeaderName.ContentDisposition)?.Contains("handling=optional", StringComparison.OrdinalIgnoreCase) ?? false;

    /// <summary>RFC 4028 §9: an interval under our minimum, from a peer that understands 422.</summary>
    internal bool TooBriefInterval(SipMessage request) =>
        request.Number(SipHeaderName.SessionExpires) is { } seconds && seconds < Options.MinSessionExpires.TotalSeconds && request.HasToken(SipHeaderName.Supported, "timer");

    /// <summary>RFC 3891 §3. Zero: <paramref name="replaced"/> may be taken over, or the header is none of ours to judge.</summary>
    /// <remarks>Deviation: the tags may stand the other way round, too. A newcomer who calls the telephone that rings names the dialog as that telephone sees it, one who
    /// calls its peer as we see it, and we stand for both.</remarks>
    private int FindReplaced(SipMessage request, out SipSession? replaced)
    {
        replaced = null;
        var values = request.Values(SipHeaderName.Replaces);
        if (values.Count != 1 || !ReplacesHeader.TryParse(values[0], out var named)) return SipStatus.BadRequest;
        if ((FindSession(named.CallId, named.ToTag, named.FromTag) ?? FindSession(named.CallId, named.FromTag, named.ToTag)) is not { } session) return SipStatus.CallDoesNotExist;
        switch (session.State)
        {
            case SessionState.Ending or SessionState.Ended:
                return SipStatus.Decline;
            case SessionState.Confirmed or SessionState.Accepted when named.EarlyOnly:
                return SipStatus.BusyHere;
            case SessionState.Starting or SessionState.Early when !session.IsOutbound:
                return SipStatus.CallDoesNotExist;                // an early dialog that the peer began cannot be replaced
            default:
                replaced = session;
                return 0;
        }
    }

    internal void Refuse(ServerTransaction transaction, int status, string? reason = null, params ReadOnlySpan<SipHeader> headers)
    {
        Counters.CountRefused();
        transaction.Respond(status, reason, headers);
    }
}
