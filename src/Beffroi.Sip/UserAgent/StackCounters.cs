// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.UserAgent;

/// <summary>What the stack counts, for /metrics. Threading: any thread.</summary>
public sealed class StackCounters
{
    private long _requests, _responses, _strays, _retransmissions, _unsendable, _refused, _merged, _loops;

    /// <summary>Requests and responses that reached the stack.</summary>
    public long Requests => Interlocked.Read(ref _requests);
    public long Responses => Interlocked.Read(ref _responses);

    /// <summary>Responses and ACKs that belong to nothing (any more): dropped.</summary>
    public long Strays => Interlocked.Read(ref _strays);

    /// <summary>Messages sent again because of a timer.</summary>
    public long Retransmissions => Interlocked.Read(ref _retransmissions);

    /// <summary>Responses the transport did not take.</summary>
    public long Unsendable => Interlocked.Read(ref _unsendable);

    /// <summary>Requests the stack refused by itself.</summary>
    public long Refused => Interlocked.Read(ref _refused);
    public long Merged => Interlocked.Read(ref _merged);
    public long Loops => Interlocked.Read(ref _loops);

    internal void CountRequest() => Interlocked.Increment(ref _requests);
    internal void CountResponse() => Interlocked.Increment(ref _responses);
    internal void CountStray() => Interlocked.Increment(ref _strays);
    internal void CountRetransmission() => Interlocked.Increment(ref _retransmissions);
    internal void CountUnsendable() => Interlocked.Increment(ref _unsendable);
    internal void CountRefused() => Interlocked.Increment(ref _refused);
    internal void CountMerged() => Interlocked.Increment(ref _merged);
    internal void CountLoop() => Interlocked.Increment(ref _loops);
}
