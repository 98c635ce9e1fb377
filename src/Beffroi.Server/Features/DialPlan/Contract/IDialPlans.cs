// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json.Serialization;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>How one organisation dials. Immutable.</summary>
/// <param name="Id">The organisation.</param>
/// <param name="OutsidePrefix">Digits dialled for an outside line; empty: none is needed. Where it is set, a whole public number without it is understood too.</param>
/// <param name="DefaultClass">Calling class of extensions that have none; null: <see cref="BuiltInRights"/>.</param>
/// <param name="Codes">Feature codes; null: those shipped with the server.</param>
public sealed record DialPlanSheet(Guid Id, Guid OrganisationId, string OutsidePrefix, Guid? DefaultClass, IReadOnlyList<FeatureCode>? Codes, int Version) : IPage
{
    public static DialPlanSheet Default(Guid organisation) => new(organisation, organisation, "0", null, null, 0);
}

/// <summary>A calling class as it is written down. Immutable.</summary>
public sealed record CallingClass(Guid Id, Guid OrganisationId, string Name, bool AllowedByDefault, IReadOnlyList<CallingRule> Rules, int Version) : IPage;

/// <summary>What one extension may do and show. Immutable.</summary>
/// <param name="Id">The extension.</param>
/// <param name="CallingClass">null: the organisation's default.</param>
/// <param name="Withhold">Its number is not shown outside, unless the caller asks for it.</param>
/// <param name="PickupGroup">Extensions of one group pick up one another's calls by the group code; empty: those of its unit.</param>
/// <param name="Calendar">While it is closed, <paramref name="ClosedClass"/> counts (night lock, "verrouillage de nuit"); null: no lock.</param>
/// <param name="ClosedClass">The calling class while the calendar is closed; set where <paramref name="Calendar"/> is.</param>
/// <param name="PinClass">The calling class of calls that are dialled with <see cref="FeatureAction.CallWithPin"/> and the right PIN; null: none such.</param>
public sealed record LineSettings(
    Guid Id, Guid OrganisationId, Guid? CallingClass, bool Withhold, string PickupGroup, Guid? Calendar, Guid? ClosedClass, Guid? PinClass, int Version) : IPage
{
    /// <summary>Salted hash of the line's PIN; null: none, so that nobody calls with it.</summary>
    [JsonIgnore]
    public string? PinHash { get; init; }

    /// <summary>True when a PIN was set.</summary>
    public bool HasPin => PinHash is not null;

    /// <summary>Whether calls may be made with the PIN.</summary>
    [JsonIgnore]
    public bool CallsWithPin => HasPin && PinClass is not null;

    /// <summary>The settings of an extension for which nothing was set.</summary>
    public static LineSettings None(Guid extension, Guid organisation) => new(extension, organisation, null, false, "", null, null, null, 0);

    /// <summary>Whether the line names this calling class for any of its cases.</summary>
    public bool Names(Guid callingClass) => CallingClass == callingClass || ClosedClass == callingClass || PinClass == callingClass;
}

/// <summary>Why a calling class counts for a call.</summary>
public enum ClassReason
{
    /// <summary>It is the extension's own.</summary>
    Line,

    /// <summary>The extension has none: the organisation's default.</summary>
    Organisation,

    /// <summary>Nothing was set: <see cref="BuiltInRights"/>.</summary>
    BuiltIn,

    /// <summary>The calendar of the line's night lock is closed.</summary>
    Closed,

    /// <summary>The call was dialled with the line's PIN.</summary>
    Pin,
}

/// <summary>The rights that count for a call, and why these.</summary>
public readonly record struct CountingClass(CallingRights Rights, ClassReason Reason);

/// <summary>The rights of who has no calling class: France, its overseas departments and free numbers; nothing surcharged, nothing abroad.</summary>
public static class BuiltInRights
{
    public static CallingRights National { get; } = new(Guid.Empty, "national", true,
        [new CallingRule("", NumberClass.Surcharged, false), new CallingRule("", NumberClass.International, false), new CallingRule("", NumberClass.Unknown, false)], NumberingPlan.French);
}

/// <summary>Everything about dialling that the organisations have set, looked up by calls.</summary>
public interface IDialPlans
{
    /// <summary>The organisation's outside prefix.</summary>
    string OutsidePrefix(Guid organisation);

    FeatureCodes Codes(Guid organisation);

    /// <summary>The prefix that leads these digits to a trunk, the longest that does; null when none does.</summary>
    PrefixRoute? Prefix(Guid organisation, string dialled);

    /// <summary>The organisation's prefixes that lead to a trunk, longest first.</summary>
    IReadOnlyList<PrefixRoute> Prefixes(Guid organisation);

    /// <summary>Whether a prefix leads to this trunk.</summary>
    bool UsesTrunk(Guid trunk);

    /// <summary>The calling rights of an extension in its open hours, without a PIN.</summary>
    CountingClass ClassOf(Guid organisation, Guid extension);

    /// <summary>The rights of a calling class, null when it is not there.</summary>
    CallingRights? Rights(Guid callingClass);

    /// <summary>An extension's settings, null when it has none.</summary>
    LineSettings? Line(Guid extension);

    /// <summary>Whether an extension's night lock asks this calendar.</summary>
    bool UsesCalendar(Guid calendar);
}
