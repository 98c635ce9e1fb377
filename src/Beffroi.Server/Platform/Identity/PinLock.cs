// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Platform.Identity;

/// <summary>Counts wrong PINs per thing that a PIN guards (a voicemail box, a line): after some in a row it is closed for 15 minutes, then for twice as long each time, at most a day.</summary>
/// <param name="tries">How many wrong ones in a row close it.</param>
/// <remarks>Threading: one small lock. Memory: one entry per thing that has seen a wrong PIN since its last right one.</remarks>
internal sealed class PinLock(TimeProvider time, int tries = PinLock.TriesOfBoxes)
{
    internal const int TriesOfBoxes = 5;
    private static readonly TimeSpan First = TimeSpan.FromMinutes(15), Longest = TimeSpan.FromDays(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, (int Wrong, DateTimeOffset Until)> _seen = [];

    /// <summary>Whether nobody may try now.</summary>
    public bool IsLocked(Guid guarded)
    {
        lock (_lock) return _seen.TryGetValue(guarded, out var seen) && seen.Until > time.GetUtcNow();
    }

    /// <summary>Takes one try, which counts as wrong until <see cref="Right"/> is told: so that many calls at once have no more tries than one after the other.</summary>
    /// <param name="closes">Whether this try, when wrong, was the last one.</param>
    /// <returns>False while it is closed: such a try is not looked at; it neither counts nor opens.</returns>
    public bool TryTake(Guid guarded, out bool closes)
    {
        lock (_lock)
        {
            closes = false;
            var seen = _seen.GetValueOrDefault(guarded);
            if (seen.Until > time.GetUtcNow()) return false;
            var wrong = seen.Wrong + 1;
            closes = wrong % tries == 0;
            var length = First * Math.Pow(2, Math.Min((wrong / tries) - 1, 10));
            _seen[guarded] = (wrong, closes ? time.GetUtcNow() + (length < Longest ? length : Longest) : default);
            return true;
        }
    }

    /// <summary>The PIN was right, or was set anew: nothing counts any more.</summary>
    public void Right(Guid guarded)
    {
        lock (_lock) _seen.Remove(guarded);
    }
}
