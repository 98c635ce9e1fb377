// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beffroi.Bench.Transport;

/// <summary>A server that answers each request with 200, in one of the ways to receive.</summary>
internal abstract class Variant : IAsyncDisposable
{
    private long _handled;

    internal abstract int Port { get; }

    internal long Handled => Interlocked.Read(ref _handled);

    protected void Count() => Interlocked.Increment(ref _handled);

    /// <summary>What the loops without the layer do with a datagram.</summary>
    protected byte[]? Answer(ReadOnlySpan<byte> datagram, IPEndPoint source)
    {
        if (!SipMessage.TryParse(datagram, out var message, out _)) return null;
        message.Stamp(source);
        Count();
        return SipResponses.Write(message, 200, null, "us", []);
    }

    public abstract ValueTask DisposeAsync();
}

internal static class Variants
{
    internal static readonly string[] Names = ["layer (recvfrom thread)", "Socket.ReceiveFrom thread", "ReceiveFromAsync"];

    internal static async Task<Variant> StartAsync(string name) => name switch
    {
        "Socket.ReceiveFrom thread" => new Managed(),
        "ReceiveFromAsync" => new Async(),
        _ => await Layer.StartAsync()
    };

    /// <summary>What the server runs: guard, counters, flow table and all.</summary>
    private sealed class Layer : Variant, ISipMessageSink
    {
        private readonly SipTransportLayer _layer = new(
            new SipTransportOptions
            {
                Listen = [new SipListenOptions { Address = "127.0.0.1", Port = 0 }],
                Guard = new SourceGuardOptions { RequestsPerSecond = 1_000_000, Burst = 10_000_000 }
            }, TimeProvider.System, NullLoggerFactory.Instance);

        internal override int Port => _layer.ListenPoints[0].EndPoint.Port;

        internal static async Task<Layer> StartAsync()
        {
            var variant = new Layer();
            await variant._layer.StartAsync(variant, CancellationToken.None);
            return variant;
        }

        public void Receive(SipMessage message, SipFlow flow)
        {
            Count();
            flow.Send(SipResponses.Write(message, 200, null, "us", []));
        }

        public override ValueTask DisposeAsync() => _layer.DisposeAsync();
    }

    private abstract class Raw : Variant
    {
        protected Raw() => Socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        internal override int Port => ((IPEndPoint)Socket.LocalEndPoint!).Port;

        protected Socket Socket { get; } = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

        /// <summary>One client: its end point is made once, as a flow table would.</summary>
        protected IPEndPoint Source(SocketAddress address) => _source ??= (IPEndPoint)new IPEndPoint(IPAddress.Any, 0).Create(address);

        private IPEndPoint? _source;

        public override ValueTask DisposeAsync()
        {
            Socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Managed : Raw
    {
        internal Managed() => new Thread(Run) { IsBackground = true }.Start();

        private void Run()
        {
            var (buffer, from) = (new byte[65_535], new SocketAddress(AddressFamily.InterNetwork));
            try
            {
                while (true)
                {
                    var length = Socket.ReceiveFrom(buffer, SocketFlags.None, from);
                    if (Answer(buffer.AsSpan(0, length), Source(from)) is { } answer) Socket.SendTo(answer, SocketFlags.None, from);
                }
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                // The measurement is over.
            }
        }
    }

    private sealed class Async : Raw
    {
        internal Async() => _ = RunAsync();

        private async Task RunAsync()
        {
            var (buffer, from) = (new byte[65_535], new SocketAddress(AddressFamily.InterNetwork));
            try
            {
                while (true)
                {
                    var length = await Socket.ReceiveFromAsync(buffer, SocketFlags.None, from, CancellationToken.None);
                    if (Answer(buffer.AsSpan(0, length), Source(from)) is { } answer) Socket.SendTo(answer, SocketFlags.None, from);
                }
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                // The measurement is over.
            }
        }
    }
}
