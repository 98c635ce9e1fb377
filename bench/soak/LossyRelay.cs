// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Beffroi.Soak;

/// <summary>Which packets are lost and which come twice.</summary>
/// <remarks>Threading: any thread; <see cref="Random.Shared"/> is one per thread.</remarks>
public sealed class BadLuck(double lossPercent, double twicePercent)
{
    private long _lost, _doubled;

    public long Lost => Interlocked.Read(ref _lost);

    public long Doubled => Interlocked.Read(ref _doubled);

    /// <summary>How often a packet arrives: 0, 1 or 2 times.</summary>
    public int Times()
    {
        var throws = 100 * Random.Shared.NextDouble();
        if (throws < lossPercent)
        {
            Interlocked.Increment(ref _lost);
            return 0;
        }
        if (throws >= lossPercent + twicePercent) return 1;
        Interlocked.Increment(ref _doubled);
        return 2;
    }
}

/// <summary>The network between the telephones and the server: SIP datagrams pass through it, but for those that it loses.</summary>
/// <remarks>Threading: two loops, one a direction; <see cref="Swallow"/> from any thread.</remarks>
public sealed class LossyRelay : IDisposable
{
    private readonly Socket _towardsTelephones = Bound();
    private readonly Socket _towardsServer = Bound();
    private readonly ConcurrentDictionary<string, byte> _swallowed = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly BadLuck _luck;
    private Task _loops = Task.CompletedTask;

    public LossyRelay(BadLuck luck) => _luck = luck;

    /// <summary>Where telephones send to.</summary>
    public IPEndPoint Front => (IPEndPoint)_towardsTelephones.LocalEndPoint!;

    /// <summary>Where the server finds the telephones.</summary>
    public IPEndPoint Back => (IPEndPoint)_towardsServer.LocalEndPoint!;

    public void Start(IPEndPoint telephones, IPEndPoint server) =>
        _loops = Task.WhenAll(PassAsync(_towardsTelephones, _towardsServer, server.Serialize()), PassAsync(_towardsServer, _towardsTelephones, telephones.Serialize()));

    /// <summary>From now on nothing of this dialog passes, either way: its telephone has gone, and says nothing about it.</summary>
    public void Swallow(string callId) => _swallowed[callId] = 0;

    public void Forget(string callId) => _swallowed.TryRemove(callId, out _);

    public void Dispose()
    {
        _stop.Cancel();
        _towardsTelephones.Dispose();
        _towardsServer.Dispose();
        _stop.Dispose();
    }

    private async Task PassAsync(Socket from, Socket onward, SocketAddress to)
    {
        var buffer = new byte[65_536];
        var source = new SocketAddress(AddressFamily.InterNetwork);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var length = await from.ReceiveFromAsync(buffer, SocketFlags.None, source, _stop.Token);
                if (IsSwallowed(buffer.AsSpan(0, length))) continue;
                for (var times = _luck.Times(); times > 0; times--) onward.SendTo(buffer.AsSpan(0, length), SocketFlags.None, to);
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException) { return; }
            catch (SocketException) { }                                     // a full buffer: one more packet lost
        }
    }

    private bool IsSwallowed(ReadOnlySpan<byte> message)
    {
        if (_swallowed.IsEmpty) return false;
        var at = message.IndexOf("\r\nCall-ID: "u8);
        if (at < 0) return false;
        var value = message[(at + 11)..];
        var end = value.IndexOf((byte)'\r');
        return end > 0 && _swallowed.ContainsKey(Encoding.ASCII.GetString(value[..end]));
    }

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
