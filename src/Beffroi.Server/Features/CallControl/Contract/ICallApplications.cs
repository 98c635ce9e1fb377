// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;

namespace Beffroi.Server.Features.CallControl.Contract;

/// <summary>The scripts for what the dial plan finds and no other feature owns.</summary>
public interface ICallApplications
{
    /// <summary>Rings a person's devices and follows the person's forwards.</summary>
    ICallApplication Extension(Extension callee);

    /// <summary>Goes out through the trunks, one after the other.</summary>
    ICallApplication Outside(CanonicalNumber number, CallerIdentity caller, bool emergency = false, Guid? site = null);

    /// <summary>Takes the call that rings at an extension.</summary>
    ICallApplication PickupDirected(PhoneNumber extension);

    /// <summary>Takes the oldest call that rings in one of the caller's hunt groups or at a colleague of the same unit.</summary>
    ICallApplication PickupGroup();

    /// <summary>Parks the caller: in the slot given, or in the first free one, which is announced to whoever parks.</summary>
    ICallApplication Park(string? slot);

    /// <summary>Takes the call parked in a slot.</summary>
    ICallApplication Retrieve(string slot);
}
