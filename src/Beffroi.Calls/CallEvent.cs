// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json.Serialization;

namespace Beffroi.Calls;

/// <summary>Something that happened to a call: immutable, numbered within its call, named after ECMA-269 (CSTA) where it has a word.</summary>
/// <remarks>History, indicators and live views are derived from these alone; see <see cref="ICallJournal"/>.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CallStarted), "started")]
[JsonDerivedType(typeof(CallDelivered), "delivered")]
[JsonDerivedType(typeof(CallEstablished), "established")]
[JsonDerivedType(typeof(CallHeld), "held")]
[JsonDerivedType(typeof(CallRetrieved), "retrieved")]
[JsonDerivedType(typeof(CallDiverted), "diverted")]
[JsonDerivedType(typeof(CallTransferred), "transferred")]
[JsonDerivedType(typeof(CallParked), "parked")]
[JsonDerivedType(typeof(CallPickedUp), "picked-up")]
[JsonDerivedType(typeof(CallServed), "served")]
[JsonDerivedType(typeof(LegCleared), "leg-cleared")]
[JsonDerivedType(typeof(CallCleared), "cleared")]
public abstract record CallEvent
{
    /// <summary>The call; the same through transfers and pickups.</summary>
    public required Guid CallId { get; init; }

    /// <summary>1 for the first event of the call, then without a gap.</summary>
    public required int Sequence { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>Somebody asked for something: the call exists.</summary>
public sealed record CallStarted : CallEvent
{
    public required CallParty Caller { get; init; }

    /// <summary>The digits or name as dialled.</summary>
    public required string Dialled { get; init; }

    /// <summary>What the dial plan made of it.</summary>
    public required CallParty Called { get; init; }

    /// <summary>The wire's Call-ID of the first leg, for the tie to a trace; empty when the server began the call.</summary>
    public string WireCallId { get; init; } = "";

    /// <summary>The call is to an emergency number.</summary>
    public bool Emergency { get; init; }
}

/// <summary>A party's device rings.</summary>
public sealed record CallDelivered : CallEvent
{
    public required Guid Leg { get; init; }

    public required CallParty To { get; init; }
}

/// <summary>A party answered and both speak.</summary>
public sealed record CallEstablished : CallEvent
{
    public required Guid Leg { get; init; }

    public required CallParty With { get; init; }
}

/// <summary>A party put the other on hold.</summary>
public sealed record CallHeld : CallEvent
{
    public required Guid ByLeg { get; init; }
}

/// <summary>A held party was taken back.</summary>
public sealed record CallRetrieved : CallEvent
{
    public required Guid ByLeg { get; init; }
}

/// <summary>Why a call went elsewhere: RFC 5806 §4.4, RFC 7044.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DiversionReason>))]
public enum DiversionReason
{
    Unconditional,
    UserBusy,
    NoAnswer,
    Unavailable,
    DoNotDisturb,
    Deflection,
    TimeOfDay,
    FollowMe,
}

/// <summary>The call was sent on before anybody answered.</summary>
public sealed record CallDiverted : CallEvent
{
    public required CallParty From { get; init; }

    public required CallParty To { get; init; }

    public required DiversionReason Reason { get; init; }
}

/// <summary>The call was handed to another party after it was answered.</summary>
public sealed record CallTransferred : CallEvent
{
    public required CallParty By { get; init; }

    public required CallParty To { get; init; }

    /// <summary>With a consultation before it (RFC 5589 §7), or blind (§6).</summary>
    public required bool Attended { get; init; }

    /// <summary>The consultation call that ended in this one, when attended.</summary>
    public Guid? Consultation { get; init; }
}

/// <summary>The call waits in a park slot.</summary>
public sealed record CallParked : CallEvent
{
    public required string Slot { get; init; }

    public CallParty? By { get; init; }
}

/// <summary>Somebody other than the called party took the ringing or parked call.</summary>
public sealed record CallPickedUp : CallEvent
{
    public required CallParty By { get; init; }

    /// <summary>Where it rang or waited.</summary>
    public required string From { get; init; }
}

/// <summary>A service of Beffroi did something worth a line in the history: a welcome message, a message left, a refused PIN.</summary>
public sealed record CallServed : CallEvent
{
    /// <summary>The feature: <c>welcome-message</c>, <c>voicemail</c>, <c>hunt-group</c>.</summary>
    public required string Service { get; init; }

    /// <summary>What it did, a stable word: <c>played</c>, <c>deposited</c>, <c>overflowed</c>.</summary>
    public required string What { get; init; }

    /// <summary>Which one: a group's number, a prompt's name.</summary>
    public string Which { get; init; } = "";

    /// <summary>For how long, seconds, where it has a length.</summary>
    public double Seconds { get; init; }
}

/// <summary>How a leg sounded: RFC 3550 figures and the E-model's mean opinion score (ITU-T G.107), as received by Beffroi and as reported by the peer.</summary>
public sealed record LegQuality
{
    public string Codec { get; init; } = "";

    public long PacketsReceived { get; init; }

    public long PacketsSent { get; init; }

    public long PacketsLost { get; init; }

    /// <summary>Milliseconds.</summary>
    public double Jitter { get; init; }

    /// <summary>Milliseconds; 0 when the peer sent no report.</summary>
    public double RoundTrip { get; init; }

    /// <summary>1.0 to 4.5; 0 when nothing was received.</summary>
    public double Mos { get; init; }
}

/// <summary>One leg ended; the call may go on with others.</summary>
public sealed record LegCleared : CallEvent
{
    public required Guid Leg { get; init; }

    public required CallParty Party { get; init; }

    /// <summary>SIP status or 200 after a BYE.</summary>
    public required int Status { get; init; }

    /// <summary>A stable word: <c>hung-up</c>, <c>answered-elsewhere</c>, <c>no-answer</c>, <c>busy</c>, <c>media-timeout</c>.</summary>
    public required string Cause { get; init; }

    public LegQuality? Quality { get; init; }
}

/// <summary>How a call ended, seen by the caller.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CallOutcome>))]
public enum CallOutcome
{
    /// <summary>A person answered.</summary>
    Answered,

    /// <summary>A service answered (announcement, voicemail) and no person.</summary>
    Served,

    /// <summary>The caller left before anybody answered.</summary>
    Abandoned,

    NoAnswer,
    Busy,
    Refused,
    Failed,
}

/// <summary>The call is over: the last event.</summary>
public sealed record CallCleared : CallEvent
{
    public required CallOutcome Outcome { get; init; }

    /// <summary>The SIP status given to the caller, 200 when the call was answered.</summary>
    public required int Status { get; init; }

    /// <summary>A stable word: <c>caller-hung-up</c>, <c>callee-hung-up</c>, <c>media-timeout</c>, a refusal's code.</summary>
    public required string Cause { get; init; }

    /// <summary>From the first event to this one, seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Seconds of conversation with a person.</summary>
    public required double TalkSeconds { get; init; }
}

/// <summary>Where events go. The server's Journal implements it.</summary>
public interface ICallJournal
{
    /// <summary>Takes one event. Must only enqueue: it is called by a call in the middle of its work. Any thread; in order within one call.</summary>
    void Append(CallEvent happened);
}
