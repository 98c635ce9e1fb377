// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Rtp;
using Xunit;

namespace Beffroi.Media.Tests.Rtp;

public sealed class SourceStatisticsTests
{
    [Fact]
    public void Loss_is_counted_over_the_wrap_of_the_sequence_number()
    {
        var source = new SourceStatistics();
        source.Start(1, 65_530);
        for (var i = 0; i < 20; i++)
            if (i % 5 != 4) Assert.True(source.Add((ushort)(65_530 + i)));
        Assert.Equal(3, source.Lost);                                       // the last one is not missed yet
        Assert.Equal(0x10000u + 65_530 + 18 - 0x10000, source.ExtendedHighestSequence);
        Assert.Equal(40, source.TakeFractionLost());                        // 3 of 19, in 1/256
        Assert.Equal(0, source.TakeFractionLost());
    }

    [Fact]
    public void A_jump_is_believed_at_the_second_packet_only()
    {
        var source = new SourceStatistics();
        source.Start(1, 100);
        Assert.True(source.Add(100));
        Assert.False(source.Add(40_000));
        Assert.True(source.Add(101));
        Assert.False(source.Add(50_000));
        Assert.True(source.Add(50_001));
        Assert.Equal(0, source.Lost);
    }

    [Fact]
    public void Duplicates_never_make_the_loss_negative()
    {
        var source = new SourceStatistics();
        source.Start(1, 1);
        for (var i = 0; i < 5; i++) source.Add(1);
        Assert.Equal(0, source.Lost);
        Assert.Equal(-4, source.CumulativeLost);
    }

    [Fact]
    public void Loss_of_a_former_source_is_not_forgotten()
    {
        var source = new SourceStatistics();
        source.Start(1, 1);
        source.Add(1);
        source.Add(4);
        source.Start(2, 500);
        source.Add(500);
        Assert.Equal(2, source.Lost);
        Assert.Equal(0, source.CumulativeLost);
    }

    [Fact]
    public void Jitter_is_that_of_appendix_a8()
    {
        var meter = new JitterMeter();
        meter.Add(1000, 0);
        Assert.Equal(0, meter.Add(1160, 160));
        Assert.Equal(1, meter.Add(1336, 320));                              // 16 units late: 16/16
        Assert.Equal(1 + (16 - 1) / 16.0, meter.Add(1480, 480));            // and 16 early again
        var wrapped = new JitterMeter();
        wrapped.Add(10, uint.MaxValue - 79);
        Assert.Equal(0, wrapped.Add(170, 80));
    }
}
