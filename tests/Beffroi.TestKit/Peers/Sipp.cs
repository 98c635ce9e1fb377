// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net.NetworkInformation;

namespace Beffroi.TestKit.Peers;

/// <summary>How a SIPp runs: its scenario, where to, how many calls. It ends by itself after <see cref="Calls"/> or <see cref="Within"/>.</summary>
public sealed record SippPlan
{
    /// <summary>Path of the scenario's XML.</summary>
    public required string Scenario { get; init; }

    /// <summary>host:port that calls go to; a waiting side needs one too and ignores it.</summary>
    public string Target { get; init; } = "127.0.0.1:5060";

    /// <summary>Own address: another of 127/8 stands for somebody outside the town.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Own SIP port; 0 takes a free one.</summary>
    public int Port { get; init; }

    public int Calls { get; init; } = 1;

    /// <summary>New calls per second.</summary>
    public double Rate { get; init; } = 10;

    /// <summary>Most calls at once; 0 for no limit.</summary>
    public int AtOnce { get; init; }

    public PhoneTransport Transport { get; init; } = PhoneTransport.Udp;

    public TimeSpan Within { get; init; } = TestTimeouts.Network;

    /// <summary>Sends back every RTP packet that comes to its media port.</summary>
    public bool Echo { get; init; }

    /// <summary>Whether every message is kept: not for thousands of calls.</summary>
    public bool Log { get; init; } = true;

    /// <summary>Length of the scenario's pauses without a length of their own.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The user part of request URIs: <c>[service]</c> in the scenario.</summary>
    public string Service { get; init; } = "service";

    /// <summary>The user part of the From address: <c>[caller]</c> in the scenario.</summary>
    public string Caller { get; init; } = "caller";

    /// <summary>Lines of the injection file, fields between semicolons: <c>[field0]</c> and so on.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Words of the scenario: <c>[expires]</c> and so on.</summary>
    public IReadOnlyDictionary<string, string> Keys { get; init; } = new Dictionary<string, string>();

    /// <summary>What an injection file holds for <c>[field]</c> in place of an Authorization header.</summary>
    public static string Credentials(string user, string password) => $"[authentication username={user} password={password}]";
}

/// <summary>The end of a SIPp: its counts, and what it says went wrong.</summary>
public sealed record SippOutcome(int ExitCode, int Successful, int Failed, string Errors, string Messages)
{
    /// <summary>Throws, with errors and messages, unless all calls went well.</summary>
    public SippOutcome Well() => ExitCode == 0 && Failed == 0
        ? this
        : throw new InvalidOperationException($"SIPp ended with {ExitCode}: {Successful} calls went well, {Failed} failed.\n{Errors}\n{Tail(Messages)}");

    private static string Tail(string text) => text.Length <= 12_000 ? text : text[^12_000..];
}

/// <summary>Debian's SIPp (package sip-tester), a run at a time.</summary>
public sealed class Sipp : IAsyncDisposable
{
    private readonly PeerFolder _folder;
    private readonly ChildProcess _process;
    private readonly SippPlan _plan;

    private Sipp(PeerFolder folder, ChildProcess process, SippPlan plan, int port)
    {
        (_folder, _process, _plan) = (folder, process, plan);
        Port = port;
    }

    /// <summary>Its SIP port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>SIP messages sent and received until now.</summary>
    public string Messages => ReadIfThere("messages");

    /// <summary>Starts a SIPp and waits until its port is open.</summary>
    public static async Task<Sipp> StartAsync(SippPlan plan)
    {
        var run = Start(plan);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!run._process.HasExited && !IsOpen(run.Port, plan.Transport) && await look.WaitForNextTickAsync()) { }
        return run;
    }

    /// <summary>A run from start to end.</summary>
    public static async Task<SippOutcome> RunAsync(SippPlan plan)
    {
        await using var run = Start(plan);
        return await run.EndsAsync();
    }

    private static bool IsOpen(int port, PhoneTransport transport)
    {
        var network = IPGlobalProperties.GetIPGlobalProperties();
        var open = transport == PhoneTransport.Udp ? network.GetActiveUdpListeners() : network.GetActiveTcpListeners();
        return open.Any(one => one.Port == port);
    }

    private static Sipp Start(SippPlan plan)
    {
        var folder = new PeerFolder("sipp");
        var port = plan.Port == 0 ? FreePorts.Next() : plan.Port;
        var media = FreePorts.NextRange(4);
        string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
        List<string> arguments =
        [
            plan.Target, "-sf", plan.Scenario, "-i", plan.Address, "-p", Number(port), "-mi", plan.Address, "-mp", Number(media),
            "-m", Number(plan.Calls), "-r", Number(plan.Rate), "-d", Number(plan.Hold.TotalMilliseconds), "-s", plan.Service, "-key", "caller", plan.Caller, "-nostdin",
            "-timeout", Number(Math.Ceiling(plan.Within.TotalSeconds)), "-timeout_error", "-recv_timeout", Number(plan.Within.TotalMilliseconds),
            "-t", plan.Transport switch { PhoneTransport.Tcp => "t1", PhoneTransport.Tls => "l1", _ => "u1" }, "-trace_err", "-error_file", folder.File("errors"),
            "-trace_stat", "-stf", folder.File("counts"), "-fd", "1", "-cid_str", $"%u-%p@{plan.Address}",
        ];
        if (plan.Log) arguments.AddRange(["-trace_msg", "-message_file", folder.File("messages")]);
        if (plan.Echo) arguments.Add("-rtp_echo");
        if (plan.AtOnce > 0) arguments.AddRange(["-l", Number(plan.AtOnce)]);
        if (plan.Fields.Count > 0) arguments.AddRange(["-inf", folder.Write("fields", $"SEQUENTIAL\n{string.Join('\n', plan.Fields)}\n")]);
        foreach (var (name, value) in plan.Keys) arguments.AddRange(["-key", name, value]);
        var environment = new Dictionary<string, string> { ["TERM"] = "dumb" };
        return new Sipp(folder, ChildProcess.Start("sipp", arguments, folder.Path, environment), plan, port);
    }

    public async Task<SippOutcome> EndsAsync()
    {
        var code = await _process.ExitAsync(_plan.Within + TestTimeouts.Stop);
        var counts = SippCounts.Read(_folder.File("counts"));
        var errors = ReadIfThere("errors");
        if (code != 0 && errors.Length == 0) errors = _process.Output;
        return new SippOutcome(code, counts.Successful, counts.Failed, errors, Messages);
    }

    /// <summary>The message that holds <paramref name="text"/>, once it was sent or received.</summary>
    public async Task<string> SeesAsync(string text)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (true)
            {
                var found = Messages.Split("-----------------------------------------------").FirstOrDefault(message => message.Contains(text, StringComparison.Ordinal));
                if (found is not null) return found;
                await look.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) { throw new TimeoutException($"SIPp saw no '{text}'.\n{ReadIfThere("errors")}\n{Messages}"); }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private string ReadIfThere(string name)
    {
        if (!File.Exists(_folder.File(name))) return "";
        using var reader = new StreamReader(new FileStream(_folder.File(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
