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

    public enum Parser
    {
        Stun,
        Rtp,
        Rtcp,
    }

    [Theory]
    [InlineData(Parser.Stun)]
    [InlineData(Parser.Rtp)]
    [InlineData(Parser.Rtcp)]
    public void A_second_of_mutated_packets_does_no_harm(Parser parser) => Run(parser, TimeSpan.FromSeconds(1), seed: 20_260_914);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(Parser.Stun)]
    [InlineData(Parser.Rtp)]
    [InlineData(Parser.Rtcp)]
    public void A_minute_of_mutated_packets_does_no_harm(Parser parser) => Run(parser, TimeSpan.FromSeconds(60), seed: Environment.TickCount);

    private static void Run(Parser parser, TimeSpan duration, int seed)
    {
        var random = new Random(seed);
        var start = TimeProvider.System.GetTimestamp();
        var stream = new Stream(random);
        var (count, taken) = (0, 0);
        while (TimeProvider.System.GetElapsedTime(start) < duration)
        {
            for (var i = 0; i < 1000; i++, count++)
            {
                var bytes = Mutate(random);
                _ = Demultiplexer.Classify(bytes);
                if (parser switch { Parser.Stun => TakesStun(bytes), Parser.Rtp => stream.TakesRtp(bytes), _ => stream.TakesRtcp(bytes) }) taken++;
            }
        }
        Assert.True(taken > count / 100, $"seed {seed}: {taken} of {count} packets were taken, the mutator breaks everything");
    }

    private static bool TakesStun(byte[] bytes)
    {
        if (!StunHeader.TryParse(bytes, out var stun)) return false;
        _ = stun.Attributes.Length + stun.TransactionId.Length + stun.Type;
        return true;
    }

    /// <summary>What a leg keeps of a stream, and what it does with each packet.</summary>
    private sealed class Stream(Random random)
    {
        private readonly byte[] _output = new byte[2048];
        private RtpTimeline _timeline = new(1, 1, 1, 1000);
        private SourceStatistics _statistics;
        private TelephoneEventReceiver _events;

        internal bool TakesRtp(byte[] bytes)
        {
            if (!RtpView.TryParse(bytes, out var packet)) return false;
            Assert.InRange(packet.Payload.Length, 0, bytes.Length - 12);
            if (packet.Ssrc != _statistics.Ssrc) _statistics.Start(packet.Ssrc, packet.Sequence);
            _statistics.Add(packet.Sequence);
            _statistics.AddArrival((uint)random.Next(), packet.Timestamp);
            _timeline.TryRelay(packet.Ssrc, packet.Sequence, packet.Timestamp, random.Next(), 8000, out _, out _, out _);
            if (TelephoneEvent.TryParse(packet.Payload, out var digit)) _events.TryTake(digit, packet.Timestamp, out _);
            return true;
        }

        internal bool TakesRtcp(byte[] bytes)
        {
            ReadOnlySpan<byte> rest = bytes;
            var packets = 0;
            for (; packets < 4 && RtcpView.TryRead(ref rest, out var report); packets++)
            {
                for (var i = 0; report.TryGetReportBlock(i, out _); i++) Assert.InRange(i, 0, 30);
                report.TryGetSenderTimes(out _, out _);
                _ = report.SenderSsrc;
                scoped var writer = new RtcpWriter(_output);
                RtcpFeedback.TryTranslate(report, _timeline, 1, 2, ref writer);
            }
            return packets > 0;
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
