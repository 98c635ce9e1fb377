// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Rtcp;
using Beffroi.Media.Rtp;
using Xunit;

namespace Beffroi.Media.Tests.Rtp;

/// <summary>Whatever the bytes, the parsers of media packets return, and read nothing outside the datagram (a span would throw).</summary>
public sealed class ParserFuzzTests
{
    private static readonly byte[][] Seeds =
    [
        [0x80, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 4],
        [0xB1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 4, 0xBE, 0xDE, 0, 1, 5, 6, 7, 8, 42, 0, 0, 3],
        [0x80, 101, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 11, 0x8A, 3, 0x20],
        [0x81, 200, 0, 12, .. new byte[48], 0x81, 202, 0, 2, 0, 0, 0, 1, 1, 1, 65, 0, 0x81, 203, 0, 1, 0, 0, 0, 1],
        [0x80, 201, 0, 1, 0, 0, 0, 1, 0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 5, 0, 1, 0x84, 206, 0, 4, .. new byte[16]],
        [0x8F, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 82, 69, 77, 66, 1, 2, 3, 4, 0, 0, 0, 9],
        [0, 1, 0, 4, 0x21, 0x12, 0xA4, 0x42, .. new byte[12], 0x80, 0x22, 0, 0],
    ];

    [Fact]
    public void A_second_of_mutated_packets_does_no_harm() => Run(TimeSpan.FromSeconds(1), seed: 20_260_914);

    [Fact]
    [Trait("Category", "Long")]
    public void A_minute_of_mutated_packets_does_no_harm() => Run(TimeSpan.FromSeconds(60), seed: Environment.TickCount);

    private static void Run(TimeSpan duration, int seed)
    {
        var random = new Random(seed);
        var start = TimeProvider.System.GetTimestamp();
        var timeline = new RtpTimeline(1, 1, 1, 1000);
        var statistics = new SourceStatistics();
        var events = new TelephoneEventReceiver();
        var (output, count) = (new byte[2048], 0);
        while (TimeProvider.System.GetElapsedTime(start) < duration)
        {
            for (var i = 0; i < 1000; i++, count++) Feed(Mutate(random), ref timeline, ref statistics, ref events, output, random);
        }
        Assert.True(count >= 1000, $"seed {seed}: {count} packets");
    }

    private static void Feed(byte[] bytes, ref RtpTimeline timeline, ref SourceStatistics statistics, ref TelephoneEventReceiver events, byte[] output, Random random)
    {
        _ = Demultiplexer.Classify(bytes);
        if (StunHeader.TryParse(bytes, out var stun)) _ = stun.Attributes.Length + stun.TransactionId.Length + stun.Type;
        if (RtpView.TryParse(bytes, out var packet))
        {
            Assert.InRange(packet.Payload.Length, 0, bytes.Length - 12);
            if (packet.Ssrc != statistics.Ssrc) statistics.Start(packet.Ssrc, packet.Sequence);
            statistics.Add(packet.Sequence);
            statistics.AddArrival((uint)random.Next(), packet.Timestamp);
            timeline.TryRelay(packet.Ssrc, packet.Sequence, packet.Timestamp, random.Next(), 8000, out _, out _, out _);
            if (TelephoneEvent.TryParse(packet.Payload, out var digit)) events.TryTake(digit, packet.Timestamp, out _);
        }
        ReadOnlySpan<byte> rest = bytes;
        for (var packets = 0; packets < 4 && RtcpView.TryRead(ref rest, out var report); packets++)
        {
            for (var i = 0; report.TryGetReportBlock(i, out _); i++) Assert.InRange(i, 0, 30);
            report.TryGetSenderTimes(out _, out _);
            _ = report.SenderSsrc;
            scoped var writer = new RtcpWriter(output);
            RtcpFeedback.TryTranslate(report, timeline, 1, 2, ref writer);
        }
    }

    private static byte[] Mutate(Random random)
    {
        var bytes = Seeds[random.Next(Seeds.Length)].ToArray();
        for (var changes = random.Next(4); changes >= 0; changes--)
        {
            switch (random.Next(4))
            {
                case 0 when bytes.Length > 0:
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    break;
                case 1 when bytes.Length > 0:
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes = bytes[..random.Next(bytes.Length + 1)];
                    break;
                default:
                    bytes = [.. bytes, .. Seeds[random.Next(Seeds.Length)].Take(random.Next(40))];
                    break;
            }
        }
        return bytes;
    }
}
