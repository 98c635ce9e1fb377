// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Media.Sockets;
using Microsoft.Extensions.Logging;

namespace Beffroi.Media.Streams;

/// <summary>What all threads and legs of an engine share; immutable but for the port range, which has its own lock, and the gauges.</summary>
internal sealed class MediaShared(MediaOptions options, TimeProvider time, ILogger log, PortRange ports)
{
    private int _legs;

    internal TimeProvider Time { get; } = time;

    internal long Frequency { get; } = time.TimestampFrequency;

    internal ILogger Log { get; } = log;

    internal PortRange Ports { get; } = ports;

    /// <summary>Ticks of the time provider; 0: never.</summary>
    internal long MediaTimeout { get; } = (long)(options.MediaTimeout.TotalSeconds * time.TimestampFrequency);

    /// <summary>At most 255 bytes: RFC 3550 §6.5.</summary>
    internal byte[] CanonicalName { get; } = [.. Encoding.UTF8.GetBytes(options.CanonicalName).Take(255)];

    internal RecordingWriter Writer { get; } = new(log);

    internal int Legs => Volatile.Read(ref _legs);

    internal void CountLeg(int change) => Interlocked.Add(ref _legs, change);
}
