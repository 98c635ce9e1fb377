// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.Transactions;

/// <summary>Who answers an INVITE. Threading: called outside locks, on the thread of the message or timer.</summary>
internal interface IInviteServerUser
{
    /// <summary>A CANCEL for the INVITE; it was answered already.</summary>
    void OnCancel(ServerTransaction invite, SipMessage cancel);
}

/// <summary>The machine of a server transaction: RFC 3261 §17.2. It lives on after the answer, with as little as it needs to absorb what comes late.</summary>
internal sealed class ServerMachine : Transaction
{
    private IInviteServerUser? _user;           // under Gate
    private ServerTransaction? _handle;         // under Gate
    private SipMessage? _request;               // under Gate; until the final response, for 100 Trying
    private readonly SipTarget? _reopens;       // where to connect if the connection of the request is lost
    private SipFlow? _reopened;                 // under Gate; stands in for that connection
    private byte[]? _waiting;                   // under Gate; the newest response, until the new connection stands
    private readonly SipMethod _method;

    internal ServerMachine(TransactionLayer layer, in TransactionKey key, ulong mergeKey, SipMessage request, SipFlow responseFlow)
        : base(layer, responseFlow, request.Method == SipMethod.Invite ? TransactionState.Proceeding : TransactionState.Trying)
    {
        _request = request;
        _method = request.Method;
        _reopens = ResponsePath.Reopened(request, responseFlow);
        Key = key;
        MergeKey = mergeKey;
    }

    internal TransactionKey Key { get; }

    /// <summary>Finds the same request on another path (RFC 3261 §8.2.2.2); 0: has none.</summary>
    internal ulong MergeKey { get; }

    /// <summary>INVITE: whom a CANCEL reaches, with the transaction it knows; null once it has its final response.</summary>
    internal (IInviteServerUser? User, ServerTransaction? Invite) CancelTarget
    {
        get { lock (Gate) return (_user, _handle); }
    }

    internal bool IsAnswered => State is not (TransactionState.Trying or TransactionState.Proceeding);

    private bool IsInvite => _method == SipMethod.Invite;

    protected override bool GivesUpInCompleted => IsInvite;

    protected override Stimulus AgainStimulus => State == TransactionState.Proceeding ? Stimulus.TimerTrying : Stimulus.TimerRetransmit;

    protected override (TransactionState Next, Acts Do) On(TransactionState state, Stimulus stimulus) =>
        IsInvite ? InviteServerTable.On(state, stimulus) : NonInviteServerTable.On(state, stimulus);

    protected override TimeSpan Linger(TransactionState state) => state switch
    {
        TransactionState.Accepted => Layer.Options.GiveUp,                                            // L
        _ when Flow.IsReliable => TimeSpan.Zero,                                                      // I, J
        TransactionState.Confirmed => Layer.Options.T4,
        _ => Layer.Options.GiveUp,
    };

    /// <summary>Called when the user has seen the request: if it has not answered at once, the wait for its first word begins
    /// (INVITE: 100 after 200 ms, RFC 3261 §17.2.1; others: forgotten after 64·T1, when the peer has given up too).</summary>
    internal void Start()
    {
        lock (Gate)
        {
            if (Last is not null) return;
            if (State == TransactionState.Proceeding) ArmFirst(Layer.Options.TryingAfter, giveUp: false);
            else if (State == TransactionState.Trying) ArmFirst(null, giveUp: true);
        }
    }

    /// <summary>Names whom a CANCEL reaches.</summary>
    internal void Attach(IInviteServerUser user, ServerTransaction invite)
    {
        lock (Gate)
            if (!IsAnswered) (_user, _handle) = (user, invite);
    }

    /// <summary>Sends a response of the user, if the state lets it.</summary>
    internal void Send(int status, byte[] response)
    {
        Acts acts;
        lock (Gate)
        {
            if (IsInvite && State == TransactionState.Proceeding) ClearAgain();         // 100 Trying is needless now
            acts = Take(status < 200 ? Stimulus.Status1xx : status < 300 ? Stimulus.Status2xx : Stimulus.Status3xxTo6xx);
            if ((acts & Acts.Send) != 0 && State != TransactionState.Terminated) Last = KeepsLast(status) ? response : null;
            if (status >= 200) Release();
        }
        if ((acts & Acts.Send) != 0) Transmit(response);
    }

    /// <summary>Sends a final response and forgets everything: the same request, when it comes again, is a new one.</summary>
    internal void SendOnce(byte[] response)
    {
        lock (Gate)
        {
            if (IsAnswered) return;
            Release();
            Drop();
        }
        if (!Flow.Send(response)) Layer.Counters.CountUnsendable();
    }

    /// <summary>The same request came again.</summary>
    internal void ReceiveAgain()
    {
        Acts acts;
        byte[]? last;
        lock (Gate)
        {
            acts = Take(Stimulus.RequestAgain);
            last = Last;
        }
        if ((acts & Acts.SendAgain) != 0 && last is not null) Transmit(last);
    }

    /// <summary>An ACK with the branch of the INVITE. True: it was for a refusal and is done with; false: it acknowledges a 2xx and is the session's.</summary>
    internal bool ReceiveAck()
    {
        lock (Gate)
        {
            var acts = Take(Stimulus.Ack);
            if (State is TransactionState.Confirmed or TransactionState.Terminated) Last = null;
            return (acts & Acts.Pass) == 0;
        }
    }

    protected override void Forget() => Layer.Remove(this);

    protected override void OnTimer(Acts acts, byte[]? last)
    {
        if ((acts & Acts.SendTrying) != 0) SendTrying();
        if ((acts & Acts.SendAgain) == 0 || last is null) return;
        Layer.Counters.CountRetransmission();
        Transmit(last);
    }

    private void SendTrying()
    {
        byte[] trying;
        lock (Gate)
        {
            if (_request is null || Last is not null) return;                           // answered meanwhile
            trying = Last = SipResponses.Write(_request, SipStatus.Trying, null, null, []);
        }
        Transmit(trying);
    }

    /// <summary>By the connection of the request, or by a new one where that is lost (RFC 3261 §18.2.2). What is sent while the new one is being opened replaces what waits:
    /// a final response makes the provisional ones before it needless.</summary>
    private void Transmit(byte[] response)
    {
        SipFlow flow;
        lock (Gate) flow = _reopened ?? Flow;
        if (flow.Send(response)) return;
        if (flow.IsOpen || _reopens is not { } target)
        {
            Fail();
            return;
        }
        lock (Gate)
        {
            var isOpening = _waiting is not null;
            _waiting = response;
            if (isOpening) return;
        }
        _ = ReopenAsync(target);
    }

    private async Task ReopenAsync(SipTarget target)
    {
        var flow = await Layer.ConnectAsync(target).ConfigureAwait(false);
        byte[] response;
        lock (Gate)
        {
            _reopened = flow;
            response = _waiting!;
            _waiting = null;
        }
        if (flow is null || !flow.Send(response)) Fail();
    }

    /// <summary>2xx to an INVITE are repeated by the session, and nothing is repeated on a reliable transport.</summary>
    private bool KeepsLast(int status) => status < 200 || (!(IsInvite && status < 300) && (IsInvite || !Flow.IsReliable));

    private void Release()
    {
        _request = null;
        _user = null;
        _handle = null;
    }

    private void Fail()
    {
        lock (Gate) Take(Stimulus.TransportFailed);
        Layer.Counters.CountUnsendable();
    }
}
