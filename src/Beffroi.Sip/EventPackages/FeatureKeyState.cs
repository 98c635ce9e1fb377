// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.EventPackages;

/// <summary>The forwardings a telephone's keys know.</summary>
public enum FeatureForwardKind
{
    Immediate,
    Busy,
    NoAnswer,
}

/// <summary>One forwarding.</summary>
/// <param name="To">The number as a telephone may show and dial it; null when it is off.</param>
/// <param name="RingCount">For <see cref="FeatureForwardKind.NoAnswer"/>: rings before it applies.</param>
public sealed record FeatureForward(FeatureForwardKind Kind, string? To, int? RingCount = null);

/// <summary>What a telephone's keys show.</summary>
/// <param name="Device">A name for the bodies; no telephone reads it.</param>
public sealed record FeatureKeyState(string Device, bool DoNotDisturb, FeatureForward Immediate, FeatureForward Busy, FeatureForward NoAnswer);

/// <summary>What a key that was pressed asks for.</summary>
public abstract record FeatureKeyWish
{
    private FeatureKeyWish()
    {
    }

    public sealed record DoNotDisturb(bool On) : FeatureKeyWish;

    /// <param name="To">The number, without scheme and domain; empty where the telephone names none.</param>
    /// <param name="RingCount">Null where it says nothing of it.</param>
    public sealed record Forward(FeatureForwardKind Kind, bool On, string To, int? RingCount) : FeatureKeyWish;
}
