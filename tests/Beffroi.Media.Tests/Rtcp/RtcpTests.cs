// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Rtcp;
using Xunit;

namespace Beffroi.Media.Tests.Rtcp;

public sealed class RtcpTests
{
    [Fact]
    public void What_we_write_we_read()
    {
        var block = new ReportBlock(7, 12, -3, 70_000, 99, 0x11223344, 65_536);
        var buffer = new byte[200];
        var writer = new RtcpWriter(buffer);
        writer.SenderReport(5, 0x0102030405060708, 160, 10, 1600, block);
        writer.SourceDescription(5, "beffroi"u8);
        writer.Bye(5);
        Assert.Equal(0, writer.Length % 4);
        ReadOnlySpan<byte> rest = buffer.AsSpan(0, writer.Length);
        Assert.True(RtcpView.TryRead(ref rest, out var report));
        Assert.Equal((RtcpType.SenderReport, 5u), (report.Type, report.SenderSsrc));
        Assert.True(report.TryGetSenderTimes(out var ntp, out var rtp));
        Assert.Equal((0x0102030405060708ul, 160u), (ntp, rtp));
        Assert.True(report.TryGetReportBlock(0, out var read));
        Assert.Equal(block, read);
        Assert.False(report.TryGetReportBlock(1, out _));
        Assert.True(RtcpView.TryRead(ref rest, out var names));
        Assert.Equal((RtcpType.SourceDescription, 1), (names.Type, names.Count));
        Assert.Equal("beffroi"u8, names.Bytes.Slice(10, 7));
        Assert.True(RtcpView.TryRead(ref rest, out var bye));
        Assert.Equal(RtcpType.Bye, bye.Type);
        Assert.True(rest.IsEmpty);
    }

    [Theory]
    [InlineData("")]
    [InlineData("80C800")]
    [InlineData("80C80006")]                                                // shorter than it says
    [InlineData("40C90001")]                                                // version 1
    [InlineData("800000010000")]                                            // RTP
    [InlineData("A0C9000100000001A0C9000100000000")]                        // padding of 0 in the last: the first must not have any
    public void What_is_no_report_is_refused(string hex)
    {
        ReadOnlySpan<byte> rest = Convert.FromHexString(hex);
        Assert.False(RtcpView.TryRead(ref rest, out _));
    }

    [Fact]
    public void A_report_that_announces_more_blocks_than_it_has_gives_those_it_has()
    {
        ReadOnlySpan<byte> rest = [0x9F, 201, 0, 7, 0, 0, 0, 5, .. new byte[24]];
        Assert.True(RtcpView.TryRead(ref rest, out var report));
        Assert.True(report.TryGetReportBlock(0, out _));
        Assert.False(report.TryGetReportBlock(1, out _));
    }

    [Fact]
    public void Time_is_counted_from_1900()
    {
        var ntp = NtpTime.Of(new DateTimeOffset(1970, 1, 1, 0, 0, 0, 500, TimeSpan.Zero));
        Assert.Equal(2_208_988_800ul << 32 | 0x8000_0000, ntp);
    }
}
