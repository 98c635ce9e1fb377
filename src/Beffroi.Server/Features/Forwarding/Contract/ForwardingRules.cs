// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.Forwarding.Contract;

/// <summary>When a forwarding applies: the four of GSM 02.82, which French users know by their codes 21, 61, 62 and 67.</summary>
public enum ForwardingKind
{
    Immediate,
    Busy,
    NoAnswer,
    Unreachable,
}

/// <summary>Where one extension's calls go when they are not answered there. Immutable.</summary>
/// <param name="Id">The extension.</param>
/// <param name="NoAnswerAfter">How long the set rings before <paramref name="NoAnswer"/> applies.</param>
public sealed record ForwardingRules(
    Guid Id, Guid OrganisationId, bool DoNotDisturb, Destination? Immediate, Destination? Busy, Destination? NoAnswer, Destination? Unreachable, TimeSpan NoAnswerAfter, int Version) : IPage
{
    /// <summary>How long a set rings when nobody says otherwise: four rings of the French ringing tone (1.5 s on, 3.5 s off).</summary>
    public static readonly TimeSpan DefaultNoAnswerAfter = TimeSpan.FromSeconds(20);

    public static ForwardingRules None(Guid extension, Guid organisation) => new(extension, organisation, false, null, null, null, null, DefaultNoAnswerAfter, 0);

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
}

/// <summary>Forwardings as other features see them.</summary>
public interface IForwardings
{
    /// <summary>An extension's rules, null when it has none; any thread, never waits.</summary>
    ForwardingRules? Of(Guid extension);

    /// <summary>An extension's rules have changed, by whatever way; <see cref="Of"/> has the new ones. Handlers must not wait.</summary>
    event Action<Guid>? Changed;
}
