// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Streams;
using Xunit;

namespace Beffroi.Media.Tests.Streams;

public sealed class MediaClockTests
{
    private readonly MediaClock _clock = new(frequency: 1000, now: 0);      // a timestamp is a millisecond

    [Fact]
    public void An_entry_is_due_at_its_tick_and_not_before()
    {
        var entry = new Entry();
        _clock.Schedule(entry, 4);
        Assert.Equal(20, _clock.NextDue);
        _clock.Advance(19);
        Assert.Empty(entry.Fired);
        _clock.Advance(20);
        Assert.Equal([20], entry.Fired);
        Assert.Equal(long.MaxValue, _clock.NextDue);
    }

    [Fact]
    public void Waking_late_makes_no_drift()
    {
        var entry = new Entry { Period = 4 };
        _clock.Schedule(entry, 4);
        foreach (var now in new long[] { 23, 47, 61, 90, 101 }) _clock.Advance(now);
        Assert.Equal([23, 47, 61, 90, 101], entry.Fired);
        Assert.Equal(120, _clock.NextDue);
    }

    [Fact]
    public void Entries_fire_in_the_order_of_time_also_when_all_are_late()
    {
        var order = new List<string>();
        var (a, b) = (new Entry { Period = 4, Log = order, Name = "a" }, new Entry { Period = 6, Log = order, Name = "b" });
        _clock.Schedule(a, 4);
        _clock.Schedule(b, 6);
        _clock.Advance(62);
        Assert.Equal(["a", "b", "a", "b", "a"], order);
    }

    [Fact]
    public void A_cancelled_entry_never_fires_and_leaves_the_clock_empty()
    {
        var (one, two) = (new Entry(), new Entry());
        _clock.Schedule(one, 4);
        _clock.Schedule(two, 4);
        _clock.Cancel(one);
        Assert.False(_clock.IsEmpty);
        _clock.Cancel(two);
        Assert.True(_clock.IsEmpty);
        _clock.Advance(100);
        Assert.Empty(one.Fired);
    }

    [Fact]
    public void One_entry_may_cancel_another_that_is_due_at_the_same_tick()
    {
        var second = new Entry();
        var first = new Entry { Cancels = second };
        _clock.Schedule(first, 4);
        _clock.Schedule(second, 4);
        _clock.Advance(20);
        Assert.Single(first.Fired);
        Assert.Empty(second.Fired);
    }

    [Fact]
    public void After_a_long_sleep_an_idle_clock_is_at_the_right_time()
    {
        _clock.Advance(1_000_000);
        var entry = new Entry();
        _clock.Schedule(entry, _clock.TickOf(1_000_000) + 4);
        Assert.Equal(1_000_020, _clock.NextDue);
        _clock.Advance(1_000_019);
        Assert.Empty(entry.Fired);
        _clock.Advance(1_500_000);
        Assert.Single(entry.Fired);
    }

    private sealed class Entry : ClockEntry
    {
        internal List<long> Fired { get; } = [];
        internal int Period { get; init; }
        internal Entry? Cancels { get; init; }
        internal List<string>? Log { get; init; }
        internal string Name { get; init; } = "";

        internal override void OnTick(MediaClock clock, long now)
        {
            Fired.Add(now);
            Log?.Add(Name);
            if (Cancels is not null) clock.Cancel(Cancels);
            if (Period > 0) clock.Schedule(this, Due + Period);
        }
    }
}
