// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Beffroi.Media.Rtp;
using Beffroi.Media.Sockets;
using Beffroi.Media.Streams;
using Microsoft.Extensions.Logging;

namespace Beffroi.Media;

/// <summary>Sends and receives the sound and pictures of all calls, on a few threads of its own.</summary>
/// <remarks>
/// A leg lives on one thread; bridging brings both legs to the same one, so that a packet is received, rewritten and sent without a lock or a hand-over.
/// Threading: any thread.
/// </remarks>
public sealed class MediaEngine : IDisposable
{
    private const int MaxPortTries = 64;
    private readonly MediaOptions _options;
    private readonly MediaShared _shared;
    private readonly MediaThread[] _threads;
    private int _turn;
    private bool _disposed;

    public MediaEngine(MediaOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _options = options;
        Time = time;
        var ports = new PortRange(options.FirstPort, options.LastPort, options.PortQuarantine, time, Random.Shared);
        _shared = new MediaShared(options, time, loggers.CreateLogger<MediaEngine>(), ports);
        var count = options.Threads > 0 ? options.Threads : Math.Max(1, Environment.ProcessorCount - 1);
        _threads = [.. Enumerable.Range(0, count).Select(number => new MediaThread(number, _shared))];
    }

    /// <summary>Sums over the threads, each number read by itself.</summary>
    public MediaCounters Counters
    {
        get
        {
            var all = _threads.Select(thread => thread.Counters).ToArray();
            var drops = Enum.GetValues<DropReason>().ToDictionary(reason => reason, reason => all.Sum(counters => counters.Dropped(reason)));
            return new MediaCounters(
                all.Sum(c => c.PacketsReceived), all.Sum(c => c.PacketsSent), all.Sum(c => c.BytesReceived), all.Sum(c => c.BytesSent), drops,
                _shared.Legs, 2 * _shared.Ports.InUse, 2 * _shared.Ports.InQuarantine, all.Sum(c => c.Playing), all.Sum(c => c.Recording), all.Sum(c => c.Faults));
        }
    }

    internal TimeProvider Time { get; }

    /// <summary>Held while legs change threads: see <see cref="MediaLeg.Bridge"/>.</summary>
    internal Lock Placement { get; } = new();

    internal IReadOnlyList<MediaThread> Threads => _threads;

    /// <summary>Makes a leg with one stream: an RTP and an RTCP port. False: no port is free, or no address of that family is configured.</summary>
    public bool TryCreateLeg(IMediaLegListener listener, AddressFamily family, [NotNullWhen(true)] out MediaLeg? leg)
    {
        ArgumentNullException.ThrowIfNull(listener);
        leg = null;
        var address = family == AddressFamily.InterNetworkV6 ? _options.Address6 : _options.Address;
        if (address is null || _disposed) return false;
        var made = new MediaLeg(this, NextThread(), listener);
        if (!TryOpenStream(made, address, out var stream)) return false;
        _shared.CountLeg(1);
        made.Start([stream]);
        leg = made;
        return true;
    }

    /// <summary>Goes on with a leg of another process, on the ports that it had: its sockets must be closed there. False: a port is taken or the snapshot has no stream.</summary>
    public bool TryRestoreLeg(MediaLegSnapshot snapshot, IMediaLegListener listener, [NotNullWhen(true)] out MediaLeg? leg)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(listener);
        leg = null;
        var made = new MediaLeg(this, NextThread(), listener);
        var streams = new List<MediaStream>();
        foreach (var former in snapshot.Streams.IsDefault ? [] : snapshot.Streams)
        {
            if (TryReopen(made, former, snapshot, streams.Count, out var stream))
            {
                streams.Add(stream);
                continue;
            }
            foreach (var opened in streams) Abandon(opened);
            return false;
        }
        if (streams.Count == 0) return false;
        _shared.CountLeg(1);
        made.Start([.. streams], snapshot.Held);
        if (snapshot.Parameters is { } parameters) made.Apply(parameters);
        leg = made;
        return true;
    }

    /// <summary>Ends the threads. Legs still open lose their sockets when the process ends: close them before. Recordings are brought to the disk.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (var thread in _threads) thread.Dispose();
        _shared.Writer.Complete();
    }

    /// <summary>Ports that another program holds are set aside as if they had been used, and the next ones tried.</summary>
    internal bool TryOpenStream(MediaLeg leg, IPAddress address, [NotNullWhen(true)] out MediaStream? stream)
    {
        stream = null;
        for (var tries = 0; tries < MaxPortTries && _shared.Ports.Take() is var port && port != 0; tries++)
        {
            var outcome = PortPair.TryOpen(address, port, _options.DiffServ << 2, out var pair, out var error);
            if (outcome == PortPair.Outcome.Opened)
            {
                stream = new MediaStream(leg, _shared, pair, address, NewTimeline());
                return true;
            }
            _shared.Ports.Return(port);
            if (outcome != PortPair.Outcome.Failed) continue;
            MediaLog.NoSocket(_shared.Log, error);
            return false;
        }
        MediaLog.NoPort(_shared.Log, _shared.Ports.InUse, _shared.Ports.InQuarantine);
        return false;
    }

    /// <summary>A stream that never came to a thread.</summary>
    internal void Abandon(MediaStream stream)
    {
        stream.Sockets.Close();
        _shared.Ports.Return(stream.Sockets.Port);
    }

    internal void Forget() => _shared.CountLeg(-1);

    private bool TryReopen(MediaLeg leg, MediaStreamSnapshot former, MediaLegSnapshot snapshot, int index, [NotNullWhen(true)] out MediaStream? stream)
    {
        stream = null;
        var port = former.Local.Port;
        if (!_shared.Ports.TryTake(port)) return false;
        if (PortPair.TryOpen(former.Local.Address, port, _options.DiffServ << 2, out var pair, out _) != PortPair.Outcome.Opened)
        {
            _shared.Ports.Return(port);
            return false;
        }
        var timeline = MediaStream.TimelineOf(former, Time.GetUtcNow() - snapshot.TakenAt, _shared.Frequency);
        stream = new MediaStream(leg, _shared, pair, former.Local.Address, timeline);
        var lines = snapshot.Parameters?.Streams ?? [];
        stream.Restore(former, !lines.IsDefault && index < lines.Length ? lines[index] : null, Time.GetTimestamp());
        return true;
    }

    private MediaThread NextThread() => _threads[(int)((uint)Interlocked.Increment(ref _turn) % (uint)_threads.Length)];

    /// <summary>RFC 3550 §5.1 and §8.1, RFC 7667: SSRC, first number and first timestamp are not to be guessed.</summary>
    private RtpTimeline NewTimeline()
    {
        Span<byte> random = stackalloc byte[10];
        RandomNumberGenerator.Fill(random);
        return new RtpTimeline(BitConverter.ToUInt32(random), BitConverter.ToUInt16(random[4..]), BitConverter.ToUInt32(random[6..]), _shared.Frequency);
    }
}
