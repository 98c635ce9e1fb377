// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Timers;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Sip.Transactions;

/// <summary>The tables of transactions, and what all of them use.</summary>
/// <remarks>Threading: any thread; the tables are concurrent, each transaction has its own lock.</remarks>
internal sealed class TransactionLayer(SipStackOptions options, ISipSender sender, TimingWheel wheel, TimeProvider time, StackCounters counters, CancellationToken stop)
{
    private readonly ConcurrentDictionary<TransactionKey, ServerMachine> _servers = new();
    private readonly ConcurrentDictionary<ulong, ServerMachine> _merged = new();
    private readonly ConcurrentDictionary<string, ClientTransaction> _clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ClientTransaction> _cancels = new(StringComparer.Ordinal);   // a CANCEL has the branch of its INVITE
    private readonly ConcurrentDictionary<long, SipFlow> _watched = new();
    private readonly long _start = time.GetTimestamp();
    private const int LongestBranch = 128;
    private int _count;

    internal SipStackOptions Options => options;
    internal TimingWheel Wheel => wheel;
    internal StackCounters Counters => counters;
    internal LoopGuard Loops { get; } = new();

    /// <summary>Monotonic, in ticks of 100 ns.</summary>
    internal long Now => time.GetElapsedTime(_start).Ticks;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>What is in the tables, for a test that finds them not empty: method and state of each.</summary>
    internal IEnumerable<string> Present =>
        _servers.Values.Select(one => $"server {one.Key.Method} {one.State}").Concat(_clients.Values.Concat(_cancels.Values).Select(one => $"client {one.Method} {one.State}"));

    internal bool TryFind(in TransactionKey key, out ServerMachine machine) => _servers.TryGetValue(key, out machine!);

    /// <summary>Enters a request. False when its transaction exists already: then <paramref name="machine"/> is that one.</summary>
    internal bool TryAdd(SipMessage request, SipFlow flow, in TransactionKey key, out ServerMachine machine)
    {
        if (_servers.TryGetValue(key, out machine!)) return false;
        machine = new ServerMachine(this, key, MergeKeyOf(request), request, ResponsePath.FlowFor(request, flow, sender));
        if (!_servers.TryAdd(key, machine))
        {
            machine = _servers[key];
            return false;
        }
        Interlocked.Increment(ref _count);
        return true;
    }

    /// <summary>RFC 3261 §8.2.2.2: whether the same request, without To tag, is already being answered after coming another way.</summary>
    internal bool IsMerged(ServerMachine machine) => machine.MergeKey != 0 && _merged.GetOrAdd(machine.MergeKey, machine) != machine;

    internal void Remove(ServerMachine machine)
    {
        if (!_servers.TryRemove(new KeyValuePair<TransactionKey, ServerMachine>(machine.Key, machine))) return;
        if (machine.MergeKey != 0) _merged.TryRemove(new KeyValuePair<ulong, ServerMachine>(machine.MergeKey, machine));
        Interlocked.Decrement(ref _count);
    }

    internal void Add(ClientTransaction transaction)
    {
        TableOf(transaction.Method)[transaction.Branch] = transaction;
        Interlocked.Increment(ref _count);
        if (transaction.Flow.IsReliable) Watch(transaction.Flow);
    }

    internal void Remove(ClientTransaction transaction)
    {
        if (TableOf(transaction.Method).TryRemove(transaction.Branch, out _)) Interlocked.Decrement(ref _count);
    }

    internal void Receive(SipMessage response)
    {
        var branch = response.Branch;
        Span<char> text = stackalloc char[LongestBranch];
        // Ours are short: a longer one is nobody's.
        if (branch.Length > LongestBranch || System.Text.Ascii.ToUtf16(branch, text, out var length) != System.Buffers.OperationStatus.Done) counters.CountStray();
        else if (TableOf(response.CSeqMethod).GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out var transaction) && transaction.Method == response.CSeqMethod) transaction.Receive(response);
        else counters.CountStray();
    }

    /// <summary>A connection to <paramref name="target"/>, the open one or a new one; null when it cannot be had.</summary>
    internal async Task<SipFlow?> ConnectAsync(SipTarget target)
    {
        try { return await sender.ConnectAsync(target.Kind, target.Address, target.ServerName, stop).ConfigureAwait(false); }
        catch (Exception closed) when (closed is OperationCanceledException or ObjectDisposedException) { return null; }       // the stack is being closed
    }

    private ConcurrentDictionary<string, ClientTransaction> TableOf(SipMethod method) => method == SipMethod.Cancel ? _cancels : _clients;

    /// <summary>On a broken connection nothing is sent again, so its requests fail at once rather than after 64·T1.</summary>
    private void Watch(SipFlow flow)
    {
        if (_watched.TryAdd(flow.Id, flow)) flow.Closed += OnClosed;
        if (!flow.IsOpen) OnClosed(flow);
    }

    private void OnClosed(SipFlow flow)
    {
        if (!_watched.TryRemove(flow.Id, out _)) return;
        flow.Closed -= OnClosed;
        foreach (var (_, transaction) in _clients)
            if (ReferenceEquals(transaction.Flow, flow)) transaction.Fail();
        foreach (var (_, transaction) in _cancels)
            if (ReferenceEquals(transaction.Flow, flow)) transaction.Fail();
    }

    private static ulong MergeKeyOf(SipMessage request)
    {
        if (request.ToTag.Length > 0 || request.Method is SipMethod.Cancel or SipMethod.Ack) return 0;
        var first = (uint)HashCode.Combine(request.CallId, request.FromTag, request.CSeqNumber, request.Method);
        var second = (uint)HashCode.Combine(request.CSeqNumber, request.FromTag, request.CallId);
        return ((ulong)first << 32) | second | 1;
    }
}
