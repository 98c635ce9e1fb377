// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Rtp;
using Xunit;

namespace Beffroi.Media.Tests.Rtp;

public sealed class RtpViewTests
{
    [Fact]
    public void A_plain_packet_is_read_field_by_field()
    {
        Assert.True(RtpView.TryParse([0x80, 0x88, 0x12, 0x34, 0, 0, 1, 0, 0xDE, 0xAD, 0xBE, 0xEF, 7, 8], out var packet));
        Assert.True(packet.Marker);
        Assert.Equal(8, packet.PayloadType);
        Assert.Equal(0x1234, packet.Sequence);
        Assert.Equal(256u, packet.Timestamp);
        Assert.Equal(0xDEADBEEF, packet.Ssrc);
        Assert.Equal([7, 8], packet.Payload.ToArray());
    }

    [Fact]
    public void Sources_extension_and_padding_are_not_payload()
    {
        byte[] bytes = [0xB1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, /* CSRC */ 1, 2, 3, 4, /* extension */ 0, 1, 0, 1, 5, 6, 7, 8, /* payload */ 42, /* padding */ 0, 0, 3];
        Assert.True(RtpView.TryParse(bytes, out var packet));
        Assert.Equal([42], packet.Payload.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("8000000100000001000000")]                                  // 11 bytes
    [InlineData("400000010000000100000001")]                                // version 1
    [InlineData("810000010000000100000001")]                                // one CSRC announced, none there
    [InlineData("900000010000000100000001")]                                // extension announced, none there
    [InlineData("9000000100000001000000010000FFFF")]                        // extension longer than the packet
    [InlineData("A0000001000000010000000100")]                              // padding of 0
    [InlineData("A00000010000000100000001FF")]                              // padding longer than the packet
    public void What_is_no_packet_is_refused(string hex) => Assert.False(RtpView.TryParse(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData(new byte[] { 0, 1 }, DatagramKind.Stun)]
    [InlineData(new byte[] { 22, 254 }, DatagramKind.Dtls)]
    [InlineData(new byte[] { 128, 0 }, DatagramKind.Rtp)]
    [InlineData(new byte[] { 128, 200 }, DatagramKind.Rtcp)]
    [InlineData(new byte[] { 128, 223 }, DatagramKind.Rtcp)]
    [InlineData(new byte[] { 128, 224 }, DatagramKind.Rtp)]
    [InlineData(new byte[] { 64, 0 }, DatagramKind.Unknown)]
    [InlineData(new byte[] { 192, 0 }, DatagramKind.Unknown)]
    [InlineData(new byte[] { 128 }, DatagramKind.Unknown)]
    public void Kinds_of_datagram_are_told_apart(byte[] datagram, DatagramKind kind) => Assert.Equal(kind, Demultiplexer.Classify(datagram));

    [Fact]
    public void A_stun_header_is_known_by_its_cookie_and_length()
    {
        byte[] stun = [0, 1, 0, 4, 0x21, 0x12, 0xA4, 0x42, .. new byte[12], 0x80, 0x22, 0, 0];
        Assert.True(StunHeader.TryParse(stun, out var header));
        Assert.Equal(1, header.Type);
        Assert.Equal(12, header.TransactionId.Length);
        Assert.Equal(4, header.Attributes.Length);
        Assert.False(StunHeader.TryParse(stun.AsSpan(0, 22), out _));
        stun[4] = 0;
        Assert.False(StunHeader.TryParse(stun, out _));
    }
}
