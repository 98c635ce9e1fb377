// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>How a caller is shown to the called side.</summary>
/// <param name="Name">Display name, empty when it may not be shown.</param>
/// <param name="Number">Number of the From header; none when withheld from an outside party.</param>
/// <param name="Asserted">Number of P-Asserted-Identity (RFC 3325), sent to a trusted operator even when the caller withholds it (RFC 3323 "id").</param>
public readonly record struct CallerIdentity(string Name, PhoneNumber Number, PhoneNumber Asserted, bool Withheld);

/// <summary>What may be shown of an internal caller.</summary>
public readonly record struct CallerNumbers(string Name, PhoneNumber Extension, PhoneNumber Direct, PhoneNumber Site, PhoneNumber Organisation, bool Withheld);

/// <summary>The presentation rules. Inside: name and extension. Outside: only a number that the operator has given to the town (loi 2020-901: others are cut).</summary>
public static class CallerPresentation
{
    /// <summary>Towards a colleague: a withheld number is withheld from the public, not from the house.</summary>
    public static CallerIdentity Inside(in CallerNumbers caller) => new(caller.Name, caller.Extension, caller.Extension, false);

    /// <summary>Towards the public network: the first of direct, site and organisation number that is really the town's.</summary>
    /// <param name="isOurs">Whether a number is in the inventory of direct numbers.</param>
    public static CallerIdentity Outside(in CallerNumbers caller, Func<PhoneNumber, bool> isOurs)
    {
        var number = First(caller.Direct, isOurs) ?? First(caller.Site, isOurs) ?? First(caller.Organisation, isOurs) ?? PhoneNumber.None;
        return caller.Withheld ? new CallerIdentity("", PhoneNumber.None, number, true) : new CallerIdentity("", number, number, false);
    }

    /// <summary>Towards the emergency centre: the site's own number, never withheld, so that the centre can find the place and call back.</summary>
    public static CallerIdentity Emergency(in CallerNumbers caller, PhoneNumber ofSite, Func<PhoneNumber, bool> isOurs)
    {
        var number = First(ofSite, isOurs) ?? First(caller.Direct, isOurs) ?? First(caller.Site, isOurs) ?? First(caller.Organisation, isOurs) ?? PhoneNumber.None;
        return new CallerIdentity("", number, number, false);
    }

    private static PhoneNumber? First(PhoneNumber number, Func<PhoneNumber, bool> isOurs) => !number.IsEmpty && isOurs(number) ? number : null;
}
