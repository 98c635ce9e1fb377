// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Sip.Dialogs;

/// <summary>State of a dialog: RFC 3261 §12. Who owns it sends by <see cref="SipStack.SendInDialog"/>.</summary>
/// <remarks>
/// <para>How requests inside a dialog travel: over the flow last used with the peer when it is an open stream connection (a peer behind NAT or a browser can be
/// reached in no other way; RFC 5923 allows it), or when the peer is symmetric: its UDP request came from another place than its Via says (NAT, RFC 3581), or the dialog was
/// made over a registered flow. Otherwise to the first route, or to the remote target, resolved by RFC 3263.</para>
/// <para>Threading: belongs to its usage (a session, or a subscription of the notifier); only <see cref="NextCSeq"/> may be called by anybody.</para>
/// </remarks>
public sealed class SipDialog
{
    private IReadOnlyList<NameAddress> _routes = [];
    private uint _localCSeq;
    private bool? _hopIsFlow;

    internal SipDialog(string callId, string localTag, string localText, string remoteText, string contactUser)
    {
        CallId = callId;
        LocalTag = localTag;
        LocalText = localText;
        RemoteText = remoteText;
        ContactUser = contactUser;
    }

    public string CallId { get; }
    public string LocalTag { get; }
    public string RemoteTag { get; internal set; } = "";

    /// <summary>From and To of our requests, tags included, as on the wire.</summary>
    internal string LocalText { get; }
    internal string RemoteText { get; set; }

    public NameAddress? Local => NameAddress.TryParse(LocalText, out var address) ? address : null;
    public NameAddress? Remote => NameAddress.TryParse(RemoteText, out var address) ? address : null;

    /// <summary>Contact of the peer: Request-URI of our requests.</summary>
    public SipUri? RemoteTarget { get; private set; }
    internal IReadOnlyList<NameAddress> Routes => _routes;
    internal string ContactUser { get; }

    /// <summary>The flow last used with the peer.</summary>
    public SipFlow? Flow { get; internal set; }
    internal bool IsSymmetric { get; set; }

    /// <summary>Our Contact is a sips URI: RFC 3261 §8.1.1.8, §12.1.1.</summary>
    internal bool IsSips { get; init; }
    internal uint LocalCSeq => _localCSeq;

    /// <summary>Highest CSeq of the peer's requests; null before the first.</summary>
    internal uint? RemoteCSeq { get; set; }

    /// <summary>RSeq of the last reliable provisional response of the peer that was acknowledged; null before the first (RFC 3262 §4).</summary>
    internal uint? LastRSeq { get; set; }

    /// <summary>Our Contact for this dialog, as a header value.</summary>
    public string Contact => Flow is null ? "" : Contacts.Of(ContactUser, Flow, IsSips);

    internal static SipDialog OfRequest(SipMessage request, SipFlow flow, string localTag, string contactUser)
    {
        var to = request.Text(SipHeaderName.To)!;
        var dialog = new SipDialog(request.CallId, localTag, request.ToTag.Length > 0 ? to : $"{to};tag={localTag}", request.Text(SipHeaderName.From)!, contactUser)
        {
            RemoteTag = request.FromTag,
            RemoteCSeq = request.CSeqNumber,
            Flow = flow,
            IsSymmetric = IsElsewhere(request),
            IsSips = WantsSips(request),
        };
        dialog._routes = request.Addresses(SipHeaderName.RecordRoute);
        dialog.RemoteTarget = request.From.Uri;          // of a peer of RFC 2543, which need name no Contact (its §6.13)
        dialog.Refresh(request);
        return dialog;
    }

    /// <summary>A dialog made by a SUBSCRIBE (or another dialog-forming request) that we are about to accept; answer with <see cref="Contact"/>.</summary>
    /// <param name="usage">Gets the requests of the peer inside the dialog until <see cref="SipStack.Forget"/>.</param>
    /// <param name="contactUser">User part of our Contact; null: that of the Request-URI.</param>
    public static SipDialog CreateUas(SipStack stack, ServerTransaction transaction, ISipDialogUsage usage, string? contactUser = null)
    {
        ArgumentNullException.ThrowIfNull(stack);
        ArgumentNullException.ThrowIfNull(transaction);
        var request = transaction.Request;
        var dialog = OfRequest(request, transaction.Flow, transaction.ToTag, contactUser ?? request.RequestUri?.User ?? "");
        stack.Add(new UsageEntry(dialog, usage));
        return dialog;
    }

    /// <summary>Takes route set, remote tag and target from a response that makes the dialog, or confirms it: RFC 3261 §12.1.2, §13.2.2.4.</summary>
    internal void TakeResponse(SipMessage response)
    {
        RemoteTag = response.ToTag;
        RemoteText = response.Text(SipHeaderName.To)!;
        var routes = response.Addresses(SipHeaderName.RecordRoute);
        _routes = routes.Count > 1 ? [.. routes.Reverse()] : routes;
        Refresh(response);
    }

