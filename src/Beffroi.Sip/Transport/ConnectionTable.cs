// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Beffroi.Sip.Transport;

/// <summary>The open connections, by peer; looks once a second for those that stall.</summary>
/// <remarks>Threading: any thread. The clock's timer runs only while there are connections.</remarks>
internal sealed class ConnectionTable : IDisposable
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, StreamSipFlow> _flows = new();
    private readonly ConcurrentDictionary<(SipTransportKind, EndPointKey), StreamSipFlow> _byPeer = new();
    private readonly Lock _timerLock = new();
    private readonly ITimer _timer;
    private readonly TimeProvider _time;
    private readonly SipTransportCounters _counters;
    private int _count;

    internal ConnectionTable(TimeProvider time, SipTransportCounters counters)
    {
        _time = time;
        _counters = counters;
        _timer = time.CreateTimer(_ => CheckAll(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal void Add(StreamSipFlow flow)
    {
        _flows[flow.Id] = flow;
        _byPeer[(flow.Kind, EndPointKey.Of(flow.Remote))] = flow;
        _counters.ConnectionOpened();
        lock (_timerLock)
        {
            if (++_count == 1) _timer.Change(Round, Round);
        }
    }

    internal void Remove(StreamSipFlow flow)
    {
        if (!_flows.TryRemove(flow.Id, out _)) return;
        // Only if it still is the one known for this peer: a newer connection may have taken the place.
        _byPeer.TryRemove(new KeyValuePair<(SipTransportKind, EndPointKey), StreamSipFlow>((flow.Kind, EndPointKey.Of(flow.Remote)), flow));
        _counters.ConnectionClosed();
        lock (_timerLock)
        {
            if (--_count == 0) _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>An open connection to this peer; of a domain's, one whose certificate names that domain (RFC 5923 §9).</summary>
    internal bool TryGet(SipTransportKind kind, IPEndPoint remote, string? serverName, [NotNullWhen(true)] out StreamSipFlow? flow) =>
        _byPeer.TryGetValue((kind, EndPointKey.Of(remote)), out flow) && flow.IsOpen
        && (serverName is null || !kind.IsSecure() || string.Equals(flow.ServerName, serverName, StringComparison.OrdinalIgnoreCase));

    /// <summary>Closes all, and gives those that do not end by themselves the time that a farewell takes.</summary>
    internal void CloseAll()
    {
        foreach (var flow in _flows.Values) flow.Close();
    }

    public void Dispose() => _timer.Dispose();

    private void CheckAll()
    {
        var now = _time.GetTimestamp();
        foreach (var (_, flow) in _flows) flow.Check(now);
    }
}
