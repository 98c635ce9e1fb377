// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics;
using Beffroi.Sip.UserAgent;
using Xunit;
using Xunit.Abstractions;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>What a call costs in this layer: memory while it stands, and garbage for setting it up. It weighs the heap, so nothing else may run meanwhile.</summary>
[Collection("Alone")]
public sealed class SessionCostTests(ITestOutputHelper output)
{
    [Fact]
    public void Two_sessions_of_an_established_call_keep_less_than_8_KiB()
    {
        // What the process does on the side (compiling, finalizing) is added to one weighing or the other: the least of three is nearest to the truth.
        var each = Enumerable.Range(0, 3).Select(_ => KeptPerCall()).ToArray();
        output.WriteLine($"{string.Join(", ", each)} bytes per call");
        Assert.InRange(each.Where(bytes => bytes > 0).DefaultIfEmpty(0).Min(), 1, 8 * 1024);
    }

    private static long KeptPerCall()
    {
        const int Calls = 400;
        var bed = new CallBed();
        Establish(bed, 10);                                           // code and tables are warm
        var before = Kept(bed);
        Establish(bed, Calls);
        var each = (Kept(bed) - before) / Calls;
        Assert.Equal(Calls + 10, bed.Bob.Stack.Sessions);
        return each;
    }

    private static void Establish(CallBed bed, int calls)
    {
        bed.Bob.Core.WhenInvited = invite =>
        {
            var session = invite.Take(SilentListener.Instance);
            session.Progress(180);
            session.Answer(CallBed.Answer);
        };
        for (var call = 0; call < calls; call++) bed.Alice.Stack.Invite(bed.ToBob, SilentListener.Instance);
        bed.Net.Settle();
        bed.Net.Pass(TimeSpan.FromSeconds(40));                       // the transactions are gone
        Assert.Equal(0, bed.Alice.Stack.Transactions);
    }

    private static long Kept(CallBed bed)
    {
        bed.Net.Log.Clear();
        bed.Alice.Received.Clear();
        bed.Bob.Received.Clear();
        bed.Bob.Core.Invites.Clear();
        GC.Collect();
        GC.WaitForPendingFinalizers();                                // what earlier tests left behind
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    [Fact]
    [Trait("Category", "Long")]
    public void Setting_up_and_ending_a_call_is_measured()
    {
        const int Calls = 4000;
        var bed = new CallBed();
        Establish(bed, 500);
        var start = GC.GetAllocatedBytesForCurrentThread();
        using var process = Process.GetCurrentProcess();
        var cpu = process.UserProcessorTime;
        for (var call = 0; call < Calls; call++)
        {
            var session = bed.Alice.Stack.Invite(bed.ToBob, SilentListener.Instance);
            bed.Net.Settle();
            session.End();
            bed.Net.Settle();
            bed.Net.Log.Clear();
            bed.Alice.Received.Clear();
            bed.Bob.Received.Clear();
        }
        process.Refresh();
        output.WriteLine($"{(process.UserProcessorTime - cpu).TotalMicroseconds / Calls:F0} us of CPU and {(GC.GetAllocatedBytesForCurrentThread() - start) / Calls} bytes per call of two sides, the network in memory included");
        Assert.Equal(500, bed.Bob.Stack.Sessions);
    }
}
