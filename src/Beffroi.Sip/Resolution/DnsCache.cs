// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;

namespace Beffroi.Sip.Resolution;

/// <summary>Answers until their time is over; when full, the one least lately used goes.</summary>
/// <remarks>Threading: any thread; one lock.</remarks>
internal sealed class DnsCache(int entries, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string, DnsType), LinkedListNode<Entry>> _byName = [];
    private readonly LinkedList<Entry> _byUse = [];

    internal int Count
    {
        get { lock (_lock) return _byName.Count; }
    }

    internal bool TryGet(string name, DnsType type, [NotNullWhen(true)] out DnsResult? result)
    {
        result = null;
        lock (_lock)
        {
            if (!_byName.TryGetValue((name, type), out var node)) return false;
            _byUse.Remove(node);
            if (time.GetElapsedTime(node.Value.Since) >= node.Value.For)
            {
                _byName.Remove((name, type));
                return false;
            }
            _byUse.AddLast(node);
            result = node.Value.Result;
            return true;
        }
    }

    internal void Put(string name, DnsType type, DnsResult result, TimeSpan life)
    {
        if (life <= TimeSpan.Zero) return;
        lock (_lock)
        {
            if (_byName.Remove((name, type), out var old)) _byUse.Remove(old);
            else if (_byName.Count >= entries && _byUse.First is { } oldest)
            {
                _byUse.RemoveFirst();
                _byName.Remove((oldest.Value.Name, oldest.Value.Type));
            }
            _byName[(name, type)] = _byUse.AddLast(new Entry(name, type, result, time.GetTimestamp(), life));
        }
    }

    internal void Clear()
    {
        lock (_lock)
        {
            _byName.Clear();
            _byUse.Clear();
        }
    }

    private sealed record Entry(string Name, DnsType Type, DnsResult Result, long Since, TimeSpan For);
}
