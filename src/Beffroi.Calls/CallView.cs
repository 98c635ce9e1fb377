// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Calls;

/// <summary>Where a call stands.</summary>
public enum CallPhase
{
    Trying,
    Ringing,

    /// <summary>A service speaks with the caller: a message, a voicemail.</summary>
    Served,

    Talking,
    Parked,
    Ended,
}

/// <summary>One leg of a live call, as shown to those who may see it.</summary>
public sealed record LegView(Guid Id, CallParty Party, string State, bool Inbound, bool Holding);

/// <summary>A live call at one instant. Immutable.</summary>
/// <param name="Slot">The park slot, when it waits in one.</param>
public sealed record CallView(
    Guid Id, DateTimeOffset Began, CallParty Caller, CallParty Called, CallPhase Phase, IReadOnlyList<LegView> Legs, string? Slot);
