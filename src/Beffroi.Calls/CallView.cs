// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json.Serialization;

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
public sealed record LegView(Guid Id, CallParty Party, string State, bool Inbound, bool Holding)
{
    /// <summary>Filled only while it rings: how a colleague's telephone names the dialog to pick the call up (RFC 3891). Not for the API.</summary>
    [JsonIgnore]
    public LegDialog Ringing { get; init; }
}

/// <summary>A dialog as the telephone at its far end sees it: its own tag is the local one. Nothing, when all are null.</summary>
public readonly record struct LegDialog(string? CallId, string? LocalTag, string? RemoteTag);

/// <summary>A live call at one instant. Immutable.</summary>
/// <param name="Slot">The park slot, when it waits in one.</param>
public sealed record CallView(
    Guid Id, DateTimeOffset Began, CallParty Caller, CallParty Called, CallPhase Phase, IReadOnlyList<LegView> Legs, string? Slot);
