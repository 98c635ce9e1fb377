// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media.Codecs;
using Beffroi.Server.Features.Directory.Contract;

namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>How a ringing is presented to the side rung.</summary>
/// <param name="Shown">The number and name to show.</param>
/// <param name="Caller">The party calling.</param>
/// <param name="Called">The party as dialled, for the To header.</param>
/// <param name="Diversions">Where the call has been, oldest first: for Diversion (RFC 5806) and History-Info (RFC 7044).</param>
public sealed record RingAs(CallerIdentity Shown, CallParty Caller, CallParty Called, IReadOnlyList<Diversion> Diversions);

/// <summary>A call to the public network.</summary>
/// <param name="Number">E.164, or a short number.</param>
/// <param name="Organisation">Whose call it is; null when nobody knows.</param>
/// <param name="First">The trunk to try before the others.</param>
/// <param name="Emergency">True: no channel limit holds, and a trunk thought down is tried too, after the others.</param>
public sealed record OutsideCall(PhoneNumber Number, RingAs As, Guid? Organisation, Guid? Site, Guid? First, bool Emergency)
{
    /// <summary>The one trunk that leads there, where a prefix of the town says so: a PBX of the same town, to which internal numbers are known.</summary>
    public Guid? Only { get; init; }
}

/// <summary>The telephones of extensions. Implemented by Registration.</summary>
public interface IExtensionPhones
{
    /// <summary>One target for each registered device of the extension; empty when none is. In memory, any thread.</summary>
    IReadOnlyList<RingTarget> TargetsOf(Extension extension, RingAs how);
}

/// <summary>The ways to the public network. Implemented by Trunks.</summary>
public interface ITrunkLines
{
    /// <summary>The trunks to try, best first. Each step of the enumeration takes a channel of its trunk, given back by the target's <see cref="RingTarget.Channel"/>:
    /// ask for the next only when the one before has failed.</summary>
    IEnumerable<RingTarget> For(OutsideCall call);

    /// <summary>The trunks as <see cref="For"/> would go through them at this moment, then those that it would leave out. Takes nothing. Any thread.</summary>
    IReadOnlyList<TrunkPreview> Preview(OutsideCall call);
}

/// <summary>What the caller hears while somebody is rung.</summary>
/// <param name="Clip">The message in a language: <c>fr</c>, <c>en</c>.</param>
/// <param name="Early">Before the answer, as early media.</param>
public sealed record RingSound(Func<string, AudioClip> Clip, bool Early);

/// <summary>The calls in progress, as applications need them.</summary>
public interface ILiveCalls
{
    IEnumerable<CallView> Live { get; }

    /// <summary>The oldest call that rings such a party.</summary>
    CallView? FindRinging(Func<CallParty, bool> wanted);

    /// <summary>The call that waits in a park slot of an organisation.</summary>
    Guid? FindParked(string slot, Guid organisation);

    /// <summary>Sends the party opposite to <paramref name="byLeg"/> to the code that parks; answers when it waits there, or does not.</summary>
    Task<Refusal?> ParkAsync(Guid call, Guid byLeg, string code);
}

/// <summary>The plan for a destination met while a call is under way: an overflow, a forwarding.</summary>
public interface IOnward
{
    /// <param name="organisation">Whose internal numbers are meant.</param>
    CallPlan To(Destination destination, Guid organisation, ICallContext call);
}

/// <summary>What a feature does for feature codes.</summary>
public interface IFeatureCodeService
{
    IReadOnlyCollection<FeatureAction> Actions { get; }

    /// <param name="argument">The digits dialled with the code; empty if none.</param>
    /// <param name="by">The extension that dialled, or that transferred a call to the code.</param>
    CallPlan Plan(FeatureAction action, string argument, Extension by);
}
