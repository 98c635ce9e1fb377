// SPDX-License-Identifier: EUPL-1.2
using System.Numerics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beffroi.Sip.Timers;

/// <summary>A hashed timing wheel of 4,096 slots of 10 ms: arming and cancelling are a list operation and allocate nothing.
/// Timers fire late by up to one tick, never early; those due in one <see cref="Advance"/> fire
/// in the order of their ticks, within a tick in the order of arming.</summary>
/// <remarks>Threading: every method from any thread; one small lock, under which nothing is called back.
/// After <see cref="Cancel"/> returned true the timer does not fire; false means that it was not armed, or fires at this moment.</remarks>
public sealed partial class TimingWheel : IDisposable
{
    internal const int Idle = -1;
    internal const int Due = Slots;

    private const int Slots = 4096;
    private const long Never = long.MaxValue;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly long _start;
    private readonly WheelTimer?[] _heads = new WheelTimer?[Slots + 1];      // the last list holds what is due and waits for its turn
    private readonly WheelTimer?[] _tails = new WheelTimer?[Slots + 1];
    private readonly ulong[] _occupied = new ulong[Slots / 64];             // one bit per slot, so that an idle wheel is not walked
    private readonly AutoResetEvent _sooner = new(false);                   // a timer was armed that is due before the driver wakes
    private long _done;                                                     // the last tick whose timers were collected
    private long _wakeAt = Never;                                           // the tick at which the driver wakes by itself
    private int _count;
    private Thread? _driver;
    private volatile bool _stopped;

    public TimingWheel(TimeProvider time, ILogger<TimingWheel>? log = null)
    {
        _time = time;
        _log = log ?? NullLogger<TimingWheel>.Instance;
        _start = time.GetTimestamp();
    }

    /// <summary>Timers armed now. Zero after a load shows that nothing leaked.</summary>
    public int Count
    {
        get { lock (_lock) return _count; }
    }

    /// <summary>Arms, or arms anew, a timer to fire when <paramref name="due"/> has passed. Zero or less: at the next tick.</summary>
    public void Arm(WheelTimer timer, TimeSpan due)
    {
        ArgumentNullException.ThrowIfNull(timer);
        var ticks = due <= TimeSpan.Zero ? 0 : due.Ticks;
        var elapsed = _time.GetElapsedTime(_start).Ticks;
        // Rounded up: a timer of 500 ms armed 3 ms after a tick fires 507 ms later, not 497.
        var deadline = (long)(((UInt128)elapsed + (UInt128)ticks + (UInt128)Tick.Ticks - 1) / (UInt128)Tick.Ticks);
        bool sooner;
        lock (_lock)
        {
            if (timer.Place == Idle) _count++;
            else Unlink(timer);
            timer.Deadline = Math.Max(deadline, _done + 1);
            Link(timer, (int)(timer.Deadline % Slots));
            sooner = timer.Deadline < _wakeAt && _driver is not null;
            if (sooner) _wakeAt = timer.Deadline;
        }
        if (sooner) _sooner.Set();
    }

    /// <summary>Disarms. False when it was not armed or its <see cref="WheelTimer.Fire"/> has begun.</summary>
    public bool Cancel(WheelTimer timer)
    {
        ArgumentNullException.ThrowIfNull(timer);
        lock (_lock)
        {
            if (timer.Place == Idle) return false;
            Unlink(timer);
            timer.Place = Idle;
            _count--;
            return true;
        }
    }

    /// <summary>Fires all that is due at the clock's present time. Called by the wheel's own thread, or by a test that moved its clock.</summary>
    /// <remarks>An exception of a timer passes to the caller; what else was due fires at the next call.</remarks>
    public void Advance()
    {
        lock (_lock) Collect(_time.GetElapsedTime(_start).Ticks / Tick.Ticks);
        while (TakeDue() is { } timer) timer.Wake();
    }

    /// <summary>Starts the thread that drives the wheel. It sleeps until the next occupied slot, without end when nothing is armed.</summary>
    public void StartThread()
    {
        lock (_lock)
        {
            if (_driver is not null || _stopped) return;
            _driver = new Thread(Drive) { IsBackground = true, Name = "sip timers" };
        }
        _driver.Start();
    }

