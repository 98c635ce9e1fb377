// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Beffroi.Sip.Transport;

/// <summary>Receives and sends SIP over UDP, TCP, TLS and WebSocket: RFC 3261 §18.</summary>
/// <remarks>Threading: every member from any thread. Order at start: <c>ListenSip</c> while the web server is configured, then <see cref="StartAsync"/>, then the web server.</remarks>
public sealed class SipTransportLayer : IAsyncDisposable
{
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly SipConnector _connector;
    private ImmutableArray<UdpEndpoint> _udp = [];
    private ImmutableArray<SipListenPoint> _listenPoints = [];
    private long _lastId;
    private int _disposed;

    public SipTransportLayer(SipTransportOptions options, TimeProvider time, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems().FirstOrDefault() is { } problem) throw new ArgumentException(problem, nameof(options));
        Options = options;
        _time = time;
        _log = logs.CreateLogger<SipTransportLayer>();
        Guard = new SourceGuard(options.Guard, time, logs.CreateLogger<SourceGuard>());
        Tls = new SipTls(options.Tls, time, _log);
        Reception = new MessageReception(Guard, options.Guard, Counters, _log);
        Gate = new ConnectionGate(options.ConnectionsPerAddress, options.MaxConnections, Guard, Counters);
        Connections = new ConnectionTable(time, Counters);
        Limits = new StreamLimits(time, options.MaxMessageBytes, options.SendQueueBytes, options.MessageTimeout, options.SendTimeout, options.IdleTimeout);
        _connector = new SipConnector(this, time, _log);
    }

    /// <summary>Where we listen; ports are the real ones once started. WebSocket is not among them.</summary>
    public IReadOnlyList<SipListenPoint> ListenPoints => _listenPoints;

    public SipTransportCounters Counters { get; } = new();

    /// <summary>Rate and ban per source. Upper layers tell it who failed and who authenticated, and which networks are trunks.</summary>
    public SourceGuard Guard { get; }

    /// <summary>UDP peers remembered now.</summary>
    public int UdpFlows => _udp.Sum(endpoint => endpoint.Flows);

    internal SipTransportOptions Options { get; }

    internal SipTls Tls { get; }

    internal MessageReception Reception { get; }

    internal ConnectionGate Gate { get; }

    internal ConnectionTable Connections { get; }

    internal StreamLimits Limits { get; }

    /// <summary>Binds the UDP sockets and begins to receive. Throws <see cref="SocketException"/> when an address is taken.</summary>
    public Task StartAsync(ISipMessageSink sink, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        Reception.Sink = sink;
        if (Options.Listen.Any(l => l.Transport == SipTransportKind.Tls)) Tls.Check();
        foreach (var listen in Options.Listen.Where(l => l.Transport == SipTransportKind.Udp))
        {
            var endpoint = new UdpEndpoint(listen, Options, Reception, NextId, _log);
            _udp = _udp.Add(endpoint);
            AddListenPoint(endpoint.ListenPoint);
        }
        foreach (var endpoint in _udp) endpoint.Start();
        return Task.CompletedTask;
    }

    /// <summary>A flow to a peer: at once for UDP or where a connection is open; else one is opened. Several that ask at the same time share it.</summary>
    /// <param name="serverName">The domain that a TLS peer must prove to be; null: its address.</param>
    /// <returns>Null when the peer cannot be reached, or by a kind that cannot be opened from here (WebSocket).</returns>
    public ValueTask<SipFlow?> ConnectAsync(SipTransportKind kind, IPEndPoint remote, string? serverName, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(remote);
        if (kind == SipTransportKind.Udp) return ValueTask.FromResult(TryGetFlow(kind, remote, out var udp) ? udp : null);
        if (Connections.TryGet(kind, remote, serverName, out var open)) return ValueTask.FromResult<SipFlow?>(open);
        return kind is SipTransportKind.Tcp or SipTransportKind.Tls ? _connector.ConnectAsync(kind, remote, serverName, stop) : ValueTask.FromResult<SipFlow?>(null);
    }

    /// <summary>The flow there is: for UDP always, while a socket of that address family is bound; otherwise an open connection.</summary>
    public bool TryGetFlow(SipTransportKind kind, IPEndPoint remote, [NotNullWhen(true)] out SipFlow? flow)
    {
        ArgumentNullException.ThrowIfNull(remote);
        flow = null;
        if (kind == SipTransportKind.Udp)
        {
            flow = UdpTowards(remote.Address)?.Flow(remote);
            return flow is not null;
        }
        if (!Connections.TryGet(kind, remote, null, out var open)) return false;
        flow = open;
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        foreach (var endpoint in _udp) endpoint.Dispose();
        Connections.CloseAll();
        await _connector.DisposeAsync();
        Connections.Dispose();
    }

    internal long NextId() => Interlocked.Increment(ref _lastId);

    internal void AddListenPoint(SipListenPoint point) => ImmutableInterlocked.Update(ref _listenPoints, (points, one) => points.Add(one), point);

    /// <summary>The socket that reaches an address: bound to the loopback only for the loopback, else the first of its family.</summary>
    private UdpEndpoint? UdpTowards(IPAddress address)
    {
        UdpEndpoint? second = null;
        foreach (var endpoint in _udp)
        {
            var local = endpoint.Local.Address;
            if (local.AddressFamily != address.AddressFamily) continue;
            if (local.Equals(IPAddress.Any) || local.Equals(IPAddress.IPv6Any) || IPAddress.IsLoopback(local) == IPAddress.IsLoopback(address)) return endpoint;
            second ??= endpoint;
        }
        return second;
    }
}
