// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.Transport;

/// <summary>Why something was not heard, not answered or not sent.</summary>
public enum SipDropReason
{
    /// <summary>From a banned address.</summary>
    Banned,
    /// <summary>Over the rate of its address.</summary>
    OverRate,
    /// <summary>The User-Agent is that of a known scanner.</summary>
    Scanner,
    /// <summary>A CRLF keep-alive by UDP: nothing to do.</summary>
    KeepAlive,
    /// <summary>Not SIP, or SIP too broken to be answered.</summary>
    Malformed,
    /// <summary>A connection refused: too many from its address, or in all.</summary>
    ConnectionRefused,
    /// <summary>A connection cut: its message did not become whole in time.</summary>
    SlowMessage,
    /// <summary>A connection closed: longer than the limit, or beyond repair.</summary>
    BrokenStream,
    /// <summary>A connection closed: idle, and nothing stands on it.</summary>
    Idle,
    /// <summary>A message not sent: the peer's queue is full.</summary>
    SendQueueFull,
    /// <summary>A connection cut: the peer takes nothing.</summary>
    SendTimeout,
    /// <summary>A datagram that the kernel refused.</summary>
    SendFailed,
    /// <summary>A receive call that failed.</summary>
    ReceiveFailed,
    /// <summary>A connection that could not be opened, or whose TLS handshake failed.</summary>
    ConnectFailed,
    /// <summary>The layer above failed on a message.</summary>
    HandlerFailed
}

/// <summary>What the transport counted since the start. Any thread; each figure is exact, a set of them is not one moment's.</summary>
public sealed class SipTransportCounters
{
    private readonly long[] _received = new long[Enum.GetValues<SipTransportKind>().Length];
    private readonly long[] _sent = new long[Enum.GetValues<SipTransportKind>().Length];
    private readonly long[] _dropped = new long[Enum.GetValues<SipDropReason>().Length];
    private readonly long[] _faults = new long[Enum.GetValues<SipParseFault>().Length];
    private long _connections;
    private long _stun;

    /// <summary>Connections open now, both directions.</summary>
    public long OpenConnections => Interlocked.Read(ref _connections);

    /// <summary>STUN keep-alives answered (RFC 5626 §3.5.2).</summary>
    public long StunAnswered => Interlocked.Read(ref _stun);

    /// <summary>Messages that reached the layer above.</summary>
    public long Received(SipTransportKind kind) => Interlocked.Read(ref _received[(int)kind]);

    public long Sent(SipTransportKind kind) => Interlocked.Read(ref _sent[(int)kind]);

    public long Dropped(SipDropReason reason) => Interlocked.Read(ref _dropped[(int)reason]);

    /// <summary>Messages with this fault, answered or not.</summary>
    public long Faults(SipParseFault fault) => Interlocked.Read(ref _faults[(int)fault]);

    internal void CountReceived(SipTransportKind kind) => Interlocked.Increment(ref _received[(int)kind]);

    internal void CountSent(SipTransportKind kind) => Interlocked.Increment(ref _sent[(int)kind]);

    internal void Count(SipDropReason reason) => Interlocked.Increment(ref _dropped[(int)reason]);

    internal void Count(SipParseFault fault) => Interlocked.Increment(ref _faults[(int)fault]);

    internal void CountStun() => Interlocked.Increment(ref _stun);

    internal void ConnectionOpened() => Interlocked.Increment(ref _connections);

    internal void ConnectionClosed() => Interlocked.Decrement(ref _connections);
}
