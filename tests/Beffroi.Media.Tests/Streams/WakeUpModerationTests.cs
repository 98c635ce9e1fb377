// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Streams;
using Xunit;

namespace Beffroi.Media.Tests.Streams;

public sealed class WakeUpModerationTests
{
    private const long Frequency = 1_000_000;           // timestamps are µs
    private const long Never = long.MaxValue;

    [Fact]
    public void Few_packets_are_met_one_by_one()
    {
        var moderation = new WakeUpModeration(Frequency);
        for (var now = 0L; now < Frequency; now += 1_000) Assert.False(moderation.MayNap(now, 1, Never));
    }

    [Fact]
    public void Many_packets_gather_until_they_become_few_again()
    {
        var moderation = new WakeUpModeration(Frequency);
        var naps = 0;
        for (var now = 0L; now < Frequency; now += 100)
            if (moderation.MayNap(now, 1, Never)) naps++;
        Assert.InRange(naps, 9_000, 10_000);
        for (var now = Frequency; now < Frequency + 60_000; now += 1_000) moderation.MayNap(now, 1, Never);
        Assert.False(moderation.MayNap(Frequency + 61_000, 1, Never));
    }

    [Fact]
    public void What_is_due_soon_is_not_slept_over()
    {
        var moderation = new WakeUpModeration(Frequency);
        for (var now = 0L; now < 100_000; now += 100) moderation.MayNap(now, 1, Never);
        Assert.True(moderation.MayNap(100_000, 1, 102_000));
        Assert.False(moderation.MayNap(100_100, 1, 100_700));
    }

    [Fact]
    public void The_first_packets_after_a_silence_are_met_one_by_one()
    {
        var moderation = new WakeUpModeration(Frequency);
        for (var now = 0L; now < 100_000; now += 100) moderation.MayNap(now, 1, Never);
        Assert.False(moderation.MayNap(5 * Frequency, 1, Never));
    }
}
