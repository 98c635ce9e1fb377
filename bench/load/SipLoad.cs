// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.TestKit;
using Beffroi.TestKit.Peers;

namespace Beffroi.Load;

/// <summary>What a run of SIPp cost and how it went. Delays in ms: SIPp counts whole ones.</summary>
public sealed record SipFigures(int Good, int Failed, TimeSpan Cpu, double Median, double Worst1Percent, long MemoryBefore, long MemoryAfter)
{
    /// <summary>CPU seconds of the server per 1,000 calls or registrations.</summary>
    public double CpuPerThousand => Good == 0 ? double.NaN : 1000 * Cpu.TotalSeconds / Good;
}

/// <summary>Registrations and calls made by SIPp, with credentials.</summary>
public static class SipLoad
{
    /// <summary>Every user registers once, its phone being at <paramref name="contactPort"/>.</summary>
    public static Task<SipFigures> RegisterAsync(LoadedServer server, IReadOnlyList<LoadUser> users, double rate, int contactPort) =>
        RunAsync(server, "register", users.Count, rate, TimeSpan.Zero,
            users.Select(user => string.Create(CultureInfo.InvariantCulture, $"{user.UserName};{SippPlan.Credentials(user.UserName, user.Password)};{contactPort}")));

    /// <summary>Users of the first half call those of the second, whose phones answer on <paramref name="calledPort"/>.</summary>
    public static async Task<SipFigures> CallAsync(LoadedServer server, int calls, double rate, TimeSpan hold, int calledPort)
    {
        var half = server.Users.Count / 2;
        var pairs = Enumerable.Range(0, half).Select(index => (Caller: server.Users[index], Called: server.Users[half + index]));
        await using var called = ChildProcess.Start("sipp",
            ["127.0.0.1:9", "-sf", Scenario("called"), "-i", "127.0.0.1", "-p", Text(calledPort), "-mi", "127.0.0.1", "-nostdin", "-buff_size", "4194304"], null, Terminal);
        await Ready.UdpAsync(calledPort, called);
        var figures = await RunAsync(server, "caller", calls, rate, hold,
            pairs.Select(pair => $"{pair.Caller.UserName};{SippPlan.Credentials(pair.Caller.UserName, pair.Caller.Password)};{pair.Called.Number}"));
        await called.StopAsync("KILL");
        return figures;
    }

    private static readonly Dictionary<string, string> Terminal = new() { ["TERM"] = "dumb" };

    private static async Task<SipFigures> RunAsync(LoadedServer server, string scenario, int count, double rate, TimeSpan hold, IEnumerable<string> fields)
    {
        using var folder = new PeerFolder("load-sipp");
        var injected = folder.Write("fields", $"SEQUENTIAL\n{string.Join('\n', fields)}\n");
        var within = TimeSpan.FromSeconds(count / rate + 45) + hold;
        var before = server.Cost();
        await using var run = ChildProcess.Start("sipp",
            [
                $"127.0.0.1:{Text(server.SipPort)}", "-sf", Scenario(scenario), "-inf", injected, "-i", "127.0.0.1", "-p", Text(FreePorts.Next()), "-mi", "127.0.0.1",
                "-m", Text(count), "-r", Text(rate), "-l", "100000", "-d", Text(hold.TotalMilliseconds), "-key", "expires", "3600", "-nostdin", "-buff_size", "4194304",
                "-timeout", Text(Math.Ceiling(within.TotalSeconds)), "-timeout_error", "-trace_err", "-error_file", folder.File("errors"),
                "-trace_rtt", "-rtt_freq", "1", "-trace_stat", "-stf", folder.File("counts"), "-fd", "1",
            ], folder.Path, Terminal);
        await run.ExitAsync(within + TestTimeouts.Stop);
        var after = server.Cost();
        var counts = SippCounts.Read(folder.File("counts"));
        if (counts.Failed > 0 && File.Exists(folder.File("errors"))) await Console.Error.WriteLineAsync(string.Join('\n', File.ReadLines(folder.File("errors")).Take(30)));
        var delays = Directory.GetFiles(folder.Path, "*_rtt.csv").SelectMany(File.ReadLines).Skip(1).Select(line => line.Split(';'))
            .Where(parts => parts.Length == 3 && parts[2] == "1").Select(parts => double.Parse(parts[1], CultureInfo.InvariantCulture)).Order().ToList();
        return new SipFigures(counts.Successful, counts.Failed, after.Cpu - before.Cpu, Percentile(delays, 0.5), Percentile(delays, 0.99), before.Memory, after.Memory);
    }

    private static double Percentile(List<double> ordered, double share) => ordered.Count == 0 ? double.NaN : ordered[(int)Math.Min(ordered.Count - 1, ordered.Count * share)];

    private static string Scenario(string name) => Path.Combine(AppContext.BaseDirectory, "sipp", name + ".xml");

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
