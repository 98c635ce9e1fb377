// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.HuntGroups.Contract;

namespace Beffroi.Server.Features.HuntGroups;

/// <summary>What a group remembers between calls.</summary>
/// <param name="LastRung">The member rung last, for circular order.</param>
/// <param name="LastAnswered">When each member last answered a call of the group; absent: never.</param>
public sealed record HuntMemory(Guid? LastRung, IReadOnlyDictionary<Guid, DateTimeOffset> LastAnswered)
{
    public static HuntMemory Empty { get; } = new(null, new Dictionary<Guid, DateTimeOffset>());
}

/// <summary>In which order a group rings: pure.</summary>
public static class HuntOrder
{
    /// <summary>The members that can be rung, in the order of their turns; for a group where all ring together the order means nothing.</summary>
    /// <param name="isFree">Whether a member can be rung: in the town, not on the phone, not in do not disturb.</param>
    public static IReadOnlyList<Guid> Of(HuntGroup group, HuntMemory memory, Func<Guid, bool> isFree)
    {
        var free = group.Members.Where(m => m.LoggedIn && isFree(m.Extension)).OrderBy(m => m.Order).Select(m => m.Extension).ToList();
        return group.Strategy switch
        {
            HuntStrategy.Circular => Rotated(free, group, memory.LastRung),
            HuntStrategy.LeastRecent => [.. free.OrderBy(m => memory.LastAnswered.TryGetValue(m, out var at) ? at : DateTimeOffset.MinValue)],
            _ => free,
        };
    }

    private static List<Guid> Rotated(List<Guid> free, HuntGroup group, Guid? last)
    {
        // The place after the last one rung counts in the whole list, or a member who just left would send us back to the first.
        var lastOrder = group.Members.FirstOrDefault(m => m.Extension == last)?.Order ?? int.MinValue;
        var after = group.Members.Where(m => m.Order > lastOrder).Select(m => m.Extension).ToHashSet();
        return [.. free.Where(after.Contains), .. free.Where(m => !after.Contains(m))];
    }
}
