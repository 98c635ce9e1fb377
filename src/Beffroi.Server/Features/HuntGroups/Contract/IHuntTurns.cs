// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;

namespace Beffroi.Server.Features.HuntGroups.Contract;

/// <summary>Whom a group would ring.</summary>
public interface IHuntTurns
{
    /// <summary>The members that can be rung at this moment, in the order of their turns: logged in, free, not in do not disturb. Any thread, changes nothing.</summary>
    IReadOnlyList<Guid> Now(HuntGroup group, CallParty caller);
}
