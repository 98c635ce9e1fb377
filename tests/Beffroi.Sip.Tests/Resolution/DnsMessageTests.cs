// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics;
using Beffroi.Sip.Resolution;
using Xunit;

namespace Beffroi.Sip.Tests.Resolution;

public sealed class DnsMessageTests
{
    [Fact]
    public void A_question_is_written_as_RFC_1035_draws_it()
    {
        var buffer = new byte[512];
        Assert.True(DnsMessage.TryWriteQuery(0x1234, "sip.example.org", DnsType.Naptr, buffer, out var length));
        Assert.Equal([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, .. "sip"u8, 7, .. "example"u8, 3, .. "org"u8, 0, 0, 35, 0, 1], buffer[..length]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("é.example")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234.example")]
    public void A_name_that_cannot_be_one_is_not_asked_for(string name) =>
        Assert.False(DnsMessage.TryWriteQuery(1, name, DnsType.A, new byte[512], out _));

    [Fact]
    public void Names_are_found_through_pointers()
    {
        var message = Parse(Whole());
        Assert.Equal("sip.example.org", message.Question);
        Assert.Equal(new CnameRecord("sip.example.org", 60, "edge.example.org"), message.Answers[0]);
        Assert.Equal("192.0.2.7", ((AddressRecord)message.Answers[1]).Address.ToString());
        Assert.Equal(new SrvRecord("sip.example.org", 60, 10, 20, 5060, "edge.example.org"), message.Answers[2]);
        Assert.Equal(new NaptrRecord("sip.example.org", 60, 1, 2, "s", "sip+d2u", "", "_sip._udp.example.org"), message.Answers[3]);
    }

    [Theory]
    [InlineData(new byte[] { 0xC0, 12 })]                    // to itself
    [InlineData(new byte[] { 0xC0, 14, 0xC0, 12 })]          // forward, and back
    [InlineData(new byte[] { 1, (byte)'a', 0xC0, 12 })]      // a label, then itself: without end
    [InlineData(new byte[] { 0xC0, 0 })]                     // into the header
    [InlineData(new byte[] { 0xC0 })]
    [InlineData(new byte[] { 0x80, 1 })]                     // a label type that is not there
    [InlineData(new byte[] { 63, (byte)'a' })]
    public void A_name_that_leads_nowhere_is_refused(byte[] name) =>
        Assert.False(DnsMessage.TryParse([0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, .. name, 0, 1, 0, 1], out _));

    [Fact]
    public void A_name_over_255_bytes_by_pointers_is_refused()
    {
        List<byte> packet = [0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0];
        for (var label = 0; label < 5; label++) packet.AddRange([63, .. Enumerable.Repeat((byte)'a', 63)]);
        Assert.False(DnsMessage.TryParse([.. packet, 0, 0, 1, 0, 1], out _));
    }

    [Fact]
    public void Each_cut_of_a_response_is_refused_and_none_throws()
    {
        var whole = Whole();
        for (var length = 0; length < whole.Length; length++) Assert.False(DnsMessage.TryParse(whole.AsSpan(0, length), out _), $"{length} of {whole.Length} bytes");
    }

    [Fact]
    public void A_truncated_response_is_known_for_what_it_is()
    {
        var cut = Whole()[..60];
        cut[2] |= 0x02;
        Assert.True(Parse(cut).IsTruncated);
        Assert.Empty(Parse(cut).Answers);
    }

    [Fact]
    public void Mutations_of_a_response_never_throw_nor_hang() => Fuzz(TimeSpan.FromSeconds(1), seed: 1);

    [Fact]
    [Trait("Category", "Long")]
    public void Mutations_of_a_response_never_throw_nor_hang_for_a_minute() => Fuzz(TimeSpan.FromSeconds(60), seed: 2);

    private static void Fuzz(TimeSpan limit, int seed)
    {
        var random = new Random(seed);
        var clock = Stopwatch.StartNew();
        var (read, refused) = (0, 0);
        while (clock.Elapsed < limit)
        {
            var packet = Whole();
            for (var changes = random.Next(1, 8); changes > 0; changes--)
            {
                var at = random.Next(packet.Length);
                packet[at] = random.Next(4) switch { 0 => 0xC0, 1 => (byte)random.Next(packet.Length), 2 => 0xFF, _ => (byte)random.Next(256) };
            }
            if (DnsMessage.TryParse(packet.AsSpan(0, random.Next(3) == 0 ? random.Next(packet.Length) : packet.Length), out var message))
            {
                read++;
                Assert.All(message.Answers, r => Assert.InRange(r.Name.Length, 0, 255));
            }
            else
            {
                refused++;
            }
        }
        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused: the mutations do not tell");
    }

    private static DnsMessage Parse(byte[] packet)
    {
        Assert.True(DnsMessage.TryParse(packet, out var message));
        return message;
    }

    /// <summary>One record of each kind; the question's name is at 12, "example.org" at 16.</summary>
    private static byte[] Whole() =>
    [
        0, 1, 0x81, 0x80, 0, 1, 0, 4, 0, 1, 0, 0,
        3, .. "SIP"u8, 7, .. "example"u8, 3, .. "org"u8, 0, 0, 1, 0, 1,
        0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 7, 4, .. "edge"u8, 0xC0, 16,
        0xC0, 45, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7,
        0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 13, 0, 10, 0, 20, 0x13, 0xC4, 4, .. "edge"u8, 0xC0, 16,
        0xC0, 12, 0, 35, 0, 1, 0, 0, 0, 60, 0, 27, 0, 1, 0, 2, 1, .. "S"u8, 7, .. "SIP+D2U"u8, 0, 4, .. "_sip"u8, 4, .. "_udp"u8, 0xC0, 16,
        0xC0, 16, 0, 6, 0, 1, 0, 0, 0, 60, 0, 24, 0xC0, 16, 0xC0, 16, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5
    ];
}
