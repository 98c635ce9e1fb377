// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.Net;

namespace Beffroi.Sip.Transport;

/// <summary>What TCP, TLS and WebSocket have in common: a bounded queue that one writer at a time empties, and the clocks that cut a peer who stalls.</summary>
/// <remarks>Threading: <see cref="Send"/> and <see cref="Close"/> from any thread. Who finds nobody writing becomes the writer, for as long as the peer takes bytes
/// at once; after that the writing goes on in the pool.</remarks>
internal abstract class StreamSipFlow(long id, SipTransportKind kind, IPEndPoint local, IPEndPoint remote, SipListenPoint? listenPoint, StreamLimits limits, SipTransportCounters counters)
    : SipFlow(id, kind, local, remote, listenPoint)
{
    protected static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Queue<ArraySegment<byte>> _queue = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _queued;                 // bytes in the queue
    private bool _writing;
    private long _writingSince;          // timestamps of the clock; 0: not
    private long _partialSince;
    private long _lastHeard = Math.Max(1, limits.Time.GetTimestamp());

    /// <summary>The timestamp of the last bytes taken.</summary>
    internal long LastHeard => Volatile.Read(ref _lastHeard);

    protected StreamLimits Limits => limits;

    protected SipTransportCounters Counters => counters;

    /// <summary>Cancelled when the connection is to be cut at once.</summary>
    protected CancellationTokenSource Cut { get; } = new();

    public sealed override bool Send(ReadOnlySpan<byte> message)
    {
        lock (_lock)
        {
            if (!IsOpen) return false;
            if (_writing)
            {
                if (_queued + message.Length > limits.SendQueueBytes)
                {
                    counters.Count(SipDropReason.SendQueueFull);
                    return false;
                }
                Enqueue(message);
                return true;
            }
            _writing = true;
            _writingSince = Now();
        }
        counters.CountSent(Kind);
        ValueTask<bool> written;
        try { written = WriteAsync(message); }
        catch (Exception lost) when (IsLoss(lost)) { written = new ValueTask<bool>(false); }
        if (!written.IsCompletedSuccessfully)
        {
            _ = WriteOnAsync(written);
            return true;
        }
        var alive = written.Result;
        if (!alive || !StopWritingWhenEmpty()) _ = WriteOnAsync(new ValueTask<bool>(alive));
        return alive;
    }

    public override void Close()
    {
        if (!MarkClosed()) return;
        StopReading();
    }

    /// <summary>Cuts the connection without sending what is queued.</summary>
    internal void Abort()
    {
        Close();
        Cut.Cancel();
    }

    /// <summary>Calls <paramref name="cut"/> when the connection is to be cut.</summary>
    internal CancellationTokenRegistration WhenCut(Action cut) => Cut.Token.Register(cut);

    /// <summary>Called once a second: cuts a peer that stalls.</summary>
    internal void Check(long now)
    {
        if (!IsOpen) return;                         // its farewell has a limit of its own
        if (IsOver(Volatile.Read(ref _writingSince), limits.SendTimeout, now))
        {
            counters.Count(SipDropReason.SendTimeout);
            Abort();
        }
        else if (IsOver(Volatile.Read(ref _partialSince), limits.MessageTimeout, now))
        {
            counters.Count(SipDropReason.SlowMessage);
            Abort();
        }
        else if (!IsKept && IsOver(Volatile.Read(ref _lastHeard), limits.IdleTimeout, now))
        {
            counters.Count(SipDropReason.Idle);
            Close();
        }
    }

    /// <summary>Starts to write one message, whose bytes are consumed when this returns. The result is false when the connection is lost.</summary>
    protected abstract ValueTask<bool> WriteAsync(ReadOnlySpan<byte> message);

    /// <summary>Makes the receive loop end soon.</summary>
    protected abstract void StopReading();

    /// <summary>Failures of a connection, as opposed to those of our code.</summary>
    protected static bool IsLoss(Exception lost) => lost is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException
        or System.Net.Sockets.SocketException or System.Net.WebSockets.WebSocketException or System.Security.Authentication.AuthenticationException;

    /// <summary>Something was heard; <paramref name="partial"/>: a message has begun and is not whole. <paramref name="progress"/>: one became whole.</summary>
    protected void Heard(bool partial, bool progress)
    {
        var now = Now();
        Volatile.Write(ref _lastHeard, now);
        if (!partial) Volatile.Write(ref _partialSince, 0);
        else if (progress || _partialSince == 0) Volatile.Write(ref _partialSince, now);
    }

    /// <summary>Waits, not for long, until what was queued before <see cref="Close"/> is written.</summary>
    protected async Task DrainAsync()
    {
        lock (_lock)
        {
            if (!_writing) return;
        }
        try { await _drained.Task.WaitAsync(Farewell, limits.Time, Cut.Token); }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            // The peer takes nothing: what is left is lost with the connection.
        }
    }

    private bool IsOver(long since, TimeSpan limit, long now) => since != 0 && limits.Time.GetElapsedTime(since, now) >= limit;

    /// <summary>Never 0, which says that nothing is under way.</summary>
    private long Now() => Math.Max(1, limits.Time.GetTimestamp());

    private void Enqueue(ReadOnlySpan<byte> message)
    {
        var copy = ArrayPool<byte>.Shared.Rent(message.Length);
        message.CopyTo(copy);
        _queue.Enqueue(new ArraySegment<byte>(copy, 0, message.Length));
        _queued += message.Length;
    }

    private async Task WriteOnAsync(ValueTask<bool> first)
    {
        var alive = await TryAsync(first);
        while (alive && !StopWritingWhenEmpty())
        {
            ArraySegment<byte> next;
            lock (_lock)
            {
                next = _queue.Dequeue();
                _queued -= next.Count;
                _writingSince = Now();
            }
            ValueTask<bool> write;
            try { write = WriteAsync(next); }
            catch (Exception lost) when (IsLoss(lost)) { write = new ValueTask<bool>(false); }
            ArrayPool<byte>.Shared.Return(next.Array!);
            counters.CountSent(Kind);
            alive = await TryAsync(write);
        }
        if (alive) return;
        Abort();
        lock (_lock)
        {
            while (_queue.TryDequeue(out var lost)) ArrayPool<byte>.Shared.Return(lost.Array!);
            _queued = 0;
        }
        StopWritingWhenEmpty();
    }

    private static async ValueTask<bool> TryAsync(ValueTask<bool> write)
    {
        try { return await write; }
        catch (Exception lost) when (IsLoss(lost)) { return false; }
    }

    private bool StopWritingWhenEmpty()
    {
        lock (_lock)
        {
            if (_queue.Count > 0) return false;
            _writing = false;
            _writingSince = 0;
            if (!IsOpen) _drained.TrySetResult();
            return true;
        }
    }
}

/// <summary>The limits of a connection; see <see cref="SipTransportOptions"/>.</summary>
internal sealed record StreamLimits(TimeProvider Time, int MaxMessageBytes, int SendQueueBytes, TimeSpan MessageTimeout, TimeSpan SendTimeout, TimeSpan IdleTimeout);
