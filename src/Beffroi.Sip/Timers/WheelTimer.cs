// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Timers;

/// <summary>Something that a <see cref="TimingWheel"/> wakes once: base class of transactions, dialogs, bindings, so that arming allocates nothing.</summary>
/// <remarks>Threading: the fields belong to the lock of the wheel. An object is armed on one wheel at a time; arming it again moves it.</remarks>
public abstract class WheelTimer
{
    /// <summary>The list it hangs in: a slot of the wheel, <see cref="TimingWheel.Due"/>, or <see cref="TimingWheel.Idle"/>.</summary>
    internal int Place { get; set; } = TimingWheel.Idle;

    /// <summary>The tick at which it fires.</summary>
    internal long Deadline { get; set; }

    internal WheelTimer? Next { get; set; }

    internal WheelTimer? Previous { get; set; }

    /// <summary>Armed and not yet fired. A hint only: another thread may fire it at this moment.</summary>
    public bool IsArmed => Place != TimingWheel.Idle;

    /// <summary>Its time has come. On the thread that drives the wheel, under no lock; must not block. It may arm itself again.</summary>
    protected abstract void Fire();

    internal void Wake() => Fire();
}
