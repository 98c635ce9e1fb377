// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Streams;

/// <summary>Says when a media thread does better to let packets gather for a moment than to wake for each of them: waking costs more than a packet does.</summary>
/// <remarks>
/// As network cards do it: below <see cref="DensePackets"/> a window the thread wakes for every packet; above, it sleeps between two looks for as long as <see cref="PacketsPerNap"/> of them take to
/// come, <see cref="LongestNap"/> at most: that is what a packet is late, a twenty-fifth of its length. Threading: one per media thread, used by it alone.
/// </remarks>
internal struct WakeUpModeration(long frequency)
{
    /// <summary>In nanoseconds: 0.8 ms.</summary>
    internal const long LongestNap = 800_000;

    /// <summary>Enough to share a wake-up; more would only be late.</summary>
    internal const int PacketsPerNap = 8;

    /// <summary>Four packets in the longest nap: below that a nap saves nothing.</summary>
    internal const int DensePackets = 100;

    private const int WindowMs = 20;
    private const long WindowNanoseconds = WindowMs * 1_000_000L;
    private readonly long _window = frequency * WindowMs / 1000;
    private long _ends;
    private long _nap;
    private int _packets;

    /// <summary>Counts what a wake-up brought.</summary>
    /// <param name="now">Timestamp of the wake-up.</param>
    /// <param name="nextDue">Timestamp of what the thread has to do next by itself: never slept over.</param>
    /// <returns>Nanoseconds to sleep; 0: none.</returns>
    internal long NapAfter(long now, int packets, long nextDue)
    {
        _packets += packets;
        if (now >= _ends)
        {
            // After a window of silence the first packets are met one by one.
            _nap = _packets >= DensePackets && now - _ends < _window ? Math.Min(LongestNap, PacketsPerNap * WindowNanoseconds / _packets) : 0;
            _packets = 0;
            _ends = now + _window;
        }
        return _nap > 0 && nextDue - now > frequency * _nap / 1_000_000_000 ? _nap : 0;
    }
}
