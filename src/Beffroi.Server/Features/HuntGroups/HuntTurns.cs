// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.HuntGroups.Contract;

namespace Beffroi.Server.Features.HuntGroups;

/// <summary>The turns of a call that is not placed. Threading: any thread.</summary>
internal sealed class HuntTurns(HuntDesk desk) : IHuntTurns
{
    public IReadOnlyList<Guid> Now(HuntGroup group, CallParty caller) => desk.Turns(group, caller, Guid.Empty);
}
