// SPDX-License-Identifier: EUPL-1.2
using System.Net.Sockets;
using Beffroi.Media;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beffroi.Bench.Relay;

/// <summary>The process under load: bridges pairs of legs, prints their ports, and ends when its input does.</summary>
internal static class EngineProcess
{
    internal static readonly MediaLegParameters Line = new([new StreamParameters
    {
        Kind = MediaKind.Audio, Direction = MediaDirection.SendReceive, Formats = [new RtpFormat(8, "PCMA", 8000), new RtpFormat(101, "telephone-event", 8000)],
    }]);

    internal static void Run(int calls)
    {
        using var engine = new MediaEngine(new MediaOptions { Threads = 1, FirstPort = 20000, LastPort = 29999 }, TimeProvider.System, NullLoggerFactory.Instance);
        var listener = new Deaf();
        for (var i = 0; i < calls; i++)
        {
            if (!engine.TryCreateLeg(listener, AddressFamily.InterNetwork, out var a) || !engine.TryCreateLeg(listener, AddressFamily.InterNetwork, out var b)) throw new InvalidOperationException("no port");
            a.Apply(Line);
            b.Apply(Line);
            a.Bridge(b);
            Console.WriteLine($"{a.LocalRtp().Port} {b.LocalRtp().Port}");
        }
        while (Console.ReadLine() is not null)
        {
            var counters = engine.Counters;
            Console.WriteLine($"{counters.PacketsReceived} {counters.PacketsSent} {string.Join(',', counters.Drops.Where(drop => drop.Value > 0).Select(drop => $"{drop.Key}={drop.Value}"))}");
        }
    }

    internal sealed class Deaf : IMediaLegListener
    {
        public void OnDigit(MediaLeg leg, char digit, DigitSource source) { }
        public void OnPlayFinished(MediaLeg leg, long token) { }
        public void OnRecordingFinished(MediaLeg leg, RecordingResult result) { }
        public void OnMediaTimeout(MediaLeg leg) { }
        public void OnFirstPacket(MediaLeg leg) { }
    }
}
