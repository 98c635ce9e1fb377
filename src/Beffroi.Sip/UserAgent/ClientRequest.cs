// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Authentication;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>What can happen to a request of ours.</summary>
internal enum ClientEvent
{
    Response,
    Timeout,
    TransportFailure,

    /// <summary>The next hop was resolved.</summary>
    Targets,

    /// <summary>A connection was made, or not.</summary>
    Connected,
}

/// <summary>A request on its way: through the targets of its next hop (RFC 3263 §4.3: the next one on 503, time-out or transport error),
/// through a challenge (401, 407), to one outcome.</summary>
/// <remarks>Threading: events of one request come one at a time, or are put in order by <see cref="Deliver"/> of a session's requests.</remarks>
internal abstract class ClientRequest(SipStack stack, SipMethod method) : IClientTransactionUser
{
    private const int MostChallenges = 2;

    /// <summary>RFC 3261 §18.1.1: larger requests may be cut into fragments on a path whose MTU is not known.</summary>
    internal const int LargestByUdp = 1300;

    private IReadOnlyList<SipTarget> _targets = [];
    private int _next;
    private int _challenges;
    private int _lastStatus = SipStatus.ServiceUnavailable;
    private SipMessage? _lastResponse;
    private SipHeader? _wwwAuthorization;
    private SipHeader? _proxyAuthorization;
    private bool _mayLeaveUdp;
    private List<ClientTransaction>? _givenUp;
    private SipFlow? _udp;              // the flow that the present try left for TCP because of its size

    protected SipStack Stack => stack;
    internal SipMethod Method => method;
    internal uint CSeq { get; set; }

    /// <summary>The flow of the present try.</summary>
    internal SipFlow? Flow { get; private set; }

    /// <summary>The present try; null before the first and after the outcome.</summary>
    internal ClientTransaction? Transaction { get; private set; }

    internal bool IsFinished { get; private set; }

    /// <summary>No further try is wanted (cancelled): the next failure is the outcome.</summary>
    internal bool IsAbandoned { get; set; }

    protected abstract string RequestUri { get; }
    protected abstract DigestCredentials? Credentials { get; }

    /// <summary>The Request-URI or the first route is a sips URI: it goes by TLS or not at all (RFC 3261 §8.1.2, §26.2.2), and our Contact is sips too (§8.1.1.8).</summary>
    internal bool IsSips { get; private set; }

    /// <summary>Status when the flow it must take is dead.</summary>
    protected virtual int DeadFlowStatus => SipStatus.FlowFailed;

    protected abstract byte[] Compose(SipFlow flow, string branch);

    protected abstract uint NextCSeq();

    /// <summary>101-199 and, for INVITE, a 2xx after the outcome.</summary>
    protected virtual void Progressed(ClientTransaction transaction, SipMessage response)
    {
    }

    /// <summary>The one outcome. <paramref name="response"/> is null for a status we made up.</summary>
    protected abstract void Finished(int status, SipMessage? response);

    /// <summary>A provisional response of a target that was given up because it was silent.</summary>
    protected virtual void SpokeLate(ClientTransaction transaction)
    {
    }

    /// <summary>A try was sent.</summary>
    protected virtual void Sent()
    {
    }

    /// <summary>The present target has been silent for too long: the next one, or 408.</summary>
    internal void GiveUpSilent()
    {
        if (IsAbandoned || Transaction is not { } silent || !silent.GiveUpSilent()) return;
        (_givenUp ??= []).Add(silent);
        Failed(SipStatus.RequestTimeout, null);
    }

    /// <summary>A refusal that can be answered by another request (422): true when it was, and the request shall go again.</summary>
    protected virtual bool Amend(SipMessage refusal) => false;

    /// <summary>The request goes again: what belonged to the former try is void.</summary>
    protected virtual void Restarted()
    {
    }

    /// <summary>Brings an event to <see cref="Handle"/>: at once, or through the mailbox of the session.</summary>
    protected virtual void Deliver(ClientEvent what, ClientTransaction? transaction, object? subject) => Handle(what, transaction, subject);

    /// <summary>Sends a request outside a dialog by the way it names.</summary>
    protected void Start(Outbound what)
    {
        IsSips = what.NextHop.IsSecure || what.Target.IsSecure;
        if (what.Flow is { } flow)
        {
            StartOver(flow);
            return;
        }
        _mayLeaveUdp = what.Targets is not null || what.NextHop.Transport is null;
        if (what.Targets is { } targets) Try(targets);
        else Resolve(what.NextHop);
    }

