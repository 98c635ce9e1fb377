// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Server.Features.DialPlan.Contract;

namespace Beffroi.Server.Features.HuntGroups.Contract;

/// <summary>Makes the scripts of hunt groups.</summary>
public interface IHuntGroupScripts
{
    /// <param name="sound">What the caller hears while members ring; null: ringing tone.</param>
    /// <param name="onward">Plans the overflow.</param>
    /// <param name="shown">How the caller is shown to the members.</param>
    ICallApplication Script(HuntGroup group, RingSound? sound, IOnward onward, Func<ICallContext, RingAs> shown);
}
