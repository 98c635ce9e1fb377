// SPDX-License-Identifier: EUPL-1.2
using System.Net;

namespace Beffroi.Sip.Transport;

/// <summary>Counts inbound connections per source and in all, before any byte of theirs is read or any handshake begun.</summary>
/// <remarks>Threading: any thread; one lock, twice per connection.</remarks>
internal sealed class ConnectionGate(int perAddress, int inAll, ISourceGuard guard, SipTransportCounters counters)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, int> _sources = [];
    private int _count;

    /// <summary>Inbound connections now, those in their handshake included.</summary>
    internal int Count
    {
        get { lock (_lock) return _count; }
    }

    /// <summary>A place, given back by disposing it; null when there is none for this address.</summary>
    internal IDisposable? TryEnter(IPAddress source)
    {
        var key = SourceGuard.KeyOf(source);
        if (!guard.IsBanned(source))
        {
            lock (_lock)
            {
                var there = _sources.GetValueOrDefault(key);
                if (there < perAddress && _count < inAll)
                {
                    _sources[key] = there + 1;
                    _count++;
                    return new Place(this, key);
                }
            }
        }
        counters.Count(SipDropReason.ConnectionRefused);
        return null;
    }

    private void Leave(UInt128 key)
    {
        lock (_lock)
        {
            _count--;
            if (--_sources[key] == 0) _sources.Remove(key);
        }
    }

    private sealed class Place(ConnectionGate gate, UInt128 key) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) gate.Leave(key);
        }
    }
}