    /// <summary>Sends a request inside a dialog: over <paramref name="flow"/> and nowhere else, but for a large one by TCP to where the hop itself says; or resolves the hop.</summary>
    protected void Start(SipFlow? flow, SipUri? nextHop, bool isTied)
    {
        IsSips = nextHop is { IsSecure: true } || RequestUri.StartsWith("sips:", StringComparison.OrdinalIgnoreCase);
        _mayLeaveUdp = !isTied && nextHop is { Transport: null };
        if (flow is not null) StartOver(flow);
        else if (nextHop is not null) Resolve(nextHop);
        else Finish(SipStatus.ServiceUnavailable, null);
    }

    private void StartOver(SipFlow flow)
    {
        if (flow.IsOpen) SendOver(flow);
        else Finish(DeadFlowStatus, null);
    }

    private void Resolve(SipUri nextHop)
    {
        var pending = stack.Resolver.ResolveAsync(nextHop, stack.Stopping);
        if (pending.IsCompletedSuccessfully) Try(pending.Result);
        else _ = AwaitTargetsAsync(pending);
    }

    private void Try(IReadOnlyList<SipTarget> targets)
    {
        _targets = targets;
        TryNext();
    }

    void IClientTransactionUser.OnResponse(ClientTransaction transaction, SipMessage response) => Deliver(ClientEvent.Response, transaction, response);

    void IClientTransactionUser.OnTimeout(ClientTransaction transaction) => Deliver(ClientEvent.Timeout, transaction, null);

    void IClientTransactionUser.OnTransportFailure(ClientTransaction transaction) => Deliver(ClientEvent.TransportFailure, transaction, null);

    internal void Handle(ClientEvent what, ClientTransaction? transaction, object? subject)
    {
        switch (what)
        {
            case ClientEvent.Response:
                HandleResponse(transaction!, (SipMessage)subject!);
                break;
            case ClientEvent.Timeout when transaction == Transaction:
                Failed(SipStatus.RequestTimeout, null);
                break;
            case ClientEvent.TransportFailure when transaction == Transaction && _udp is not null && !IsAbandoned:
                Restarted();
                BackToUdp();
                break;
            case ClientEvent.TransportFailure when transaction == Transaction:
                Failed(_targets.Count == 0 ? DeadFlowStatus : SipStatus.ServiceUnavailable, null);
                break;
            case ClientEvent.Targets:
                Try((IReadOnlyList<SipTarget>)subject!);
                break;
            case ClientEvent.Connected when subject is SipFlow flow:
                SendOver(flow);
                break;
            case ClientEvent.Connected when _udp is not null:
                BackToUdp();
                break;
            case ClientEvent.Connected:
                Failed(SipStatus.ServiceUnavailable, null);
                break;
        }
    }

    private void HandleResponse(ClientTransaction transaction, SipMessage response)
    {
        var status = response.StatusCode;
        if (transaction == Transaction) _udp = null;         // the peer is there, by TCP
        if (status < 200 && _givenUp?.Contains(transaction) == true)
        {
            SpokeLate(transaction);
            return;
        }
        if (status < 200 || IsFinished || transaction != Transaction)
        {
            if ((status is > 100 and < 200 && !IsFinished && transaction == Transaction) || status is >= 200 and < 300 || (status == 100 && IsAbandoned)) Progressed(transaction, response);
            return;
        }
        switch (status)
        {
            case SipStatus.Unauthorized or SipStatus.ProxyAuthenticationRequired when !IsAbandoned && TryAuthorize(response):
                Again();
                break;
            case SipStatus.ServiceUnavailable:
                Failed(status, response);
                break;
            case >= 300 when !IsAbandoned && Amend(response):
                Again();
                break;
            default:
                Finish(status, response);
                break;
        }
    }

    /// <summary>This target failed: the next one, or the outcome.</summary>
    private void Failed(int status, SipMessage? response)
    {
        Transaction = null;
        _udp = null;
        // RFC 3263 §4.3: a target that failed comes last for a while, so that the next call does not wait for it again.
        if (_next > 0 && _next <= _targets.Count) stack.Resolver.Failed(_targets[_next - 1]);
        if (response is not null || _lastResponse is null) (_lastStatus, _lastResponse) = (status, response);
        TryNext();
    }

