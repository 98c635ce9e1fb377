// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;

namespace Beffroi.Server.Features.History.Contract;

/// <summary>Which way a call went through the town's wall.</summary>
public enum CallDirection
{
    Internal,
    Inbound,
    Outbound,
}

/// <summary>One call, over: who called whom, when, how it was handled. Derived from the journal, where every event of it stays.</summary>
public sealed record HistoryCall
{
    public required Guid Id { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    public required CallDirection Direction { get; init; }

    /// <summary>Empty when withheld.</summary>
    public required string CallerNumber { get; init; }

    public required string CallerName { get; init; }

    public Guid? CallerPerson { get; init; }

    public Guid? CallerSite { get; init; }

    /// <summary>As dialled.</summary>
    public required string Dialled { get; init; }

    public required string CalledNumber { get; init; }

    public required string CalledName { get; init; }

    public Guid? CalledPerson { get; init; }

    public Guid? CalledSite { get; init; }

    /// <summary>Whose service was called, when it was one that may be at no site: a group, a shared voicemail box.</summary>
    public Guid? CalledOrganisation { get; init; }

    public Guid? Trunk { get; init; }

    /// <summary>Who spoke first with the caller; empty when nobody did.</summary>
    public required string AnsweredByNumber { get; init; }

    public required string AnsweredByName { get; init; }

    public Guid? AnsweredByPerson { get; init; }

    public Guid? AnsweredBySite { get; init; }

    public required CallOutcome Outcome { get; init; }

    /// <summary>A stable word: see <see cref="CallCleared.Cause"/>; <c>interrupted</c> when the server ended in the middle.</summary>
    public required string Cause { get; init; }

    /// <summary>SIP status given to the caller.</summary>
    public required int Status { get; init; }

    /// <summary>Seconds until a person answered, or until the end.</summary>
    public required double WaitSeconds { get; init; }

    /// <summary>Seconds of conversation with a person.</summary>
    public required double TalkSeconds { get; init; }

    /// <summary>Seconds from the first event to the last.</summary>
    public required double Seconds { get; init; }

    public required bool Emergency { get; init; }

    /// <summary>How often it was sent on before an answer, and handed on after one.</summary>
    public required int Diversions { get; init; }

    public required int Transfers { get; init; }

    /// <summary>The worst leg's mean opinion score, 1.0 to 4.5; 0 when nothing was measured.</summary>
    public required double Mos { get; init; }

    public override string ToString() => $"call {Id}";
}

/// <summary>One leg of a call: a device or a trunk that rang or spoke.</summary>
public sealed record HistoryLeg
{
    public required Guid Id { get; init; }

    public required Guid CallId { get; init; }

    public required string Number { get; init; }

    public required string Name { get; init; }

    /// <summary>SIP username, when it was a device of the town.</summary>
    public string? Device { get; init; }

    /// <summary>The trunk, when it went over one.</summary>
    public Guid? Trunk { get; init; }

    public DateTimeOffset? RangAt { get; init; }

    public DateTimeOffset? AnsweredAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public required int Status { get; init; }

    public required string Cause { get; init; }

    public required string Codec { get; init; }

    public required long PacketsReceived { get; init; }

    public required long PacketsSent { get; init; }

    public required long PacketsLost { get; init; }

    /// <summary>Milliseconds.</summary>
    public required double Jitter { get; init; }

    /// <summary>Milliseconds.</summary>
    public required double RoundTrip { get; init; }

    public required double Mos { get; init; }

    public override string ToString() => $"leg {Id}";
}
