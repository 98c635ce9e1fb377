// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Beffroi.Sip.Messages;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Sip.Tests.Transport;

/// <summary>The other end of a TCP or TLS connection, byte by byte.</summary>
internal sealed class StreamPeer : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly PipeReader _reader;
    private readonly SipStreamFramer _framer = new();

    private StreamPeer(Socket socket, Stream stream)
    {
        _socket = socket;
        Stream = stream;
        _reader = PipeReader.Create(stream);
    }

    internal Stream Stream { get; }

    internal IPEndPoint Local => (IPEndPoint)_socket.LocalEndPoint!;

    internal static async Task<StreamPeer> ConnectAsync(IPEndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server);
        return new StreamPeer(socket, new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>Connects to a server that must not want it: the connection is closed at once, or reset before the connect has returned.</summary>
    internal static async Task IsRefusedAsync(IPEndPoint server)
    {
        try
        {
            await using var peer = await ConnectAsync(server);
            await peer.ClosedAsync();
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // As good as closed.
        }
    }

    /// <summary>Throws when the server refuses the handshake.</summary>
    internal static async Task<StreamPeer> ConnectTlsAsync(IPEndPoint server, X509Certificate2? own = null)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true), false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = own is null ? null : [own] });
        return new StreamPeer(socket, tls);
    }

    /// <summary>Takes the connection that a listener accepted.</summary>
    internal static async Task<StreamPeer> AcceptAsync(Socket listener, X509Certificate2? certificate = null)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        var socket = await listener.AcceptAsync(limit.Token);
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (certificate is null) return new StreamPeer(socket, stream);
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(certificate);
        return new StreamPeer(socket, tls);
    }

    internal static Socket Listen(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen();
        return socket;
    }

    internal async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await Stream.WriteAsync(bytes);
        await Stream.FlushAsync();
    }

    /// <summary>Sends and closes this half of the connection.</summary>
    internal async Task SendLastAsync(ReadOnlyMemory<byte> bytes)
    {
        await SendAsync(bytes);
        _socket.Shutdown(SocketShutdown.Send);
    }

    internal async Task<SipMessage> HearAsync()
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        while (true)
        {
            var result = await _reader.ReadAsync(limit.Token);
            var buffer = result.Buffer;
            var taken = _framer.TryRead(ref buffer, 65_535, out var message, out var fault, out _);
            _reader.AdvanceTo(buffer.Start, taken ? buffer.Start : buffer.End);
            Assert.Equal(SipParseFault.None, fault);
            if (taken && message is not null) return message;
            Assert.False(result.IsCompleted, "the connection ended before a message came");
        }
    }

    /// <summary>The next bytes, as many as asked.</summary>
    internal async Task<byte[]> BytesAsync(int count)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        var result = await _reader.ReadAtLeastAsync(count, limit.Token);
        var bytes = result.Buffer.Slice(0, count).ToArray();
        _reader.AdvanceTo(result.Buffer.GetPosition(count));
        return bytes;
    }

    /// <summary>Waits until the server has closed; what it sent before is dropped.</summary>
    internal async Task ClosedAsync()
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        try
        {
            while (true)
            {
                var result = await _reader.ReadAsync(limit.Token);
                _reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) return;
            }
        }
        catch (IOException)
        {
            // Reset: closed as well.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        _socket.Dispose();
    }
}
