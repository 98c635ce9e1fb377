// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Runtime.InteropServices;
using Beffroi.TestKit;

namespace Beffroi.Load;

/// <summary>Runs the same load against Beffroi, Kamailio and rtpengine, one after another, and prints tables in Markdown.</summary>
internal static class Program
{
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(200);

    /// <summary>Load of the same kind before what is measured: by then the server's code is compiled for what it does most. What it costs while that happens is printed too ("first").</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(30);

    /// <summary>Calls held at once to find what one of them takes.</summary>
    private const int HeldCalls = 2000;

    /// <summary>Until nothing of the calls before is left: transactions linger 32 s.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(35);

    /// <summary>What was measured, by load and server, for the ratios at the end.</summary>
    private static readonly Dictionary<(string Load, string Server), double> Measured = [];

    public static async Task<int> Main(string[] arguments)
    {
        if (LoadPlan.Parse(arguments) is not { } plan) return 2;
        Print($"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}\n");
        if (plan.Only.Overlaps(["idle", "calls", "register"]))
        {
            Print($"{plan.Users} users; registrations at {plan.RegisterRate}/s; calls at {plan.Rate}/s for {plan.Seconds} s, {Hold.TotalMilliseconds} ms of talk.\n");
            Print("| server | load | done | failed | CPU s per 1,000 | p50 ms | p99 ms | memory before, MiB | after, MiB |");
            Print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
            if (plan.Of.Contains("kamailio")) await SignalAsync(new KamailioServer(), plan);
            if (plan.Of.Contains("beffroi")) await SignalAsync(new BeffroiServer(), plan);
            Print("");
        }
        if (plan.Only.Contains("memory"))
        {
            Print("| server | memory per established call, KiB |\n| --- | ---: |");
            if (plan.Of.Contains("rtpengine")) await MemoryOfRtpengineAsync();
            if (plan.Of.Contains("beffroi")) await MemoryOfBeffroiAsync(plan);
            Print("");
        }
        if (plan.Only.Contains("relay"))
        {
            Print($"G.711 both ways, measured for {plan.Seconds} s after 2 s.\n");
            Print("| relay | calls | CPU, % of a core | per 100 calls | packets | lost | added p50 µs | p99 µs | longest µs | memory per call, KiB |");
            Print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
            foreach (var calls in plan.RelayCalls)
            {
                if (plan.Of.Contains("rtpengine")) await RelayRtpengineAsync(plan, calls);
                if (plan.Of.Contains("beffroi")) await RelayBeffroiAsync(plan, calls);
            }
        }
        PrintRatios();
        return 0;
    }

    private static async Task SignalAsync(LoadedServer server, LoadPlan plan)
    {
        await using (server)
        {
            await server.StartAsync(plan.Users);
            if (plan.Only.Contains("idle")) await IdleAsync(server, plan);
            if (!plan.Only.Contains("calls") && !plan.Only.Contains("register")) return;
            var phones = FreePorts.Next();
            Row(server, "REGISTER, first", await SipLoad.RegisterAsync(server, server.Users, plan.RegisterRate, phones));
            Row(server, "call, first", await SipLoad.CallAsync(server, (int)(plan.Rate * WarmUp.TotalSeconds), plan.Rate, Hold, phones));
            if (plan.Only.Contains("calls")) Row(server, "call", await SipLoad.CallAsync(server, (int)(plan.Rate * plan.Seconds), plan.Rate, Hold, phones));
            if (!plan.Only.Contains("register")) return;
            for (var registered = 0; registered < plan.RegisterRate * WarmUp.TotalSeconds / 2; registered += server.Users.Count)
                await SipLoad.RegisterAsync(server, server.Users, plan.RegisterRate, phones);
            Row(server, "REGISTER", await SipLoad.RegisterAsync(server, server.Users, plan.RegisterRate, phones));
        }
    }

    /// <summary>CPU and memory with all users made and nobody registered.</summary>
    private static async Task IdleAsync(LoadedServer server, LoadPlan plan)
    {
        var before = server.Cost();
        using (var wait = new PeriodicTimer(TimeSpan.FromSeconds(plan.Seconds))) await wait.WaitForNextTickAsync();
        var after = server.Cost();
        Print(string.Create(CultureInfo.InvariantCulture,
            $"| {server.Name} | idle: {100 * (after.Cpu - before.Cpu).TotalSeconds / plan.Seconds:0.0} % of a core | | | | | | {Mebibytes(before.Memory):0.0} | {Mebibytes(after.Memory):0.0} |"));
    }

