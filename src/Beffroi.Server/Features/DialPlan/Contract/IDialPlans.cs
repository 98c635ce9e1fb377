// SPDX-License-Identifier: EUPL-1.2
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
public sealed record LineSettings(Guid Id, Guid OrganisationId, Guid? CallingClass, bool Withhold, string PickupGroup, int Version) : IPage;

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

    /// <summary>The calling rights of an extension.</summary>
    CallingRights Rights(Guid organisation, Guid extension);

    /// <summary>An extension's settings, null when it has none.</summary>
    LineSettings? Line(Guid extension);
}
