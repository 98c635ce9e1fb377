// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Sockets;

/// <summary>Which even ports are free: round the range from a random start, and none again until its quarantine is over.</summary>
/// <remarks>Pure bookkeeping; sockets are opened elsewhere. Threading: any thread, one small lock.</remarks>
internal sealed class PortRange
{
    private readonly Lock _lock = new();
    private readonly Queue<ushort> _free;
    private readonly Queue<(ushort Port, long FreeAt)> _quarantine = new();
    private readonly TimeProvider _time;
    private readonly long _quarantineTicks;
    private readonly int _pairs;

    internal PortRange(int firstPort, int lastPort, TimeSpan quarantine, TimeProvider time, Random random)
    {
        _time = time;
        _quarantineTicks = (long)(quarantine.TotalSeconds * time.TimestampFrequency);
        var first = firstPort + firstPort % 2;
        _pairs = Math.Max(0, (lastPort - first + 1) / 2);
        _free = new Queue<ushort>(_pairs);
        var start = _pairs == 0 ? 0 : random.Next(_pairs);
        for (var i = 0; i < _pairs; i++) _free.Enqueue((ushort)(first + 2 * ((start + i) % _pairs)));
    }

    /// <summary>Pairs that are neither free nor in quarantine.</summary>
    internal int InUse
    {
        get { lock (_lock) return _pairs - _free.Count - _quarantine.Count; }
    }

    internal int InQuarantine
    {
        get
        {
            lock (_lock)
            {
                EndQuarantines();
                return _quarantine.Count;
            }
        }
    }

    /// <summary>The even port of a free pair, or 0: none is.</summary>
    internal int Take()
    {
        lock (_lock)
        {
            EndQuarantines();
            return _free.TryDequeue(out var port) ? port : 0;
        }
    }

    /// <summary>Takes one given pair, for a leg taken over from another process. False: in use or outside the range. Quarantine does not hold it back.</summary>
    internal bool TryTake(int port)
    {
        lock (_lock)
        {
            EndQuarantines();
            return Remove(_free, p => p == port) || Remove(_quarantine, q => q.Port == port);
        }
    }

    /// <summary>Gives a pair back; it is quarantined.</summary>
    internal void Return(int port)
    {
        lock (_lock) _quarantine.Enqueue(((ushort)port, _time.GetTimestamp() + _quarantineTicks));
    }

    private static bool Remove<T>(Queue<T> queue, Predicate<T> match)
    {
        var found = false;
        for (var i = queue.Count; i > 0; i--)
        {
            var entry = queue.Dequeue();
            if (!found && match(entry)) found = true;
            else queue.Enqueue(entry);
        }
        return found;
    }

    private void EndQuarantines()
    {
        var now = _time.GetTimestamp();
        while (_quarantine.TryPeek(out var oldest) && oldest.FreeAt <= now) _free.Enqueue(_quarantine.Dequeue().Port);
    }
}