    private void TryNext()
    {
        while (!IsAbandoned && _next < _targets.Count)
        {
            var target = _targets[_next++];
            if (IsSips && !target.Kind.IsSecure())
            {
                _lastStatus = SipStatus.TemporarilyUnavailable;
                continue;
            }
            var pending = stack.Sender.ConnectAsync(target.Kind, target.Address, target.ServerName, stack.Stopping);
            if (!pending.IsCompletedSuccessfully)
            {
                _ = AwaitFlowAsync(pending);
                return;
            }
            if (pending.Result is not { } flow)
            {
                stack.Resolver.Failed(target);
                continue;
            }
            if (Flow is not null) Restarted();
            SendOver(flow);
            return;
        }
        Finish(_lastStatus, _lastResponse);
    }

    private void Again()
    {
        CSeq = NextCSeq();
        Restarted();
        SendOver(Flow!);
    }

    private void SendOver(SipFlow flow)
    {
        if (IsAbandoned)
        {
            Finish(SipStatus.RequestTerminated, null);
            return;
        }
        if (IsSips && !flow.Kind.IsSecure())                 // a binding's flow: nothing else leads to it
        {
            Finish(SipStatus.TemporarilyUnavailable, null);
            return;
        }
        Flow = flow;
        var branch = stack.Layer.Loops.NewBranch(RequestUri);
        var request = Compose(flow, branch);
        if (request.Length > LargestByUdp && LeavesUdp(flow)) return;
        Transaction = new ClientTransaction(stack.Layer, this, flow, branch, method, request);
        Transaction.Start();
        Sent();
    }

    /// <summary>RFC 3261 §18.1.1: a large request goes by TCP to the same address and port, written anew since its Via and Contact name the transport. False: it stays,
    /// because the peer is reached by this flow alone, its URI asks for UDP, or nobody listens there.</summary>
    private bool LeavesUdp(SipFlow flow)
    {
        if (flow.Kind != SipTransportKind.Udp || !_mayLeaveUdp || !stack.Options.LargeRequestsByTcp || stack.TcpRefusals.Has(flow.Remote)) return false;
        Transaction = null;
        _udp = flow;
        _ = AwaitTcpAsync(flow.Remote);
        return true;
    }

    private void BackToUdp()
    {
        var udp = _udp!;
        _udp = null;
        stack.TcpRefusals.Add(udp.Remote);
        SendOver(udp);
    }

    private void Finish(int status, SipMessage? response)
    {
        if (IsFinished) return;
        IsFinished = true;
        Transaction = null;
        _targets = [];
        _lastResponse = null;
        Finished(status, response);
    }

    protected void WriteAuthorization(ref SipWriter writer)
    {
        if (_wwwAuthorization is { } www) writer.Header(www);
        if (_proxyAuthorization is { } proxy) writer.Header(proxy);
    }

    /// <summary>Takes up a challenge; a second one only when it says that just the nonce was stale, or after the other kind.</summary>
    private bool TryAuthorize(SipMessage challenge)
    {
        if (Credentials is not { } credentials || _challenges >= MostChallenges) return false;
        var isProxy = challenge.StatusCode == SipStatus.ProxyAuthenticationRequired;
        var before = isProxy ? _proxyAuthorization : _wwwAuthorization;
        if (before is not null && !DigestClient.IsStale(challenge)) return false;
        if (!DigestClient.TryAuthorize(challenge, SipMethods.Text(method), RequestUri, credentials.Username, credentials.Password, out var header)) return false;
        _challenges++;
        if (isProxy) _proxyAuthorization = header;
        else _wwwAuthorization = header;
        return true;
    }

    private async Task AwaitTargetsAsync(ValueTask<IReadOnlyList<SipTarget>> pending)
    {
        IReadOnlyList<SipTarget> targets = [];
        try { targets = await pending.ConfigureAwait(false); }
        catch (OperationCanceledException) { }           // the stack is being closed
        Deliver(ClientEvent.Targets, null, targets);
    }

    private async Task AwaitFlowAsync(ValueTask<SipFlow?> pending)
    {
        SipFlow? flow = null;
        try { flow = await pending.ConfigureAwait(false); }
        catch (OperationCanceledException) { }
        Deliver(ClientEvent.Connected, null, flow);
    }

    private async Task AwaitTcpAsync(System.Net.IPEndPoint remote)
    {
        using var patience = new CancellationTokenSource(stack.Options.LargeRequestPatience, stack.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stack.Stopping);
        SipFlow? flow = null;
        try { flow = await stack.Sender.ConnectAsync(SipTransportKind.Tcp, remote, null, either.Token).ConfigureAwait(false); }
        catch (OperationCanceledException) { }
        Deliver(ClientEvent.Connected, null, flow);
    }
}
