// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.TestKit;

/// <summary>A clock moved by hand. Timers made through it fire inside <see cref="Advance"/>, in the order of their due times,
/// on the thread that advances; while one fires, <see cref="GetUtcNow"/> shows its due time.</summary>
/// <remarks>Threading: any thread may read the time and make, change or dispose timers; one thread at a time advances.
/// Callbacks run outside the lock, so they may use the clock.</remarks>
public sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _armed = [];
    private readonly DateTimeOffset _start;
    private DateTimeOffset _now;
    private long _armings;

    /// <summary>Starts on a Monday at noon in UTC, away from midnights and holidays.</summary>
    public ManualTime() : this(new DateTimeOffset(2026, 9, 14, 12, 0, 0, TimeSpan.Zero))
    {
    }

    public ManualTime(DateTimeOffset start) => _start = _now = start.ToUniversalTime();

    /// <summary>UTC unless set: tests of calendars set the town's zone.</summary>
    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    public override TimeZoneInfo LocalTimeZone => Zone;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers that are armed now: zero means that nothing waits for this clock.</summary>
    public int ArmedTimers
    {
        get { lock (_lock) return _armed.Count; }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _now;
    }

    public override long GetTimestamp()
    {
        lock (_lock) return (_now - _start).Ticks;
    }

    /// <summary>Moves the clock to <paramref name="moment"/>, firing what falls due on the way.</summary>
    public void AdvanceTo(DateTimeOffset moment) => Advance(moment - GetUtcNow());

    /// <summary>Moves the clock forward and fires every timer that falls due, periodic ones as often as they fall due.
    /// Those due at the same moment fire in the order in which they were armed.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        DateTimeOffset end;
        lock (_lock) end = _now + by;
        while (NextDue(end) is { } timer) timer.Fire();
        lock (_lock) _now = end;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Takes the earliest timer due until <paramref name="end"/>, moves the clock to it, and re-arms it when it is periodic.</summary>
    private ManualTimer? NextDue(DateTimeOffset end)
    {
        lock (_lock)
        {
            ManualTimer? first = null;
            foreach (var timer in _armed)
                if (timer.Due <= end && (first is null || (timer.Due, timer.Order).CompareTo((first.Due, first.Order)) < 0)) first = timer;
            if (first is null) return null;
            if (first.Due > _now) _now = first.Due;
            if (first.Period > TimeSpan.Zero) first.Due += first.Period;
            else _armed.Remove(first);
            return first;
        }
    }

    private sealed class ManualTimer(ManualTime clock, TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed;

        internal DateTimeOffset Due { get; set; }

        internal TimeSpan Period { get; private set; }

        internal long Order { get; private set; }

        internal void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                if (_disposed) return false;
                clock._armed.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = clock._now + dueTime;
                Period = period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period;
                Order = clock._armings++;
                clock._armed.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._lock)
            {
                _disposed = true;
                clock._armed.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
