// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Rtp;
using Xunit;

namespace Beffroi.Media.Tests.Rtp;

public sealed class RtpTimelineTests
{
    private const int Second = 1000;                                        // ticks of this test's clock

    [Fact]
    public void A_pause_between_two_sources_is_a_pause_of_the_timestamp()
    {
        var line = new RtpTimeline(1, 99, 5000, Second);
        Assert.True(line.TryRelay(7, 10, 100, 0, 8000, out var s1, out var t1, out var begins));
        Assert.True(begins);
        Assert.True(line.TryRelay(8, 50_000, 9, 1000, 8000, out var s2, out var t2, out begins));
        Assert.True(begins);
        Assert.Equal((100, 101), (s1, s2));
        Assert.Equal(8000u, t2 - t1);
    }

    [Fact]
    public void A_packet_older_than_the_switch_to_its_source_is_late()
    {
        var line = new RtpTimeline(1, 99, 5000, Second);
        line.TryRelay(7, 10, 1600, 0, 8000, out _, out _, out _);
        Assert.False(line.TryRelay(7, 9, 1440, 0, 8000, out _, out _, out _));
        line.TryRelay(7, 12, 1920, 40, 8000, out var newest, out _, out _);
        Assert.True(line.TryRelay(7, 11, 1760, 41, 8000, out var reordered, out _, out _));
        Assert.Equal(newest - 1, reordered);
    }

    [Fact]
    public void Withheld_packets_close_up_also_when_some_before_them_were_lost()
    {
        var line = new RtpTimeline(1, 99, 5000, Second);
        line.TryRelay(7, 10, 0, 0, 8000, out var first, out _, out _);
        line.Withhold(7, 12);
        line.Withhold(7, 13);
        line.TryRelay(7, 14, 640, 80, 8000, out var next, out _, out _);
        Assert.Equal(first + 1, next);
        Assert.False(line.TryRelay(7, 11, 160, 81, 8000, out _, out _, out _));
    }

    [Fact]
    public void Numbers_translate_back_to_the_source()
    {
        var line = new RtpTimeline(1, 99, 5000, Second);
        line.TryRelay(7, 60_000, 0, 0, 8000, out var sent, out _, out _);
        Assert.Equal(60_000, line.ToSource(sent));
        Assert.True(line.TryMap(7, 160, out var mapped));
        Assert.Equal(5160u, mapped);
        Assert.False(line.TryMap(8, 160, out _));
    }

    [Fact]
    public void What_we_make_ourselves_runs_on_from_the_relayed()
    {
        var line = new RtpTimeline(1, 99, 5000, Second);
        line.TryRelay(7, 10, 0, 0, 8000, out _, out var relayed, out _);
        line.Begin(20, 8000, out var sequence, out var timestamp);
        line.Continue(160, 40, out var next, out var nextTimestamp);
        Assert.Equal((101, 102), (sequence, next));
        Assert.Equal((160u, 160u), (timestamp - relayed, nextTimestamp - timestamp));
        line.TryRelay(7, 11, 160, 60, 8000, out var again, out var againTimestamp, out var begins);
        Assert.True(begins);
        Assert.Equal(103, again);
        Assert.Equal(160u, againTimestamp - nextTimestamp);
    }
}