    /// <summary>Target refresh: RFC 3261 §12.2. A Contact that cannot be used leaves the target as it is.</summary>
    internal void Refresh(SipMessage message)
    {
        if (!message.Has(SipHeaderName.Contact)) return;
        var contacts = message.Addresses(SipHeaderName.Contact);
        if (contacts.Count == 0 || contacts[0].Uri is not { } target) return;
        RemoteTarget = target;
        _hopIsFlow = null;
    }

    /// <summary>Notes the flow and the CSeq of a request of the peer. False when the CSeq goes back: RFC 3261 §12.2.2.</summary>
    internal bool TakeRequest(SipMessage request, SipFlow flow)
    {
        if (RemoteCSeq is { } last && request.CSeqNumber <= last) return false;
        RemoteCSeq = request.CSeqNumber;
        Follow(flow);
        return true;
    }

    /// <summary>The peer spoke over another connection, or from another port: it is reached there now.</summary>
    internal void Follow(SipFlow flow)
    {
        if (ReferenceEquals(flow, Flow)) return;
        Flow = flow;
        _hopIsFlow = null;
    }

    /// <summary>The next CSeq number for a request of ours. Threading: any thread.</summary>
    internal uint NextCSeq() => Interlocked.Increment(ref _localCSeq);

    internal void Restore(IReadOnlyList<NameAddress> routes, SipUri? target, uint localCSeq)
    {
        _routes = routes;
        RemoteTarget = target;
        _localCSeq = localCSeq;
    }

    /// <summary>Of our INVITE: its CSeq, and its Request-URI in case the peer never names a Contact.</summary>
    internal void Begin(SipUri target, uint cseq) => (RemoteTarget, _localCSeq) = (target, cseq);

    /// <summary>Where requests go next: the first route, or the remote target.</summary>
    internal SipUri? NextHop => _routes.Count > 0 ? _routes[0].Uri : RemoteTarget;

    /// <summary>Request-URI: of a strict router its own URI (RFC 3261 §12.2.1.1).</summary>
    internal string RequestUri => IsStrict ? _routes[0].Uri!.WithoutHeaders().WithoutParameter("method").Reveal() : RemoteTarget?.WithoutHeaders().Reveal() ?? "sip:invalid.invalid";

    private bool IsStrict => _routes.Count > 0 && _routes[0].Uri is { IsLoose: false };

    internal void WriteRoute(ref SipWriter writer)
    {
        for (var i = IsStrict ? 1 : 0; i < _routes.Count; i++) writer.Header(SipHeaderName.Route, _routes[i].Reveal());
        if (IsStrict && RemoteTarget is not null) writer.Header(SipHeaderName.Route, $"<{RemoteTarget.Reveal()}>");
    }

    /// <summary>The flow for a request, by the rule in the remarks; false: resolve <see cref="NextHop"/>.</summary>
    internal bool TryFlow([NotNullWhen(true)] out SipFlow? flow)
    {
        flow = Flow is { IsOpen: true } ? Flow : null;
        if (flow is not null && NextHop is { IsSecure: true } && !flow.Kind.IsSecure()) return false;       // RFC 3261 §26.2.2
        return flow is not null && (flow.IsReliable || IsSymmetric || (_hopIsFlow ??= IsAt(NextHop, flow.Remote)));
    }

    private static bool IsAt(SipUri? uri, IPEndPoint remote) =>
        uri is { IsSecure: false, IsTel: false } && uri.Transport is null or "udp" && (uri.Port == 0 ? 5060 : uri.Port) == remote.Port
        && uri.Parameter("maddr") is null && IPAddress.TryParse(uri.Host.AsSpan().Trim("[]"), out var address) && address.Equals(remote.Address);

    /// <summary>RFC 3261 §12.1.1: a sips URI as Request-URI, as top Record-Route, or as Contact where nothing was recorded.</summary>
    private static bool WantsSips(SipMessage request)
    {
        if (request.RequestUri is { IsSecure: true }) return true;
        var first = request.Addresses(request.Has(SipHeaderName.RecordRoute) ? SipHeaderName.RecordRoute : SipHeaderName.Contact);
        return first.Count > 0 && first[0].Uri is { IsSecure: true };
    }

    /// <summary>Whether the top Via of a request names another place than it came from.</summary>
    private static bool IsElsewhere(SipMessage request)
    {
        if (request.Source is not { } source) return false;
        var via = request.TopVia;
        return via.Received is not null || (via.HasRport && (via.Port == 0 ? 5060 : via.Port) != source.Port);
    }
}
