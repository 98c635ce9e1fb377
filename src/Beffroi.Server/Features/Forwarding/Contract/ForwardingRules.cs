// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;

namespace Beffroi.Server.Features.Forwarding.Contract;

/// <summary>When a forwarding applies: the four of GSM 02.82, which French users know by their codes 21, 61, 62 and 67.</summary>
public enum ForwardingKind
{
    Immediate,
    Busy,
    NoAnswer,
    Unreachable,
}

/// <summary>Where one person's calls go when they are not answered here. Immutable.</summary>
/// <param name="NoAnswerAfter">How long the set rings before <paramref name="NoAnswer"/> applies.</param>
public sealed record ForwardingRules(Guid Person, bool DoNotDisturb, Destination? Immediate, Destination? Busy, Destination? NoAnswer, Destination? Unreachable, TimeSpan NoAnswerAfter)
{
    /// <summary>How long a set rings when nobody says otherwise: four rings of the French ringing tone (1.5 s on, 3.5 s off).</summary>
    public static readonly TimeSpan DefaultNoAnswerAfter = TimeSpan.FromSeconds(20);

    public static ForwardingRules None(Guid person) => new(person, false, null, null, null, null, DefaultNoAnswerAfter);

    /// <summary>The destination of one kind, null when not set.</summary>
    public Destination? Of(ForwardingKind kind) => kind switch
    {
        ForwardingKind.Immediate => Immediate,
        ForwardingKind.Busy => Busy,
        ForwardingKind.NoAnswer => NoAnswer,
        _ => Unreachable,
    };

    public ForwardingRules With(ForwardingKind kind, Destination? to) => kind switch
    {
        ForwardingKind.Immediate => this with { Immediate = to },
        ForwardingKind.Busy => this with { Busy = to },
        ForwardingKind.NoAnswer => this with { NoAnswer = to },
        _ => this with { Unreachable = to },
    };

    /// <summary>True when nothing is set, so that nothing need be stored.</summary>
    public bool IsEmpty => !DoNotDisturb && Immediate is null && Busy is null && NoAnswer is null && Unreachable is null && NoAnswerAfter == DefaultNoAnswerAfter;
}
