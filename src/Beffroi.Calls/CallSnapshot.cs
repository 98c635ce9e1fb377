// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls.Applications;
using Beffroi.Media;
using Beffroi.Media.Sdp;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Calls;

/// <summary>A call written down, so that another process can take it up: plain values, ready for JSON.</summary>
/// <remarks>
/// A conversation is taken up as it is. A call whose script speaks with the caller resumes the script at <see cref="Checkpoint"/>, or starts it anew. Legs that only ring are
/// not written down: their INVITE transactions die with the process and the script rings again.
/// </remarks>
public sealed record CallSnapshot
{
    public required Guid Id { get; init; }

    public required DateTimeOffset Began { get; init; }

    public required CallParty Caller { get; init; }

    public required CallParty Called { get; init; }

    public required string Dialled { get; init; }

    public required bool FromTrunk { get; init; }

    public required bool Emergency { get; init; }

    /// <summary>Number of the last event written.</summary>
    public required int Sequence { get; init; }

    public required bool PersonAnswered { get; init; }

    public required bool ServiceAnswered { get; init; }

    public required double TalkSeconds { get; init; }

    /// <summary>The longest duration of this call, counted from <see cref="Began"/>; null: the exchange's own, zero: none.</summary>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>The served leg first, then its peer.</summary>
    public required IReadOnlyList<LegSnapshot> Legs { get; init; }

    /// <summary>The script that ran, and where in it; null when the parties speak.</summary>
    public string? Application { get; init; }

    /// <summary>What the script named itself (<see cref="ICallApplication.Checkpoint"/>); null: it starts anew.</summary>
    public string? Checkpoint { get; init; }
}

/// <summary>One established leg written down.</summary>
public sealed record LegSnapshot
{
    public required Guid Id { get; init; }

    public required CallParty Party { get; init; }

    public required bool Inbound { get; init; }

    public required bool HoldsOther { get; init; }

    public required bool HeldByServer { get; init; }

    public required SessionSnapshot Session { get; init; }

    public required LegMediaSnapshot Media { get; init; }

    /// <summary>What the leg may speak: a trunk's own codecs; null: the exchange's.</summary>
    public CodecPolicy? Codecs { get; init; }

    /// <summary>The leg holds a channel of its trunk (<see cref="CallParty.Trunk"/>), to be taken again.</summary>
    public bool HasChannel { get; init; }
}

/// <summary>A leg's offer/answer state and its ports.</summary>
/// <param name="Local">The o= line and our last description.</param>
/// <param name="Remote">The peer's last description, as text.</param>
public sealed record LegMediaSnapshot(MediaLegSnapshot Leg, LocalSessionSnapshot Local, string? Remote, MediaLegParameters? Parameters);