    /// <summary>Ends the thread; timers still armed never fire.</summary>
    public void Dispose()
    {
        if (_stopped) return;
        _stopped = true;
        _sooner.Set();
        if (_driver is { } driver && driver != Thread.CurrentThread) driver.Join();
        _sooner.Dispose();
    }

    private void Drive()
    {
        while (!_stopped)
        {
            try { Advance(); }
            catch (Exception broken) { LogTimerBroke(_log, broken); }       // one transaction is lost, the clock of the others goes on
            _sooner.WaitOne(UntilNext());
        }
    }

    /// <summary>How long the driver may sleep: at least one tick, so that a burst of timers costs one wake.</summary>
    private TimeSpan UntilNext()
    {
        lock (_lock)
        {
            _wakeAt = _heads[Due] is not null ? _done + 1 : NextOccupied();
            if (_wakeAt == Never) return Timeout.InfiniteTimeSpan;
            var wait = TimeSpan.FromTicks(_wakeAt * Tick.Ticks) - _time.GetElapsedTime(_start);
            // The kernel counts in whole milliseconds here: rounded up, or the thread would spin through the last one.
            return TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, Slots * Tick.TotalMilliseconds));
        }
    }

    /// <summary>The first tick after the last one done whose slot holds something, be it for a later round.</summary>
    private long NextOccupied()
    {
        if (_count == 0) return Never;
        var from = (int)((_done + 1) % Slots);
        for (var step = 0; step <= _occupied.Length; step++)
        {
            var word = (from / 64 + step) % _occupied.Length;
            var bits = _occupied[word];
            if (step == 0) bits &= ulong.MaxValue << (from % 64);
            if (bits == 0) continue;
            var slot = word * 64 + BitOperations.TrailingZeroCount(bits);
            return _done + 1 + (slot - from + Slots) % Slots;
        }
        return Never;
    }

    private void Collect(long now)
    {
        if (now <= _done) return;
        if (now - _done >= Slots) CollectAll(now);
        else
        {
            for (var tick = _done + 1; tick <= now; tick++)
                if ((_occupied[tick % Slots / 64] & (1UL << (int)(tick % 64))) != 0) CollectSlot((int)(tick % Slots), now);
        }
        _done = now;
    }

    private void CollectSlot(int slot, long now)
    {
        for (var timer = _heads[slot]; timer is not null;)
        {
            var next = timer.Next;
            if (timer.Deadline <= now) MoveToDue(timer);
            timer = next;
        }
    }

    /// <summary>The clock stood still for more than a round (a suspended machine, a test's leap): slots no longer give the order.</summary>
    private void CollectAll(long now)
    {
        var late = new List<WheelTimer>();
        for (var slot = 0; slot < Slots; slot++)
            for (var timer = _heads[slot]; timer is not null; timer = timer.Next)
                if (timer.Deadline <= now) late.Add(timer);
        foreach (var timer in late.OrderBy(t => t.Deadline)) MoveToDue(timer);
    }

    private void MoveToDue(WheelTimer timer)
    {
        Unlink(timer);
        Link(timer, Due);
    }

    private WheelTimer? TakeDue()
    {
        lock (_lock)
        {
            if (_heads[Due] is not { } timer) return null;
            Unlink(timer);
            timer.Place = Idle;
            _count--;
            return timer;
        }
    }

    private void Link(WheelTimer timer, int place)
    {
        timer.Place = place;
        timer.Next = null;
        timer.Previous = _tails[place];
        if (timer.Previous is null) _heads[place] = timer;
        else timer.Previous.Next = timer;
        _tails[place] = timer;
        if (place != Due) _occupied[place / 64] |= 1UL << (place % 64);
    }

    private void Unlink(WheelTimer timer)
    {
        var place = timer.Place;
        if (timer.Next is null) _tails[place] = timer.Previous;
        else timer.Next.Previous = timer.Previous;
        if (timer.Previous is null) _heads[place] = timer.Next;
        else timer.Previous.Next = timer.Next;
        if (place != Due && _heads[place] is null) _occupied[place / 64] &= ~(1UL << (place % 64));
        timer.Next = timer.Previous = null;
    }

    [LoggerMessage(1100, LogLevel.Error, "A SIP timer failed; the others go on.")]
    private static partial void LogTimerBroke(ILogger log, Exception broken);
}
