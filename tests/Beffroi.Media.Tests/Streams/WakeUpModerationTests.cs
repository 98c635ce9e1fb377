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
        for (var now = 0L; now < Frequency; now += 1_000) Assert.Equal(0, moderation.NapAfter(now, 1, Never));
    }

    [Fact]
    public void Many_packets_gather_until_they_become_few_again()
    {
        var moderation = new WakeUpModeration(Frequency);
        var naps = 0;
        for (var now = 0L; now < Frequency; now += 100)
            if (moderation.NapAfter(now, 1, Never) > 0) naps++;
        Assert.InRange(naps, 9_000, 10_000);
        for (var now = Frequency; now < Frequency + 60_000; now += 1_000) moderation.NapAfter(now, 1, Never);
        Assert.Equal(0, moderation.NapAfter(Frequency + 61_000, 1, Never));
    }

    [Fact]
    public void What_is_due_soon_is_not_slept_over()
    {
        var moderation = new WakeUpModeration(Frequency);
        for (var now = 0L; now < 100_000; now += 100) moderation.NapAfter(now, 1, Never);
        Assert.Equal(WakeUpModeration.LongestNap, moderation.NapAfter(100_000, 1, 102_000));
        Assert.Equal(0, moderation.NapAfter(100_100, 1, 100_700));
    }

    [Fact]
    public void The_first_packets_after_a_silence_are_met_one_by_one()
    {
        var moderation = new WakeUpModeration(Frequency);
        for (var now = 0L; now < 100_000; now += 100) moderation.NapAfter(now, 1, Never);
        Assert.Equal(0, moderation.NapAfter(5 * Frequency, 1, Never));
    }

    [Fact]
    public void The_more_packets_the_shorter_the_nap()
    {
        var moderation = new WakeUpModeration(Frequency);
        var nap = 0L;
        for (var now = 0L; now < 200_000; now += 100) nap = moderation.NapAfter(now, 4, Never);
        Assert.InRange(nap, 195_000, 205_000);                          // 40,000 packets a second: eight of them come in 0.2 ms
    }
}
