// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Scenarios.Peers;
using Beffroi.Soak;
using Xunit;
using Xunit.Abstractions;

namespace Beffroi.Scenarios;

/// <summary>The long run, two minutes of it; <c>bench/soak/run</c> makes the hour. Nothing is said about time here: a slow machine makes fewer calls and
/// leaves as little behind.</summary>
[Collection(nameof(RealPeers))]
public sealed class LongRunTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Two_minutes_of_rough_calls_leave_nothing_behind_and_memory_flat()
    {
        await using var said = new StringWriter();
        var outcome = await new SoakRun(new SoakPlan { Length = TimeSpan.FromMinutes(2), Rate = 50 }, said).RunAsync();
        output.WriteLine(said + outcome.Report);

        Assert.True(outcome.LeftOver.Count == 0, "Left over: " + string.Join("; ", outcome.LeftOver) + outcome.Report);
        Assert.True(outcome.Faults.Count == 0, "Must not happen: " + string.Join("; ", outcome.Faults) + outcome.Report);
        Assert.True(outcome.IsFlat, $"Memory rises by {outcome.MemoryRise / 1048576:0.0} MiB, the heap by {outcome.HeapRise / 1048576:0.0} MiB.{outcome.Report}");
        Assert.True(outcome.Stories > 3000, $"Only {outcome.Stories} calls were tried: too few to show anything.{outcome.Report}");
        Assert.True(outcome.Failed <= SoakOutcome.MostFailed * outcome.Stories, $"{outcome.Failed} of {outcome.Stories} went otherwise than told.{outcome.Report}");
    }

    [Fact]
    public void A_curve_that_saws_is_flat_and_one_whose_lower_edge_rises_is_not()
    {
        var (saws, rises) = (new MemoryCurve(), new MemoryCurve());
        for (var second = 0; second < 120; second++)
        {
            var tooth = 4_000_000.0 * (second % 5);
            saws.Add(TimeSpan.FromSeconds(second), 30_000_000 + tooth);
            rises.Add(TimeSpan.FromSeconds(second), 30_000_000 + tooth + 100_000 * second);
        }

        Assert.InRange(saws.Rise(TimeSpan.FromSeconds(30)), -1000, 1000);
        Assert.InRange(rises.Rise(TimeSpan.FromSeconds(30)), 8_000_000, 9_000_000);
    }
}
