// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.TestKit;
using Xunit;
using static Beffroi.Sip.Tests.Transport.TransportBench;

namespace Beffroi.Sip.Tests.Transport;

/// <summary>The STUN keep-alive on SIP ports: RFC 5626 §3.5.2, RFC 8489.</summary>
public sealed class StunTests
{
    private static readonly byte[] Id = Convert.FromHexString("B7E7A701BC34D686FA87DFAE");

    /// <summary>The addresses of RFC 5769 §2.2 and §2.3 under the transaction id of these vectors.</summary>
    [Theory]
    [InlineData("192.0.2.1:32853", "0001A147E112A643")]
    [InlineData("[2001:db8:1234:5678:11:2233:4455:6677]:32853", "0002A1470113A9FAA5D3F179BC25F4B5BED2B9D9")]
    public void The_address_is_written_as_in_the_vectors_of_rfc_5769(string source, string value)
    {
        var answer = Answer(Request(), source);
        Assert.Equal("0101" + (value.Length / 2 + 4).ToString("X4", null) + "2112A442" + Convert.ToHexString(Id) + "0020" + (value.Length / 2).ToString("X4", null) + value, Convert.ToHexString(answer));
    }

    [Fact]
    public void Names_and_credentials_are_borne_and_not_asked_for()
    {
        var answer = Answer(Request("8022000474657374" + "0006000361626300" + "80280004AABBCCDD"), "192.0.2.1:32853");
        Assert.Equal(0x0101, BinaryPrimitives.ReadUInt16BigEndian(answer));
    }

    [Fact]
    public void What_must_be_understood_and_is_not_gets_420_with_its_types()
    {
        var answer = Answer(Request("0003000400000006" + "0003000400000006" + "7FFF0000"), "192.0.2.1:32853");
        Assert.Equal(0x0111, BinaryPrimitives.ReadUInt16BigEndian(answer));
        Assert.Equal(answer.Length - 20, BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(2)));
        Assert.EndsWith("000A" + "0004" + "0003" + "7FFF", Convert.ToHexString(answer), StringComparison.Ordinal);
        Assert.Equal("00000414", Convert.ToHexString(answer.AsSpan(24, 4)));
    }

    [Theory]
    [InlineData("0101", "")]                         // a response
    [InlineData("0011", "")]                         // an indication
    [InlineData("0003", "")]                         // Allocate: this is no TURN server
    [InlineData("0001", "00060009616263")]           // longer than the message
    [InlineData("0001", "0006FFFF")]
    public void Other_messages_and_broken_ones_get_no_answer(string type, string attributes)
    {
        var request = Request(attributes.PadRight((attributes.Length + 7) / 8 * 8, '0'));
        Convert.FromHexString(type).CopyTo(request, 0);
        Assert.True(StunBinding.IsStun(request));
        Assert.Empty(Answer(request, "192.0.2.1:32853"));
    }

    [Fact]
    public void Line_breaks_and_SIP_and_lengths_that_do_not_fit_are_no_stun()
    {
        foreach (var kept in new[] { "\r\n\r\n"u8.ToArray(), "OPTIONS sip:a SIP/2.0\r\n\r\n"u8.ToArray(), Request()[..19], [.. Request(), 0] }) Assert.False(StunBinding.IsStun(kept));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task The_sip_port_answers_a_phone_and_makes_no_flow_for_it(string address)
    {
        await using var bench = await StartAsync(new SipTransportOptions { Listen = [On(SipTransportKind.Udp, address)] });
        using var phone = Bound(address);
        var answer = await AskAsync(phone, bench, Request());
        var port = BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(26)) ^ 0x2112;
        Assert.Equal(((IPEndPoint)phone.LocalEndPoint!).Port, port);
        Assert.Equal(1, bench.Counters.StunAnswered);
        Assert.Equal(0, bench.Layer.UdpFlows);
        Assert.True(bench.SawNothing);
        await phone.SendToAsync(Options("UDP a.invalid;rport"), bench.EndPoint(SipTransportKind.Udp));       // SIP by the same socket
        var buffer = new byte[2048];
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        var length = await phone.ReceiveAsync(buffer, limit.Token);
        Assert.True(SipMessage.TryParse(buffer.AsSpan(0, length), out var reply, out _));
        Assert.Equal(200, reply.StatusCode);
    }

    [Fact]
    public async Task Keep_alives_cost_an_address_its_rate_and_a_banned_one_hears_nothing()
    {
        await using var bench = await StartAsync(new SipTransportOptions { Listen = [On(SipTransportKind.Udp)], Guard = new SourceGuardOptions { RequestsPerSecond = 1, Burst = 3 } }, new ManualTime());
        using var phone = Bound("127.0.0.1");
        for (var i = 0; i < 3; i++) await AskAsync(phone, bench, Request());
        await phone.SendToAsync(Request(), bench.EndPoint(SipTransportKind.Udp));
        await UdpTests.Until(() => bench.Counters.Dropped(SipDropReason.OverRate) == 1);
        for (var i = 0; i < 20; i++) bench.Layer.Guard.Failed(IPAddress.Loopback);
        await phone.SendToAsync(Request(), bench.EndPoint(SipTransportKind.Udp));
        await UdpTests.Until(() => bench.Counters.Dropped(SipDropReason.Banned) == 1);
        Assert.Equal(3, bench.Counters.StunAnswered);
    }

    [Fact]
    public void A_second_of_seeded_mutations_never_throws_and_never_answers_more_than_it_may() => Fuzz(TimeSpan.FromSeconds(1), 8489);

    [Fact]
    [Trait("Category", "Long")]
    public void A_minute_of_mutations_never_throws_and_never_answers_more_than_it_may() => Fuzz(TimeSpan.FromSeconds(60), Environment.TickCount);

    private static void Fuzz(TimeSpan duration, int seed)
    {
        var random = new Random(seed);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var answered = 0;
        Span<byte> into = stackalloc byte[StunBinding.LongestAnswer];
        while (clock.Elapsed < duration)
        {
            var request = Request(string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => $"{random.Next(0x10000):X4}{(random.Next(4) == 0 ? random.Next(0x10000) : random.Next(0, 8)):X4}{random.Next():X8}")));
            for (var i = random.Next(3); i > 0; i--) request[random.Next(request.Length)] = (byte)random.Next(256);
            if (!StunBinding.IsStun(request)) continue;
            if (StunBinding.Answer(request, EndPointKey.Of(new IPEndPoint(random.NextInt64(0x1_0000_0000), random.Next(0x10000))), into) > 0) answered++;
        }
        Assert.True(answered > 100, $"Only {answered} were answered: the mutator breaks everything.");
    }

    private static byte[] Request(string attributes = "") =>
        Convert.FromHexString($"0001{attributes.Length / 2:X4}2112A442{Convert.ToHexString(Id)}{attributes}");

    private static byte[] Answer(byte[] request, string source)
    {
        Assert.True(StunBinding.IsStun(request));
        var into = new byte[StunBinding.LongestAnswer];
        return into[..StunBinding.Answer(request, EndPointKey.Of(IPEndPoint.Parse(source)), into)];
    }

    private static Socket Bound(string address)
    {
        var ours = IPAddress.Parse(address);
        var socket = new Socket(ours.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(ours, 0));
        return socket;
    }

    private static async Task<byte[]> AskAsync(Socket phone, TransportBench bench, byte[] request)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        await phone.SendToAsync(request, bench.EndPoint(SipTransportKind.Udp), limit.Token);
        var buffer = new byte[256];
        return buffer[..await phone.ReceiveAsync(buffer, limit.Token)];
    }
}
