// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Beffroi.Sip.Transport;

/// <summary>Opens TCP and TLS connections, one at a time per peer, and runs them.</summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed partial class SipConnector(SipTransportLayer transport, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(SipTransportKind, EndPointKey, string?), Lazy<Task<SipFlow?>>> _underWay = new();
    private readonly ConcurrentDictionary<long, Task> _running = new();
    private readonly CancellationTokenSource _stop = new();

    internal async ValueTask<SipFlow?> ConnectAsync(SipTransportKind kind, IPEndPoint remote, string? serverName, CancellationToken stop)
    {
        var key = (kind, EndPointKey.Of(remote), kind == SipTransportKind.Tls ? serverName?.ToUpperInvariant() : null);
        var attempt = _underWay.GetOrAdd(key, _ => new Lazy<Task<SipFlow?>>(() => OpenAsync(kind, remote, serverName)));
        try { return await attempt.Value.WaitAsync(stop); }
        finally
        {
            // By whoever is first: the connection is in the table by now, or failed and may be tried anew. One that gave up waiting leaves the attempt to the others.
            if (attempt.Value.IsCompleted) _underWay.TryRemove(new KeyValuePair<(SipTransportKind, EndPointKey, string?), Lazy<Task<SipFlow?>>>(key, attempt));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running.Values);
        _stop.Dispose();
    }

    private async Task<SipFlow?> OpenAsync(SipTransportKind kind, IPEndPoint remote, string? serverName)
    {
        using var limit = new CancellationTokenSource(transport.Options.ConnectTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(remote, both.Token);
            SipConnectionHandler.KeepAlive(socket);
            stream = new NetworkStream(socket, ownsSocket: true);
            X509Certificate2? certificate = null;
            if (kind == SipTransportKind.Tls)
            {
                var tls = new SslStream(stream);
                stream = tls;
                await tls.AuthenticateAsClientAsync(transport.Tls.Client(serverName, remote.Address), both.Token);
                certificate = tls.RemoteCertificate as X509Certificate2;
            }
            return Run(kind, remote, serverName, socket, stream, certificate);
        }
        catch (Exception failed) when (failed is SocketException or IOException or AuthenticationException or OperationCanceledException or CryptographicException or ObjectDisposedException)
        {
            transport.Counters.Count(SipDropReason.ConnectFailed);
            LogFailed(log, failed, kind);
            if (stream is not null) await stream.DisposeAsync();
            socket.Dispose();
            return null;
        }
    }

    private PipeSipFlow Run(SipTransportKind kind, IPEndPoint remote, string? serverName, Socket socket, Stream stream, X509Certificate2? certificate)
    {
        var local = EndPointKey.Plain(socket.LocalEndPoint);
        var flow = new PipeSipFlow(transport.NextId(), kind, local, remote, ListenPointFor(kind, local.Address), transport.Limits, new StreamPipe(stream), transport.Reception)
        {
            PeerCertificate = certificate,
            ServerName = serverName
        };
        transport.Connections.Add(flow);
        // Started in the pool: the first bytes must not be handled on the thread of who asked for the connection.
        _running[flow.Id] = Task.Run(() => ServeAsync(flow, socket, stream));
        return flow;
    }

    private async Task ServeAsync(PipeSipFlow flow, Socket socket, Stream stream)
    {
        using var cut = flow.WhenCut(socket.Dispose);
        using var stopped = _stop.Token.Register(flow.Close);
        try { await flow.RunAsync(); }
        finally
        {
            transport.Connections.Remove(flow);
            await stream.DisposeAsync();
            _running.TryRemove(flow.Id, out _);
        }
    }

    /// <summary>What peers are told to reach us by: the listen point of the same kind and family, never the passing port of this connection.</summary>
    private SipListenPoint? ListenPointFor(SipTransportKind kind, IPAddress local)
    {
        SipListenPoint? found = null;
        foreach (var point in transport.ListenPoints)
        {
            if (point.Kind != kind) continue;
            if (point.EndPoint.Address.Equals(local)) return point;
            if (found is null || point.EndPoint.Address.AddressFamily == local.AddressFamily) found = point;
        }
        return found;
    }

    [LoggerMessage(1150, LogLevel.Information, "A {Kind} connection could not be opened.")]
    private static partial void LogFailed(ILogger log, Exception failed, SipTransportKind kind);

    private sealed class StreamPipe(Stream stream) : IDuplexPipe
    {
        // Reads of no bytes wait for the first one: an idle connection holds no buffer.
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
