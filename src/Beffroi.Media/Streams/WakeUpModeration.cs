// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Streams;

/// <summary>Says when a media thread does better to let packets gather for a moment than to wake for each of them: waking costs more than a packet does.</summary>
/// <remarks>
/// As network cards do it: below <see cref="DensePackets"/> a window the thread wakes for every packet; above, it sleeps <see cref="NapNanoseconds"/> between two looks, which is what a
/// packet is late at most, and a twenty-fifth of its length. Threading: one per media thread, used by it alone.
/// </remarks>
internal struct WakeUpModeration(long frequency)
{
    /// <summary>0.8 ms.</summary>
    internal const long NapNanoseconds = 800_000;

    /// <summary>Four packets a nap: below that a nap saves nothing.</summary>
    internal const int DensePackets = 100;

    private const int WindowMs = 20;
    private readonly long _window = frequency * WindowMs / 1000;
    private readonly long _nap = frequency * NapNanoseconds / 1_000_000_000;
    private long _ends;
    private int _packets;
    private bool _dense;

    /// <summary>Counts what a wake-up brought.</summary>
    /// <param name="now">Timestamp of the wake-up.</param>
    /// <param name="nextDue">Timestamp of what the thread has to do next by itself: never slept over.</param>
    /// <returns>True: sleep.</returns>
    internal bool MayNap(long now, int packets, long nextDue)
    {
        _packets += packets;
        if (now >= _ends)
        {
            _dense = _packets >= DensePackets && now - _ends < _window;         // a window of silence before does not count as dense
            _packets = 0;
            _ends = now + _window;
        }
        return _dense && nextDue - now > _nap;
    }
}
