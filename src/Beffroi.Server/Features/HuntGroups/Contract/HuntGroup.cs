// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;

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
/// <param name="Order">Place in the list: lower rings earlier.</param>
public sealed record HuntMember(Guid Person, int Order, bool LoggedIn);

/// <summary>A hunt group ("groupement d'appels"). Immutable.</summary>
/// <param name="MemberRing">How long one member rings when members ring one after the other.</param>
/// <param name="Timeout">How long the group rings in all before <paramref name="Overflow"/>.</param>
/// <param name="Overflow">Where the call goes when nobody answered, or when nobody is there to ring.</param>
public sealed record HuntGroup(
    Guid Id, Guid Organisation, Guid? Site, PhoneNumber Number, string Name, HuntStrategy Strategy, TimeSpan MemberRing, TimeSpan Timeout, Destination Overflow, IReadOnlyList<HuntMember> Members);
