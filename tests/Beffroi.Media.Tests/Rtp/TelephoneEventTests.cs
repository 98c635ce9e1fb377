// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Rtp;
using Xunit;

namespace Beffroi.Media.Tests.Rtp;

public sealed class TelephoneEventTests
{
    [Fact]
    public void The_payload_is_read_and_written()
    {
        byte[] wire = [11, 0x8A, 0x03, 0x20];
        Assert.True(TelephoneEvent.TryParse(wire, out var parsed));
        Assert.Equal(new TelephoneEvent(11, true, 10, 800), parsed);
        Assert.Equal('#', parsed.Key);
        var written = new byte[4];
        parsed.Write(written);
        Assert.Equal(wire, written);
        Assert.False(TelephoneEvent.TryParse([1, 2, 3], out _));
        Assert.Equal('\0', new TelephoneEvent(16, false, 0, 0).Key);        // flash
    }

    [Fact]
    public void A_press_longer_than_the_duration_field_is_one_press()
    {
        var receiver = new TelephoneEventReceiver();
        Assert.True(receiver.TryTake(new TelephoneEvent(1, false, 10, 65_000), 1000, out var key));
        Assert.Equal('1', key);
        Assert.False(receiver.TryTake(new TelephoneEvent(1, false, 10, 65_535), 1000, out _));
        Assert.False(receiver.TryTake(new TelephoneEvent(1, false, 10, 160), 1000 + 65_535, out _));
        Assert.True(receiver.TryTake(new TelephoneEvent(1, false, 10, 160), 200_000, out _));
    }

    [Fact]
    public void A_late_packet_of_an_older_press_is_no_new_press()
    {
        var receiver = new TelephoneEventReceiver();
        Assert.True(receiver.TryTake(new TelephoneEvent(1, false, 10, 160), 1000, out _));
        Assert.True(receiver.TryTake(new TelephoneEvent(2, false, 10, 160), 3000, out _));
        Assert.False(receiver.TryTake(new TelephoneEvent(1, true, 10, 800), 1000, out _));
    }
}
