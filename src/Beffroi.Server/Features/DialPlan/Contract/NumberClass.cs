// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>What kind of number was dialled: what calling classes bar or allow, and what cost allocation will count.</summary>
public enum NumberClass
{
    /// <summary>No range of the plan holds it.</summary>
    Unknown,

    /// <summary>An extension, group or service of the installation itself.</summary>
    Internal,

    /// <summary>Of the ARCEP list of emergency numbers: always allowed.</summary>
    Emergency,

    /// <summary>01 to 05.</summary>
    Geographic,

    /// <summary>06 and 07 of metropolitan France.</summary>
    Mobile,

    /// <summary>09: polyvalent numbers.</summary>
    Polyvalent,

    /// <summary>0800 to 0805, 30PQ, 31PQ, 116XYZ: free to the caller.</summary>
    Free,

    /// <summary>0806 to 0809, 10YT: the price of an ordinary call ("tarification banalisée").</summary>
    Standard,

    /// <summary>081, 082, 089, most of 3BPQ and 118XYZ: "tarification majorée".</summary>
    Surcharged,

    /// <summary>Guadeloupe, Martinique, Guyane, La Réunion, Mayotte, Saint-Pierre-et-Miquelon: dialled as national, billed apart by most operators.</summary>
    Overseas,

    /// <summary>Machines: 0700 and other ranges of extended length.</summary>
    Machine,

    /// <summary>Any other country.</summary>
    International,
}

/// <summary>Why a dialled text is no number.</summary>
public enum NumberFault
{
    None,
    Empty,
    NotDigits,
    TooShort,
    TooLong,
    NotAssigned,
}

/// <summary>How a number is written for the other side.</summary>
public enum NumberFormat
{
    /// <summary>+33199001000.</summary>
    E164,

    /// <summary>33199001000.</summary>
    E164WithoutPlus,

    /// <summary>0033199001000.</summary>
    International00,

    /// <summary>0199001000 for France and its overseas departments, 00… abroad.</summary>
    National,
}

/// <summary>A range of the numbering plan.</summary>
/// <param name="Prefix">The first digits as dialled nationally: "01", "0690", "30".</param>
/// <param name="Length">How many digits a number of the range has, the trunk prefix 0 counted.</param>
/// <param name="Country">Country code of its E.164 form, empty for short numbers, which have none.</param>
public sealed record NumberRange(string Prefix, int Length, NumberClass Class, string Country, string Fr, string En);

/// <summary>A number understood: canonical form, class, and the range that said so (none for foreign numbers).</summary>
public readonly record struct CanonicalNumber(PhoneNumber Number, NumberClass Class, NumberRange? Range);
