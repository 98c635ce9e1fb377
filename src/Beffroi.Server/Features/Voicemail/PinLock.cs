// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.Voicemail;

/// <summary>Counts wrong PINs per box: after 5 in a row the box is closed for 15 minutes, then for twice as long each time, at most a day.</summary>
/// <remarks>Threading: one small lock. Memory: one entry per box that has seen a wrong PIN since its last right one.</remarks>
internal sealed class PinLock(TimeProvider time)
{
    internal const int Tries = 5;
    private static readonly TimeSpan First = TimeSpan.FromMinutes(15), Longest = TimeSpan.FromDays(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, (int Wrong, DateTimeOffset Until)> _boxes = [];

    /// <summary>Whether nobody may try now.</summary>
    public bool IsLocked(Guid box)
    {
        lock (_lock) return _boxes.TryGetValue(box, out var seen) && seen.Until > time.GetUtcNow();
    }

    /// <summary>Counts a wrong PIN. True when it closed the box.</summary>
    public bool Wrong(Guid box)
    {
        lock (_lock)
        {
            var wrong = _boxes.GetValueOrDefault(box).Wrong + 1;
            var closes = wrong % Tries == 0;
            var length = First * Math.Pow(2, Math.Min((wrong / Tries) - 1, 10));
            _boxes[box] = (wrong, closes ? time.GetUtcNow() + (length < Longest ? length : Longest) : default);
            return closes;
        }
    }

    public void Right(Guid box)
    {
        lock (_lock) _boxes.Remove(box);
    }
}
