// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Beffroi.TestKit.Sound;

namespace Beffroi.TestKit.Peers;

/// <summary>A plain RTP socket on the loopback: says a tone in PCMA every 20 ms once it knows where to, and keeps what it hears (RFC 3550, 3551).</summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed class RtpTalk : IAsyncDisposable
{
    private const int Packet = 160, Header = 12;
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<short> _heard = [];
    private readonly double _tone;
    private readonly Task _hears;
    private Task _says = Task.CompletedTask;
    private volatile IPEndPoint? _peer;

    internal RtpTalk(double tone)
    {
        _tone = tone;
        _hears = HearAsync();
    }

    internal int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    internal WavSound Recording
    {
        get { lock (_lock) return new WavSound(8000, [.. _heard]); }
    }

    /// <summary>From now on to this peer: each call has its own.</summary>
    internal void SayTo(IPEndPoint peer)
    {
        _peer = peer;
        if (_says.IsCompleted) _says = SayAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_says, _hears);
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task SayAsync()
    {
        var sound = WavSound.Sine(_tone, 8000, TimeSpan.FromSeconds(60)).Samples;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var packet = new byte[Header + Packet];
        (packet[0], packet[1], packet[11]) = (0x80, 8, 7);
        try
        {
            for (var number = 0; await pace.WaitForNextTickAsync(_stop.Token); number++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)number);
                BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(4), number * Packet);
                for (var i = 0; i < Packet; i++) packet[Header + i] = ALaw.Encode(sound[(number * Packet + i) % sound.Length]);
                await _socket.SendAsync(packet, _peer, _stop.Token);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException) { }
    }

    private async Task HearAsync()
    {
        try
        {
            while (true)
            {
                var bytes = (await _socket.ReceiveAsync(_stop.Token)).Buffer;
                if (bytes.Length <= Header || (bytes[1] & 0x7F) != 8) continue;
                lock (_lock)
                    foreach (var code in bytes.AsSpan(Header)) _heard.Add(ALaw.Decode(code));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException) { }
    }
}
