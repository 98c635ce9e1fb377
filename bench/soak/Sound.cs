// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Beffroi.Soak;

/// <summary>The sound of all telephones: one socket, from which each leg that talks sends its packets, some of which get lost or doubled.</summary>
/// <remarks>Threading: one loop sends, one receives; legs come and go on any thread. Most legs send a packet only every 200 ms and a few in full rate,
/// so that the machine is busy with calls rather than with sound.</remarks>
public sealed class Sound : IDisposable
{
    private const int Samples = 160, SlowTicks = 10, OneInFullRate = 40;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly Socket _socket;
    private readonly Socket _reports;                // RTCP goes to the port above and is not read
    private readonly BadLuck _luck;
    private readonly ConcurrentDictionary<int, Voice> _voices = new();
    private readonly CancellationTokenSource _stop = new();
    private int _lastId;
    private readonly ConcurrentDictionary<string, int> _unheard = new(StringComparer.Ordinal);
    private long _sent, _heard;

    public Sound(int port, BadLuck luck)
    {
        _luck = luck;
        _socket = Bound(port);
        _reports = Bound(port + 1);
        Port = port;
        _ = SpeakAsync();
        _ = HearAsync();
    }

    public int Port { get; }

    public long Sent => Interlocked.Read(ref _sent);

    public long Heard => Interlocked.Read(ref _heard);

    /// <summary>Legs that sent for two seconds and that nobody heard, by the kind of their story.</summary>
    public IReadOnlyDictionary<string, int> Unheard => _unheard;

    public int Talking => _voices.Count;

    /// <summary>A leg of a story of this kind begins to send to the server's port for it.</summary>
    public Voice Begin(string story, IPEndPoint server)
    {
        var id = Interlocked.Increment(ref _lastId);
        return _voices[id] = new Voice(story, id, id % OneInFullRate == 0 ? 1 : SlowTicks) { To = server.Serialize() };
    }

    public void End(Voice voice)
    {
        ArgumentNullException.ThrowIfNull(voice);
        if (_voices.TryRemove(voice.Id, out _) && voice.Story.Length > 0 && !voice.WasHeard && voice.Packets * voice.Every >= 100) _unheard.AddOrUpdate(voice.Story, 1, static (_, before) => before + 1);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _socket.Dispose();
        _reports.Dispose();
        _stop.Dispose();
    }

    private async Task SpeakAsync()
    {
        var packet = new byte[12 + Samples];
        packet.AsSpan(12).Fill(0xD5);
        using var pace = new PeriodicTimer(Tick);
        var tick = 0;
        try
        {
            while (await pace.WaitForNextTickAsync(_stop.Token))
            {
                tick++;
                foreach (var (id, voice) in _voices)
                    if (!voice.IsMuted && (tick + id) % voice.Every == 0) Send(packet, voice);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException) { }
    }

    private void Send(byte[] packet, Voice voice)
    {
        var number = ++voice.Packets;
        packet[0] = 0x80;
        packet[1] = 8;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)number);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)(number * Samples * voice.Every));
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(8), voice.Id);
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(12), voice.Id);          // comes out unchanged: PCMA is passed through
        try
        {
            for (var times = _luck.Times(); times > 0; times--) _socket.SendTo(packet, SocketFlags.None, voice.To);
            Interlocked.Increment(ref _sent);
        }
        catch (SocketException) { }                                                 // a full buffer: one more packet lost
    }

    private async Task HearAsync()
    {
        var packet = new byte[2048];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var length = await _socket.ReceiveAsync(packet, SocketFlags.None, _stop.Token);
                if (length != 12 + Samples) continue;
                Interlocked.Increment(ref _heard);
                if (_voices.TryGetValue(BinaryPrimitives.ReadInt32BigEndian(packet.AsSpan(12)), out var voice)) voice.WasHeard = true;
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException) { return; }
            catch (SocketException) { }
        }
    }

    private static Socket Bound(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }
}

/// <summary>What one leg sends.</summary>
/// <param name="every">One packet in so many ticks of 20 ms.</param>
public sealed class Voice(string story, int id, int every)
{
    private volatile bool _muted, _heard;

    public string Story => story;

    public int Id => id;

    public int Every => every;

    /// <summary>The server's RTP address; the sending loop reads it, a new description replaces it.</summary>
    public required SocketAddress To { get; set; }

    /// <summary>The sending loop's.</summary>
    public long Packets { get; set; }

    public bool IsMuted { get => _muted; set => _muted = value; }

    public bool WasHeard { get => _heard; set => _heard = value; }
}
