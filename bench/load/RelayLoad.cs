// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text.RegularExpressions;
using Beffroi.TestKit;
using Beffroi.TestKit.Peers;

namespace Beffroi.Load;

/// <summary>One side of a call under load: our port, and the relay's port that it sends to.</summary>
public readonly record struct RelayLeg(int OwnPort, int RelayPort);

/// <summary>What relaying cost: CPU in cores over the measured time; packets of 20 ms; delays added in µs.</summary>
public sealed record RelayFigures(int Calls, double Cores, long Sent, long Lost, double Median, double Worst1Percent, double Longest)
{
    /// <summary>Share of a core that 100 calls take, in percent.</summary>
    public double PercentPerHundred => 100 * Cores * 100 / Calls;
}

/// <summary>G.711 both ways through a relay, by the C program rtp/rtpload.c.</summary>
public static partial class RelayLoad
{
    private static readonly string[] Logs = ["caller.log", "called.log"];

    public static async Task<RelayFigures> RunAsync(IReadOnlyList<RelayLeg> legs, TimeSpan measured, Func<ProcessCost> cost)
    {
        await using var load = ChildProcess.Start("artifacts/bench/rtpload", ["2", measured.TotalSeconds.ToString(CultureInfo.InvariantCulture)], Directory.GetCurrentDirectory());
        foreach (var pair in legs.Chunk(2)) await load.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{pair[0].OwnPort} {pair[0].RelayPort} {pair[1].OwnPort} {pair[1].RelayPort}"));
        await load.WriteLineAsync("end");
        await load.LineAsync("START", TestTimeouts.Start);
        var before = cost();
        await load.LineAsync("END", measured + TestTimeouts.Network);
        var after = cost();
        await load.ExitAsync(TestTimeouts.Network);
        var figures = load.Lines[^1].Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return new RelayFigures(legs.Count / 2, (after.Cpu - before.Cpu) / measured, (long)figures[0], (long)figures[2], figures[3], figures[4], figures[5]);
    }

    /// <summary>Makes calls through a SIP server that anchors media, between our ports, and holds them while <paramref name="during"/> runs.</summary>
    public static async Task HoldCallsAsync(LoadedServer server, int calls, int calledPort, int firstPort, Func<IReadOnlyList<RelayLeg>, Task> during)
    {
        using var folder = new PeerFolder("load-held");
        var half = server.Users.Count / 2;
        var caller = folder.Write("caller.xml", Logging("caller", "[field3]", "<recv response=\"200\" rrs=\"true\" timeout=\"10000\"/>"));
        var called = folder.Write("called.xml", Logging("called", "[field0]", "<recv request=\"INVITE\" crlf=\"true\" rrs=\"true\"/>"));
        var callerFields = folder.Write("caller.csv", "SEQUENTIAL\n" + string.Join('\n', Enumerable.Range(0, calls).Select(call =>
        {
            var (from, to) = (server.Users[call % half], server.Users[half + call % half]);
            return string.Create(CultureInfo.InvariantCulture, $"{from.UserName};{SippPlan.Credentials(from.UserName, from.Password)};{to.Number};{firstPort + 4 * call}");
        })) + "\n");
        var calledFields = folder.Write("called.csv", "SEQUENTIAL\n" + string.Join('\n', Enumerable.Range(0, calls).Select(call => firstPort + 4 * call + 2)) + "\n");
        await using var answering = Sipp(folder, "called", called, calledFields, "127.0.0.1:9", calledPort, []);
        await Ready.UdpAsync(calledPort, answering);
        string[] plan = ["-m", Text(calls), "-r", "50", "-l", "100000", "-d", "600000"];
        await using var calling = Sipp(folder, "caller", caller, callerFields, $"127.0.0.1:{Text(server.SipPort)}", FreePorts.Next(), plan);
        await during(await LegsAsync(folder, 2 * calls, calling));
    }

    private static ChildProcess Sipp(PeerFolder folder, string name, string scenario, string fields, string target, int port, string[] plan) =>
        ChildProcess.Start("sipp",
            [
                target, "-sf", scenario, "-inf", fields, "-i", "127.0.0.1", "-p", Text(port), "-mi", "127.0.0.1", "-nostdin", "-trace_logs", "-log_file", folder.File(name + ".log"),
                "-trace_err", "-error_file", folder.File(name + ".err"), .. plan,
            ], folder.Path, new Dictionary<string, string> { ["TERM"] = "dumb" });

    /// <summary>The scenario with media ports from the injection file, and a log line per leg: own port, relay's port.</summary>
    private static string Logging(string scenario, string portField, string place)
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "sipp", scenario + ".xml"));
        if (!text.Contains(place, StringComparison.Ordinal)) throw new InvalidOperationException($"{scenario}.xml has no {place}.");
        var action = $"""
            >
                <action>
                  <ereg regexp="m=audio ([0-9]+)" search_in="body" check_it="true" assign_to="1,2"/>
                  <log message="LEG {portField} [$2]"/>
                </action>
              </recv>
            """;
        return text.Replace("[media_port]", portField, StringComparison.Ordinal)
            .Replace(place, place.Replace("/>", action, StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("</scenario>", "  <Reference variables=\"1\"/>\n</scenario>", StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<RelayLeg>> LegsAsync(PeerFolder folder, int wanted, ChildProcess calling)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Start);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            var found = Logs.Where(name => File.Exists(folder.File(name)))
                .SelectMany(name => Leg().Matches(File.ReadAllText(folder.File(name))))
                .Select(match => new RelayLeg(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))).ToList();
            if (found.Count == wanted) return found;
            try { await look.WaitForNextTickAsync(limit.Token); }
            catch (OperationCanceledException)
            {
                var errors = File.Exists(folder.File("caller.err")) ? await File.ReadAllTextAsync(folder.File("caller.err"), CancellationToken.None) : calling.Output;
                throw new TimeoutException($"Only {found.Count} of {wanted} legs were set up.\n{errors}");
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"LEG (\d+) (\d+)")]
    private static partial Regex Leg();
}
