// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Beffroi.Sip.Tests.Resolution;

/// <summary>A name server of which the test writes each packet.</summary>
internal sealed class FakeNameServer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Channel<byte[]> _questions = Channel.CreateUnbounded<byte[]>();
    private readonly Func<byte[], IEnumerable<byte[]>> _answers;

    /// <param name="answers">The packets to send upon a question.</param>
    internal FakeNameServer(Func<byte[], IEnumerable<byte[]>> answers)
    {
        _answers = answers;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _ = ServeAsync();
    }

    internal IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    internal ChannelReader<byte[]> Questions => _questions.Reader;

    public void Dispose() => _socket.Dispose();

    /// <summary>The question turned into a response with these answer records (the bytes after their name, which points to the question).</summary>
    internal static byte[] Answer(byte[] question, int responseCode = 0, params byte[][] records) =>
        [question[0], question[1], 0x81, (byte)(0x80 | responseCode), 0, 1, 0, (byte)records.Length, 0, 0, 0, 0, .. question[12..], .. records.SelectMany(r => (byte[])[0xC0, 12, .. r])];

    internal static byte[] A(string address, byte ttl = 60) => [0, 1, 0, 1, 0, 0, 0, ttl, 0, 4, .. IPAddress.Parse(address).GetAddressBytes()];

    private async Task ServeAsync()
    {
        var buffer = new byte[512];
        try
        {
            while (true)
            {
                var asked = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                var question = buffer[..asked.ReceivedBytes];
                foreach (var answer in _answers(question)) await _socket.SendToAsync(answer, asked.RemoteEndPoint);
                _questions.Writer.TryWrite(question);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
