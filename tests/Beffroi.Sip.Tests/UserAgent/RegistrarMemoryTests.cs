// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.UserAgent;
using Xunit;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>Weighs the heap, so nothing else may run meanwhile.</summary>
[Collection("Alone")]
public sealed class RegistrarMemoryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 9, 14, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_registered_device_costs_less_than_one_KiB()
    {
        const int devices = 2000;
        var all = new IReadOnlyList<Binding>[devices];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < devices; i++)
            all[i] = Registrar.Apply([], RegistrarTests.Register($"3848276298220188511@10.0.{i / 250}.{i % 250}", 1,
                $"Contact: <sip:20{i:0000}@10.0.{i / 250}.{i % 250}:5060;transport=udp>;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-0004F2{i:X6}>\"", "User-Agent: PolycomVVX-VVX_411-UA/5.9.3.2857"),
                null, Noon, new RegistrarOptions()).Bindings;
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / devices;
        GC.KeepAlive(all);
        Assert.InRange(each, 100, 1024);
    }
}

/// <summary>Tests that run when no other one does.</summary>
[CollectionDefinition("Alone", DisableParallelization = true)]
public sealed class Alone;
