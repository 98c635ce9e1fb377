// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.Transactions;

/// <summary>Who sent a request. Threading: called outside locks, on the thread of the message or timer.</summary>
internal interface IClientTransactionUser
{
    /// <summary>A response: provisional ones, the first final one, and every 2xx to an INVITE.</summary>
    void OnResponse(ClientTransaction transaction, SipMessage response);

    /// <summary>No final response in 64·T1.</summary>
    void OnTimeout(ClientTransaction transaction);

    /// <summary>The request could not be sent, or its connection broke.</summary>
    void OnTransportFailure(ClientTransaction transaction);
}

/// <summary>One request on its way to one place: RFC 3261 §17.1.</summary>
internal sealed class ClientTransaction : Transaction
{
    private readonly IClientTransactionUser _user;

    internal ClientTransaction(TransactionLayer layer, IClientTransactionUser user, SipFlow flow, string branch, SipMethod method, byte[] request)
        : base(layer, flow, method == SipMethod.Invite ? TransactionState.Calling : TransactionState.Trying)
    {
        _user = user;
        Branch = branch;
        Method = method;
        Last = request;
    }

    internal string Branch { get; }
    internal SipMethod Method { get; }

    /// <summary>INVITE: a provisional response came and no final one, so a CANCEL may be sent (RFC 3261 §9.1).</summary>
    internal bool MayCancel => State == TransactionState.Proceeding;

    internal bool IsPending => State is TransactionState.Calling or TransactionState.Trying or TransactionState.Proceeding;

    private bool IsInvite => Method == SipMethod.Invite;

    protected override bool Unbounded => IsInvite;

    protected override (TransactionState Next, Acts Do) On(TransactionState state, Stimulus stimulus) =>
        IsInvite ? InviteClientTable.On(state, stimulus) : NonInviteClientTable.On(state, stimulus);

    protected override TimeSpan Linger(TransactionState state) => state switch
    {
        TransactionState.Accepted => Layer.Options.GiveUp,                                            // M
        _ when Flow.IsReliable => TimeSpan.Zero,                                                      // D, K
        _ => IsInvite ? Layer.Options.GiveUp : Layer.Options.T4,
    };

    /// <summary>Enters the table and sends. A failure is told to the user before this returns.</summary>
    internal void Start()
    {
        byte[] request;
        lock (Gate)
        {
            request = Last!;
            Layer.Add(this);
            ArmFirst(Flow.IsReliable ? null : Layer.Options.T1, giveUp: true);
        }
        if (!Flow.Send(request)) Fail();
    }

    internal void Receive(SipMessage response)
    {
        Acts acts;
        byte[]? ack = null;
        lock (Gate)
        {
            var status = response.StatusCode;
            acts = Take(status < 200 ? Stimulus.Status1xx : status < 300 ? Stimulus.Status2xx : Stimulus.Status3xxTo6xx);
            if ((acts & Acts.SendAck) != 0) ack = RequestWriter.AckFor(Last!, response);
            else if ((acts & Acts.SendAckAgain) != 0) ack = Last;
            // Of a request only the ACK is ever sent again once it has a final response.
            if (State is TransactionState.Completed) Last = ack ?? Last;
            else if (!IsPending) Last = null;
        }
        if (ack is not null && !Flow.Send(ack)) Fail();
        if ((acts & Acts.Pass) != 0) _user.OnResponse(this, response);
        else if ((acts & Acts.SendAckAgain) == 0) Layer.Counters.CountStray();
    }

    /// <summary>INVITE: the CANCEL for it, when one may be sent; the transaction then gives up after 64·T1 (RFC 3261 §9.1).</summary>
    internal byte[]? CancelFor(ReadOnlySpan<SipHeader> headers)
    {
        lock (Gate)
        {
            if (!MayCancel || Last is null) return null;
            ArmGiveUp();
            return RequestWriter.CancelFor(Last, headers);
        }
    }

    /// <summary>INVITE: nobody waits for its final response any more (the session is over), and it may never come: gives up after 64·T1.</summary>
    internal void GiveUpLater()
    {
        lock (Gate)
            if (State == TransactionState.Proceeding && IsInvite) ArmGiveUp();
    }

    /// <summary>INVITE: nothing at all came, and nobody waits any longer: it is not sent again, but stays until timer B for what comes late. False when something came.</summary>
    internal bool GiveUpSilent()
    {
        lock (Gate)
        {
            if (State != TransactionState.Calling) return false;
            ClearAgain();
            return true;
        }
    }

    /// <summary>The connection broke, or a send failed.</summary>
    internal void Fail()
    {
        Acts acts;
        lock (Gate) acts = Take(Stimulus.TransportFailed);
        if ((acts & Acts.TellFailure) != 0) _user.OnTransportFailure(this);
    }

    protected override void Forget() => Layer.Remove(this);

    protected override void OnTimer(Acts acts, byte[]? last)
    {
        if ((acts & Acts.SendAgain) != 0 && last is not null)
        {
            Layer.Counters.CountRetransmission();
            if (!Flow.Send(last)) Fail();
        }
        if ((acts & Acts.TellTimeout) != 0) _user.OnTimeout(this);
    }
}
