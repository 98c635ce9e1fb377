// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics;
using Beffroi.Sip.Timers;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Sip.Tests.Timers;

public sealed class TimingWheelTests
{
    private readonly ManualTime _time = new();
    private readonly TimingWheel _wheel;
    private readonly List<string> _fired = [];

    public TimingWheelTests() => _wheel = new TimingWheel(_time);

    [Fact]
    public void A_timer_fires_once_when_its_time_has_come_and_not_before()
    {
        _wheel.Arm(Timer("A"), TimeSpan.FromMilliseconds(500));
        Pass(490);
        Assert.Empty(_fired);
        Pass(10);
        Assert.Equal(["A"], _fired);
        Pass(60_000);
        Assert.Equal(["A"], _fired);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_timer_armed_between_two_ticks_is_late_rather_than_early()
    {
        Pass(3);
        _wheel.Arm(Timer("A"), TimeSpan.FromMilliseconds(500));
        Pass(499);
        Assert.Empty(_fired);
        Pass(8);
        Assert.Equal(["A"], _fired);
    }

    [Fact]
    public void A_cancelled_timer_stays_silent_and_leaves_nothing_behind()
    {
        var a = Timer("A");
        _wheel.Arm(a, TimeSpan.FromSeconds(1));
        Assert.True(a.IsArmed);
        Assert.True(_wheel.Cancel(a));
        Assert.False(_wheel.Cancel(a));
        Assert.False(a.IsArmed);
        Pass(2000);
        Assert.Empty(_fired);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void Arming_again_moves_the_timer()
    {
        var a = Timer("A");
        _wheel.Arm(a, TimeSpan.FromSeconds(1));
        _wheel.Arm(a, TimeSpan.FromSeconds(3));
        Assert.Equal(1, _wheel.Count);
        Pass(2000);
        Assert.Empty(_fired);
        Pass(1000);
        Assert.Equal(["A"], _fired);
    }

    [Theory]
    [InlineData(32_000)]          // within a round of the wheel
    [InlineData(300_000)]         // over several rounds
    public void What_falls_due_in_one_leap_fires_in_the_order_of_deadlines(int leap)
    {
        _wheel.Arm(Timer("third"), TimeSpan.FromMilliseconds(leap));
        _wheel.Arm(Timer("first"), TimeSpan.FromMilliseconds(20));
        _wheel.Arm(Timer("first too"), TimeSpan.FromMilliseconds(20));
        _wheel.Arm(Timer("second"), TimeSpan.FromMilliseconds(leap - 20));
        _wheel.Arm(Timer("later"), TimeSpan.FromMilliseconds(leap + 10));
        Pass(leap);
        Assert.Equal(["first", "first too", "second", "third"], _fired);
        Assert.Equal(1, _wheel.Count);
    }

    [Fact]
    public void A_timer_longer_than_a_round_of_the_wheel_waits_for_its_own_round()
    {
        _wheel.Arm(Timer("hour"), TimeSpan.FromHours(1));
        for (var minute = 0; minute < 59; minute++) Pass(60_000);
        Assert.Empty(_fired);
        Pass(60_000);
        Assert.Equal(["hour"], _fired);
    }

    [Fact]
    public void A_timer_may_arm_itself_and_cancel_another_while_it_fires()
    {
        var victim = Timer("victim");
        var rounds = 0;
        Stub again = null!;
        again = new Stub(() =>
        {
            _fired.Add("again");
            _wheel.Cancel(victim);
            if (++rounds < 3) _wheel.Arm(again, TimeSpan.Zero);
        });
        _wheel.Arm(again, TimeSpan.FromMilliseconds(50));
        _wheel.Arm(victim, TimeSpan.FromMilliseconds(50));        // due in the same tick, after it
        Pass(50);
        Assert.Equal(["again"], _fired);
        Pass(10);
        Pass(10);
        Pass(10);
        Assert.Equal(["again", "again", "again"], _fired);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_timer_that_throws_does_not_keep_others_from_firing()
    {
        _wheel.Arm(new Stub(() => throw new InvalidOperationException("broken")), TimeSpan.FromMilliseconds(10));
        _wheel.Arm(Timer("other"), TimeSpan.FromMilliseconds(10));
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Throws<InvalidOperationException>(_wheel.Advance);
        _wheel.Advance();
        Assert.Equal(["other"], _fired);
    }

    [Fact]
    public void Random_arming_and_cancelling_agrees_with_a_sorted_list()
    {
        var random = new Random(1);
        var timers = Enumerable.Range(0, 300).Select(i => Timer($"{i}")).ToArray();
        var expected = new Dictionary<string, long>();            // name → the 10 ms tick it is due at
        var now = 0L;
        for (var step = 0; step < 20_000; step++)
        {
            var which = random.Next(timers.Length);
            if (random.Next(3) > 0)
            {
                var due = random.Next(5) == 0 ? random.Next(200_000) : random.Next(2_000);
                _wheel.Arm(timers[which], TimeSpan.FromMilliseconds(due));
                expected[$"{which}"] = Math.Max((now + due + 9) / 10, now / 10 + 1);
            }
            else
            {
                Assert.Equal(expected.Remove($"{which}"), _wheel.Cancel(timers[which]));
            }
            if (random.Next(4) > 0) continue;
            var by = random.Next(100) == 0 ? random.Next(100_000) : random.Next(300);
            _fired.Clear();
            Pass(by);
            now += by;
            var due2 = expected.Where(e => e.Value <= now / 10).OrderBy(e => e.Value).ToList();
            Assert.Equal(due2.Select(e => e.Key).Order(), _fired.Order());
            Assert.Equal(due2.Select(e => e.Value), _fired.Select(name => expected[name]));
            foreach (var gone in due2) expected.Remove(gone.Key);
            Assert.Equal(expected.Count, _wheel.Count);
        }
    }

    [Fact]
    public void Arming_firing_and_cancelling_allocate_nothing()
    {
        var timers = Enumerable.Range(0, 100).Select(_ => new Stub(() => { })).ToArray();
        void Turn(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                foreach (var timer in timers) _wheel.Arm(timer, TimeSpan.FromMilliseconds(i % 500));
                for (var t = 0; t < timers.Length; t += 2) _wheel.Cancel(timers[t]);
                _time.Advance(TimeSpan.FromMilliseconds(40));
                _wheel.Advance();
            }
        }
        Turn(200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Turn(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task The_wheels_own_thread_fires_a_timer_armed_while_it_sleeps()
    {
        using var wheel = new TimingWheel(TimeProvider.System);
        wheel.StartThread();
        wheel.Arm(new Stub(() => { }), TimeSpan.FromMinutes(30));
        var fired = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        var clock = Stopwatch.StartNew();
        wheel.Arm(new Stub(() => fired.TrySetResult(clock.Elapsed)), TimeSpan.FromMilliseconds(60));
        var elapsed = await fired.Task.WaitAsync(TestTimeouts.InProcess);
        Assert.True(elapsed >= TimeSpan.FromMilliseconds(59.9), $"early: {elapsed.TotalMilliseconds} ms");
        Assert.Equal(1, wheel.Count);
    }

    [Fact]
    public async Task The_wheels_own_thread_survives_a_timer_that_throws()
    {
        using var wheel = new TimingWheel(TimeProvider.System);
        wheel.StartThread();
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        wheel.Arm(new Stub(() => throw new InvalidOperationException("broken")), TimeSpan.Zero);
        wheel.Arm(new Stub(() => fired.TrySetResult()), TimeSpan.FromMilliseconds(20));
        await fired.Task.WaitAsync(TestTimeouts.InProcess);
    }

    private Stub Timer(string name) => new(() => _fired.Add(name));

    private void Pass(int milliseconds)
    {
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        _wheel.Advance();
    }

    private sealed class Stub(Action fire) : WheelTimer
    {
        protected override void Fire() => fire();
    }
}
