// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Beffroi.Media;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beffroi.Bench.Relay;

/// <summary>What a leg costs that carries nothing: making, parameters, bridge, closing; and its memory.</summary>
internal static class LegCost
{
    private const int AtOnce = 500;

    internal static void Run(int count)
    {
        using var engine = new MediaEngine(new MediaOptions { Threads = 1, FirstPort = 20000, LastPort = 29999, PortQuarantine = TimeSpan.Zero }, TimeProvider.System, NullLoggerFactory.Instance);
        var listener = new EngineProcess.Deaf();
        Round(engine, listener, 2000);
        using var self = Process.GetCurrentProcess();
        var before = self.TotalProcessorTime;
        Round(engine, listener, count);
        self.Refresh();
        var cpu = self.TotalProcessorTime - before;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} legs made, set, bridged in pairs and closed: {cpu.TotalMicroseconds / count:F1} us of CPU each"));
        Memory(engine, listener);
    }

    private static void Round(MediaEngine engine, IMediaLegListener listener, int count)
    {
        var legs = new List<MediaLeg>(AtOnce);
        for (var made = 0; made < count; made += AtOnce)
        {
            for (var i = 0; i < AtOnce; i++)
            {
                if (!engine.TryCreateLeg(listener, AddressFamily.InterNetwork, out var leg)) throw new InvalidOperationException("no port");
                leg.Apply(EngineProcess.Line);
                if (legs.Count % 2 == 1) leg.Bridge(legs[^1]);
                legs.Add(leg);
            }
            foreach (var leg in legs) leg.Close();
            legs.Clear();
            while (engine.Counters.Legs > 0) Thread.Yield();
        }
    }

    private static void Memory(MediaEngine engine, IMediaLegListener listener)
    {
        const int Count = 4000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var legs = new MediaLeg[Count];
        for (var i = 0; i < Count; i++)
        {
            if (!engine.TryCreateLeg(listener, AddressFamily.InterNetwork, out legs[i]!)) throw new InvalidOperationException("no port");
            legs[i].Apply(EngineProcess.Line);
            if (i % 2 == 1) legs[i].Bridge(legs[i - 1]);
        }
        while (legs[^1].Statistics.Codec is null) Thread.Yield();
        var managed = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        Console.WriteLine($"{managed} bytes of managed memory per leg; native: none of its own (the kernel keeps two sockets)");
        foreach (var leg in legs) leg.Close();
        while (engine.Counters.Legs > 0) Thread.Yield();
    }
}