    /// <summary>Beffroi's cost over the other's, on the same load in this run.</summary>
    private static void PrintRatios()
    {
        Print("");
        foreach (var ((load, server), cost) in Measured)
            if (server != "Beffroi" && Measured.TryGetValue((load, "Beffroi"), out var own))
                Print(string.Create(CultureInfo.InvariantCulture, $"- {load}: Beffroi's is {own / cost:0.00} of {server}'s"));
    }

    private static async Task MemoryOfRtpengineAsync()
    {
        await using var relay = new RtpengineRelay();
        await relay.StartAsync();
        var before = relay.Cost().Memory;
        await relay.CallAsync(HeldCalls, FirstMediaPort);
        MemoryRow("rtpengine", relay.Cost().Memory - before);
    }

    /// <summary>Warm: what the compiler and the tables took is no call's.</summary>
    private static async Task MemoryOfBeffroiAsync(LoadPlan plan)
    {
        await using var server = new BeffroiServer();
        await server.StartAsync(plan.Users);
        var phones = FreePorts.Next();
        await SipLoad.RegisterAsync(server, server.Users, plan.RegisterRate, phones);
        await SipLoad.CallAsync(server, (int)(100 * WarmUp.TotalSeconds), 100, Hold, phones);
        using (var wait = new PeriodicTimer(Settle)) await wait.WaitForNextTickAsync();
        var alive = await server.LiveHeapAsync();
        var before = server.Cost().Memory;
        await RelayLoad.HoldCallsAsync(server, HeldCalls, phones, FirstMediaPort, async _ =>
        {
            // Garbage of the calls before may have left room that these calls fill: what is alive is weighed too, and the larger counts.
            var grown = server.Cost().Memory - before;
            var heap = await server.LiveHeapAsync() - alive;
            Print(string.Create(CultureInfo.InvariantCulture, $"| {server.Name}, resident memory | {grown / 1024.0 / HeldCalls:0.0} |"));
            Print(string.Create(CultureInfo.InvariantCulture, $"| {server.Name}, live managed heap | {heap / 1024.0 / HeldCalls:0.0} |"));
            MemoryRow(server.Name, Math.Max(grown, heap));
        });
    }

    private static void MemoryRow(string name, long bytes)
    {
        var each = bytes / 1024.0 / HeldCalls;
        Measured[("memory of a call", name)] = each;
        Print(string.Create(CultureInfo.InvariantCulture, $"| {name} | {each:0.0} |"));
    }

    private static async Task RelayRtpengineAsync(LoadPlan plan, int calls)
    {
        await using var relay = new RtpengineRelay();
        await relay.StartAsync();
        var before = relay.Cost().Memory;
        var legs = await relay.CallAsync(calls, FirstMediaPort);
        var figures = await RelayLoad.RunAsync(legs, TimeSpan.FromSeconds(plan.Seconds), relay.Cost);
        Row("rtpengine", figures, relay.Cost().Memory - before);
    }

    private static async Task RelayBeffroiAsync(LoadPlan plan, int calls)
    {
        await using var server = new BeffroiServer();
        await server.StartAsync(Math.Max(40, 2 * calls));
        var phones = FreePorts.Next();
        await SipLoad.RegisterAsync(server, server.Users, plan.RegisterRate, phones);
        var before = server.Cost().Memory;
        await RelayLoad.HoldCallsAsync(server, calls, phones, FirstMediaPort, async legs =>
        {
            var figures = await RelayLoad.RunAsync(legs, TimeSpan.FromSeconds(plan.Seconds), server.Cost);
            Row(server.Name, figures, server.Cost().Memory - before);
        });
    }

    /// <summary>Our own RTP ports: apart from those of FreePorts and of the relays.</summary>
    private const int FirstMediaPort = 20_000;

    private static void Row(LoadedServer server, string load, SipFigures figures)
    {
        Measured[(load, server.Name)] = figures.CpuPerThousand;
        Print(string.Create(CultureInfo.InvariantCulture,
            $"| {server.Name} | {load} | {figures.Good} | {figures.Failed} | {figures.CpuPerThousand:0.000} | {figures.Median:0} | {figures.Worst1Percent:0} | {Mebibytes(figures.MemoryBefore):0.0} | {Mebibytes(figures.MemoryAfter):0.0} |"));
    }

    private static void Row(string name, RelayFigures figures, long memory)
    {
        Measured[($"relay of {figures.Calls} calls", name)] = figures.PercentPerHundred;
        Print(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {figures.Calls} | {100 * figures.Cores:0.0} | {figures.PercentPerHundred:0.0} | {figures.Sent} | {figures.Lost} | {figures.Median:0} | {figures.Worst1Percent:0} | {figures.Longest:0} | {memory / 1024.0 / figures.Calls:0.0} |"));
    }

    private static double Mebibytes(long bytes) => bytes / 1048576.0;

    private static void Print(string line) => Console.WriteLine(line);
}
