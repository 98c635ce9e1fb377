// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.HuntGroups.Contract;

/// <summary>In what order a group's members ring.</summary>
public enum HuntStrategy
{
    /// <summary>All at once; the first to answer wins.</summary>
    RingAll,

    /// <summary>One after the other, always from the first.</summary>
    Serial,

    /// <summary>One after the other, beginning after whoever was rung last time.</summary>
    Circular,

    /// <summary>One after the other, beginning with whoever has not answered for longest.</summary>
    LeastRecent,
}

/// <summary>A member of a group.</summary>
/// <param name="Extension">The member's extension; all its devices ring.</param>
/// <param name="Order">Place in the list: lower rings earlier.</param>
public sealed record HuntMember(Guid Extension, int Order, bool LoggedIn);

/// <summary>A hunt group ("groupement d'appels"). Immutable.</summary>
/// <param name="MemberRing">How long one member rings when members ring one after the other.</param>
/// <param name="Timeout">How long the group rings in all before <paramref name="Overflow"/>.</param>
/// <param name="Overflow">Where the call goes when nobody answered, or when nobody is there to ring.</param>
public sealed record HuntGroup(
    Guid Id, Guid OrganisationId, Guid? SiteId, PhoneNumber Number, string Name, HuntStrategy Strategy, TimeSpan MemberRing, TimeSpan Timeout, Destination Overflow,
    IReadOnlyList<HuntMember> Members, int Version) : IPage;

/// <summary>Hunt groups by their number.</summary>
/// <remarks>Threading: immutable.</remarks>
public sealed class HuntGroupNumbers(IEnumerable<HuntGroup> groups)
{
    private readonly FrozenDictionary<(Guid Organisation, PhoneNumber Number), HuntGroup> _byNumber = groups.ToFrozenDictionary(g => (g.OrganisationId, g.Number));

    public static HuntGroupNumbers Empty { get; } = new([]);

    public IReadOnlyList<HuntGroup> All => _byNumber.Values;

    public HuntGroup? Of(Guid organisation, PhoneNumber number) => _byNumber.GetValueOrDefault((organisation, number));
}

/// <summary>Hunt groups as other features see them.</summary>
public interface IHuntGroups
{
    /// <summary>What is set now; any thread, never waits.</summary>
    HuntGroupNumbers Current { get; }

    /// <summary>Told after each change, on the thread that changed; must only enqueue or swap.</summary>
    event Action? Changed;
}
