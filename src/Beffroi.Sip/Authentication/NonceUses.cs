// SPDX-License-Identifier: EUPL-1.2
using System.Runtime.InteropServices;

namespace Beffroi.Sip.Authentication;

/// <summary>Which counts of which nonces were used: no request is taken twice (RFC 7616 §5.12), in bounded memory.</summary>
/// <remarks>
/// Counts may come out of order, as UDP brings them, within the last 64. When the table is full the oldest nonce leaves it, and every nonce of its age
/// that is not in the table is refused from then on: forgetting never allows a replay.
/// Threading: any thread; one small lock.
/// </remarks>
internal sealed class NonceUses(int most, long lifetime)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Use> _uses = [];
    private readonly Queue<(ulong Number, long Issued)> _order = new();
    private long _forgotten = long.MinValue;

    public int Count
    {
        get
        {
            lock (_lock) return _uses.Count;
        }
    }

    /// <summary>True once for each count of a nonce. A count of 0 (no qop: RFC 2617 clients) uses the whole nonce up. Times in milliseconds.</summary>
    public bool TryUse(ulong number, long issued, uint count, long now)
    {
        lock (_lock)
        {
            while (_order.TryPeek(out var oldest) && oldest.Issued + lifetime < now) _uses.Remove(_order.Dequeue().Number);
            ref var use = ref CollectionsMarshal.GetValueRefOrNullRef(_uses, number);
            if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref use)) return use.TryTake(count);
            if (issued <= _forgotten) return false;
            if (_uses.Count >= most) Forget();
            _uses.Add(number, new Use(count));
            _order.Enqueue((number, issued));
            return true;
        }
    }

    private void Forget()
    {
        var (number, issued) = _order.Dequeue();
        _uses.Remove(number);
        _forgotten = Math.Max(_forgotten, issued);
    }

    private struct Use(uint first)
    {
        private uint _highest = first == 0 ? uint.MaxValue : first;
        private ulong _window = first == 0 ? ulong.MaxValue : 1;      // bit n: the count that is n below the highest

        public bool TryTake(uint count)
        {
            if (count == 0) return false;
            if (count > _highest)
            {
                var ahead = count - _highest;
                _window = (ahead < 64 ? _window << (int)ahead : 0) | 1;
                _highest = count;
                return true;
            }
            var behind = _highest - count;
            var bit = behind < 64 ? 1UL << (int)behind : 0;
            if (bit == 0 || (_window & bit) != 0) return false;
            _window |= bit;
            return true;
        }
    }
}
