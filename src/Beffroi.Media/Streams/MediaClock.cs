// SPDX-License-Identifier: EUPL-1.2
using System.Numerics;

namespace Beffroi.Media.Streams;

/// <summary>Something that is due at ticks of a <see cref="MediaClock"/>; linked into it without any allocation.</summary>
internal abstract class ClockEntry
{
    internal ClockEntry? Next { get; set; }

    internal ClockEntry? Previous { get; set; }

    /// <summary>Tick at which it is due, while scheduled.</summary>
    internal long Due { get; set; }

    internal bool IsScheduled => Next is not null;

    /// <summary>It is due. Schedules itself again when it wants to go on.</summary>
    /// <param name="now">Ticks of the time provider.</param>
    internal abstract void OnTick(MediaClock clock, long now);
}

/// <summary>The pace of one media thread: a wheel of 64 slots of 5 ms.</summary>
/// <remarks>
/// Each entry keeps its own absolute row of ticks (start + n × packet time), so a thread that wakes late sends late once and is on time again: no drift. Entries that start
/// at different times lie in different slots, which spreads their sending. Threading: one clock per media thread, used by it alone.
/// </remarks>
internal sealed class MediaClock
{
    internal const int TickMs = 5;

    /// <summary>Furthest a due time may lie ahead.</summary>
    internal const int Horizon = 62;
    private const int Slots = 64;
    private readonly ClockEntry[] _slots = new ClockEntry[Slots];
    private readonly ClockEntry _firing = new Head();
    private readonly double _timestampsPerTick;
    private ulong _occupied;
    private long _last;

    /// <param name="frequency">Timestamps per second of the time provider.</param>
    internal MediaClock(long frequency, long now)
    {
        _timestampsPerTick = frequency * (TickMs / 1000.0);
        for (var i = 0; i < Slots; i++) _slots[i] = new Head();
        _last = TickOf(now);
    }

    internal bool IsEmpty => _occupied == 0;

    internal long TickOf(long timestamp) => (long)(timestamp / _timestampsPerTick);

    /// <summary>The timestamp at which <see cref="Advance"/> has work; <see cref="long.MaxValue"/>: never.</summary>
    internal long NextDue
    {
        get
        {
            if (_occupied == 0) return long.MaxValue;
            var ahead = BitOperations.TrailingZeroCount(BitOperations.RotateRight(_occupied, (int)((_last + 1) & (Slots - 1))));
            return TimestampOf(_last + 1 + ahead);
        }
    }

    internal long TimestampOf(long tick) => (long)Math.Ceiling(tick * _timestampsPerTick);

    /// <param name="due">Tick; brought into the range that the wheel covers.</param>
    internal void Schedule(ClockEntry entry, long due)
    {
        if (entry.IsScheduled) Cancel(entry);
        entry.Due = Math.Clamp(due, _last + 1, _last + Horizon);
        var slot = (int)(entry.Due & (Slots - 1));
        Link(_slots[slot], entry);
        _occupied |= 1UL << slot;
    }

    internal void Cancel(ClockEntry entry)
    {
        if (!entry.IsScheduled) return;
        Unlink(entry);
        var slot = (int)(entry.Due & (Slots - 1));
        if (_slots[slot].Next == _slots[slot]) _occupied &= ~(1UL << slot);
    }

    /// <summary>Lets everything fall due that is due at <paramref name="now"/>, in the order of time.</summary>
    internal void Advance(long now)
    {
        var current = TickOf(now);
        if (_occupied == 0) _last = Math.Max(_last, current);
        if (current - _last > Slots) _last = current - Slots;               // the thread was held up: every slot is visited once
        while (_last < current)
        {
            _last++;
            var slot = (int)(_last & (Slots - 1));
            if ((_occupied & 1UL << slot) != 0) Fire(slot, now);
        }
    }

    private void Fire(int slot, long now)
    {
        var head = _slots[slot];
        _occupied &= ~(1UL << slot);
        while (head.Next != head)                                           // moved first: entries schedule themselves anew meanwhile
        {
            var entry = head.Next!;
            Unlink(entry);
            Link(_firing, entry);
        }
        while (_firing.Next != _firing)
        {
            var entry = _firing.Next!;
            Unlink(entry);
            entry.OnTick(this, now);
        }
    }

    private static void Link(ClockEntry head, ClockEntry entry)
    {
        entry.Previous = head.Previous;
        entry.Next = head;
        head.Previous!.Next = entry;
        head.Previous = entry;
    }

    private static void Unlink(ClockEntry entry)
    {
        entry.Previous!.Next = entry.Next;
        entry.Next!.Previous = entry.Previous;
        entry.Next = entry.Previous = null;
    }

    private sealed class Head : ClockEntry
    {
        internal Head() => Next = Previous = this;

        internal override void OnTick(MediaClock clock, long now)
        {
        }
    }
}
