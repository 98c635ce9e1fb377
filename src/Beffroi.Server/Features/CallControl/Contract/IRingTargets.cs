// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;

namespace Beffroi.Server.Features.CallControl.Contract;

/// <summary>Turns an extension or an outside number into what can be rung now.</summary>
/// <remarks>Threading: any thread; in memory, never waits.</remarks>
public interface IRingTargets
{
    /// <summary>The devices registered now for an extension; empty when none is.</summary>
    IReadOnlyList<RingTarget> ToExtension(Extension callee, CallParty caller, IReadOnlyList<Diversion> diversions);

    /// <summary>The ways to a public number, in the order in which to try them; empty when no trunk can carry it.</summary>
    /// <param name="caller">As the public network shall see the caller: see <see cref="CallerPresentation"/>.</param>
    /// <param name="site">The site whose emergency route counts.</param>
    IReadOnlyList<IOutsideWay> ToOutside(CanonicalNumber number, CallerIdentity caller, IReadOnlyList<Diversion> diversions, bool emergency = false, Guid? site = null);

    /// <summary>The person is on the phone or a device of theirs rings.</summary>
    bool IsBusy(Guid person);
}

/// <summary>One trunk that could carry a call.</summary>
public interface IOutsideWay
{
    Guid Trunk { get; }

    string TrunkName { get; }

    /// <summary>Takes a channel of the trunk; false when it is full or down. The channel goes back when the leg ends.</summary>
    bool TryTake([NotNullWhen(true)] out RingTarget? target);
}
