// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>What would become of a trunk in a call out.</summary>
public enum TrunkLot
{
    /// <summary>Tried in its turn.</summary>
    Tried,

    /// <summary>Thought down, and tried all the same: every other is, or somebody's life may hang on it.</summary>
    TriedThoughDown,

    /// <summary>Thought down, and another is up.</summary>
    LeftOut,

    /// <summary>Has as many calls as it may.</summary>
    Full,
}

/// <summary>A trunk as a call out would meet it at this moment.</summary>
/// <param name="Sent">The number called, as it is written there.</param>
/// <param name="Shown">The caller's number, as it is written there; empty when withheld or when there is none.</param>
/// <param name="DetailFr">How it fares, in French.</param>
/// <param name="Calls">On it now.</param>
/// <param name="Limit">Most calls at once; 0: no limit.</param>
public sealed record TrunkPreview(string Name, string Sent, string Shown, TrunkLot Lot, string DetailFr, string DetailEn, int Calls, int Limit);
