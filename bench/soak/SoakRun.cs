// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics;
using System.Globalization;
using Beffroi.Sip.Transport;

namespace Beffroi.Soak;

/// <summary>What a run has shown.</summary>
/// <param name="LeftOver">Gauges that did not come back to where they began, as "name: began, now".</param>
/// <param name="Faults">Counters that should be zero and are not.</param>
/// <param name="MemoryRise">Rise of the resident memory's lower edge after the warm-up, bytes; <paramref name="HeapRise"/> the same for the managed heap.</param>
/// <param name="MostMemoryRise">What the former may be.</param>
public sealed record SoakOutcome(
    long Stories, long Failed, double CallsPerSecond, IReadOnlyList<string> LeftOver, IReadOnlyList<string> Faults, double MemoryRise, double HeapRise, double MostMemoryRise, string Report)
{
    /// <summary>What the lower edge may rise after the warm-up, in bytes: 24 MiB is 150 bytes for each call of an hour.</summary>
    public const double MostRise = 24 << 20;

    /// <summary>The same for the resident memory of a run of less than ten minutes: the collector and the compiler take their share of memory in the first three.</summary>
    public const double MostRiseOfShortRun = 64 << 20;

    /// <summary>Stories that may fail: two packets in a hundred are lost, and now and then all of a transaction's.</summary>
    public const double MostFailed = 0.01;

    public bool IsFlat => MemoryRise <= MostMemoryRise && HeapRise <= MostRise;

    public bool IsGood => LeftOver.Count == 0 && Faults.Count == 0 && IsFlat && Failed <= MostFailed * Stories;
}

/// <summary>One run: server, telephones, stories at a rate, the wait until everything is given back, the report.</summary>
public sealed class SoakRun(SoakPlan plan, TextWriter output)
{
    /// <summary>Legs without a single packet heard, of all stories: two packets in a hundred are lost, and a short leg sends few.</summary>
    private const double MostUnheard = 0.001;

    /// <summary>Gauges that must come back.</summary>
    private static readonly string[] Gauges =
    [
        "calls", "calls_parked", "persons_in_calls", "lamps_lit", "lamps_calls",
        "sip_transactions", "sip_dialogs", "sip_sessions", "sip_timers", "sip_udp_flows", "sip_connections", "sip_subscriptions",
        "media_legs", "media_ports_in_use", "media_ports_in_quarantine", "media_playing", "media_recording",
        "journal_memory_events", "journal_spool_bytes", "bindings",
    ];

    /// <summary>Counters that must stay zero.</summary>
    private static readonly string[] Never =
    [
        "calls_broken_total", "calls_without_port_total", "media_faults_total", "journal_dropped_total", "journal_rejected_total", "prompts_missing_total",
        "sip_bans_total", "sip_drops_total{reason=\"handlerfailed\"}", "sip_drops_total{reason=\"malformed\"}",
    ];

    /// <summary>Session timer (90 s), then a BYE that nobody answers (32 s), then the ports' quarantine (10 s), and the longest story before.</summary>
    private static readonly TimeSpan ComesBackWithin = TimeSpan.FromSeconds(240);

    private readonly MemoryCurve _memory = new();
    private readonly MemoryCurve _heap = new();
    private readonly Tally _tally = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private Telephones? _byTcp, _byTls;
    private long _running, _held;

    private bool IsLong => plan.Length >= TimeSpan.FromMinutes(10);

    private TimeSpan SampleEvery => IsLong ? TimeSpan.FromSeconds(10) : TimeSpan.FromSeconds(2);

    private TimeSpan WarmUp => TimeSpan.FromSeconds(Math.Max(30, 0.25 * plan.Length.TotalSeconds));

    public async Task<SoakOutcome> RunAsync()
    {
        await using var server = await SoakedServer.StartAsync(plan.Accounts);
        var luck = new BadLuck(plan.Loss, plan.Twice);
        var connected = server.Users.TakeLast(2 * SoakPlan.ByConnection).ToList();
        await using var telephones = new Telephones([.. server.Users.SkipLast(connected.Count)], server.SipPort, luck);
        await using var byTcp = new Telephones([.. connected.Take(SoakPlan.ByConnection)], server.SipPort, luck, SipTransportKind.Tcp, telephones.Sound);
        await using var byTls = new Telephones([.. connected.Skip(SoakPlan.ByConnection)], server.TlsPort, luck, SipTransportKind.Tls, telephones.Sound);
        (_byTcp, _byTls) = (byTcp, byTls);
        foreach (var set in new[] { telephones, byTcp, byTls }) await set.StartAsync();
        var (groups, boxes) = telephones.SetAside(SoakPlan.Groups, SoakPlan.Boxes);
        await server.AddTrunkAsync(telephones.Port);
        await server.AddServicesAsync(groups, boxes);
        var empty = await server.MetricsAsync();
        foreach (var set in new[] { telephones, byTcp, byTls }) await set.RegisterAllAsync();
        var before = Registered(empty, await server.MetricsAsync());
        await SayAsync($"{server.Users.Count} telephones registered after {_clock.Elapsed.TotalSeconds:0} s; {plan.Rate} stories/s for {plan.Length.TotalMinutes:0.#} min; {plan.Loss} % lost, {plan.Twice} % doubled.");
        _clock.Restart();
        using var end = new CancellationTokenSource();
        var registering = telephones.KeepRegisteringAsync(TimeSpan.FromMilliseconds(500), end.Token);
        var sampling = SampleAsync(server, end.Token);
        await PlayAsync(server, telephones);
        var load = _clock.Elapsed;
        await end.CancelAsync();
        await Task.WhenAll(registering, sampling);
        var callsPerSecond = ((await server.MetricsAsync())["calls_total"] - before["calls_total"]) / load.TotalSeconds;
        var until = _clock.Elapsed + ComesBackWithin;
        await EndsAsync(telephones, until);
        var after = await SettledAsync(server, until, figures => LeftOver(before, figures).Count == 0);
        return Conclude(telephones, luck, before, after, callsPerSecond, await server.ClearVoicemailAsync());
    }

    /// <summary>Begins stories at the rate; where the machine cannot keep up, fewer: what was held back is counted.</summary>
    private async Task PlayAsync(SoakedServer server, Telephones telephones)
    {
        var chance = new Random(plan.Seed);
        var stories = Stories.All.Where(story => plan.Only.Count == 0 || plan.Only.Contains(story.Name)).ToList();
        var shares = stories.Sum(story => story.Share);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var begun = 0L; _clock.Elapsed < plan.Length && !server.HasExited;)
        {
            await pace.WaitForNextTickAsync();
            for (var due = (long)(plan.Rate * _clock.Elapsed.TotalSeconds); begun < due; begun++)
            {
                var story = Pick(stories, chance.NextDouble() * shares);
                if (plan.Length - _clock.Elapsed < story.NotInTheLast) story = stories[0];
                if (TryTake(telephones, story, out var taken)) _ = PlayAsync(story, telephones, taken, new Random(chance.Next()));
                else Interlocked.Increment(ref _held);
            }
        }
        if (server.HasExited) throw new InvalidOperationException($"The server has ended:\n{server.Output}");
    }

    private bool TryTake(Telephones telephones, Story story, out Telephone[] taken)
    {
        if (story.Over.Count == 0) return telephones.TryTake(story.Telephones, out taken);
        var found = new List<Telephone>();
        foreach (var way in story.Over)
        {
            if (!(way switch { SipTransportKind.Tcp => _byTcp!, SipTransportKind.Tls => _byTls!, _ => telephones }).TryTake(1, out var one)) break;
            found.AddRange(one);
        }
        taken = [.. found];
        if (found.Count == story.Over.Count) return true;
        foreach (var one in found) one.GiveBack();
        return false;
    }

    private static Story Pick(List<Story> stories, double place)
    {
        foreach (var story in stories)
        {
            place -= story.Share;
            if (place < 0) return story;
        }
        return stories[^1];
    }

    private async Task PlayAsync(Story story, Telephones telephones, Telephone[] taken, Random chance)
    {
        Interlocked.Increment(ref _running);
        var scene = new Scene(story.Name, telephones, taken, chance);
        foreach (var telephone in taken) telephone.IsExpecting = true;
        var failed = false;
        try
        {
            await story.PlayAsync(scene);
        }
        catch (StoryException otherwise)
        {
            failed = true;
            _tally.WentWrong(story.Name, otherwise.Message);
        }
        var open = await scene.ClearAsync(failed);
        if (!failed && open > 0) _tally.WentWrong(story.Name, "a leg is left");
        else if (!failed) _tally.WentWell(story.Name);
        Interlocked.Decrement(ref _running);
    }

    private async Task SampleAsync(SoakedServer server, CancellationToken stop)
    {
        using var pace = new PeriodicTimer(SampleEvery);
        var told = TimeSpan.Zero;
        try
        {
            while (await pace.WaitForNextTickAsync(stop))
            {
                var now = await server.MetricsAsync();
                _memory.Add(_clock.Elapsed, now["process_resident_memory_bytes"]);
                _heap.Add(_clock.Elapsed, now["gc_heap_bytes"]);
                if (_clock.Elapsed - told < TimeSpan.FromSeconds(30)) continue;
                told = _clock.Elapsed;
                await SayAsync($"{told.TotalSeconds,5:0} s: {now["calls_total"]} calls, {now["calls"]} live, {_tally.Good} stories well, {_tally.Failed} not, {_held} held back; RSS {Mebibytes(now["process_resident_memory_bytes"]):0.0} MiB, heap {Mebibytes(now["gc_heap_bytes"]):0.0} MiB, CPU {now["process_cpu_seconds_total"]:0.0} s");
            }
        }
        catch (OperationCanceledException) { }
    }

    /// <summary>Waits for the stories that are still being told.</summary>
    private async Task EndsAsync(Telephones telephones, TimeSpan until)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (Interlocked.Read(ref _running) > 0 && _clock.Elapsed < until) await pace.WaitForNextTickAsync();
        await SayAsync($"{_clock.Elapsed.TotalSeconds,5:0} s: {_running} stories still being told, {telephones.Stack.Sessions} sessions of telephones.");
    }

    /// <summary>The figures once they are as wanted, or when the time is over.</summary>
    private async Task<Dictionary<string, double>> SettledAsync(SoakedServer server, TimeSpan until, Func<Dictionary<string, double>, bool> wanted)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (true)
        {
            await pace.WaitForNextTickAsync();
            var now = await server.MetricsAsync();
            if (_clock.Elapsed >= until || wanted(now)) return now;
        }
    }

    /// <summary>The start: an empty server, but for what registrations may keep.</summary>
    private static Dictionary<string, double> Registered(Dictionary<string, double> empty, Dictionary<string, double> registered) =>
        empty.Select(one => one.Key is "bindings" or "sip_udp_flows" or "sip_connections" ? KeyValuePair.Create(one.Key, registered[one.Key]) : one).ToDictionary(StringComparer.Ordinal);

    private static IEnumerable<string> GaugesOf(Dictionary<string, double> figures) => Gauges.Concat(figures.Keys.Where(name => name.StartsWith("trunk_channels", StringComparison.Ordinal)));

    private static List<string> LeftOver(Dictionary<string, double> before, Dictionary<string, double> now) =>
        [.. GaugesOf(now).Where(name => now[name] > before[name]).Select(name => string.Create(CultureInfo.InvariantCulture, $"{name}: {before[name]} at the start, {now[name]} now"))];

    private SoakOutcome Conclude(Telephones telephones, BadLuck luck, Dictionary<string, double> before, Dictionary<string, double> after, double callsPerSecond, (int Messages, int Left) voicemail)
    {
        var faults = Never.Where(name => after[name] > 0).Select(name => string.Create(CultureInfo.InvariantCulture, $"{name}: {after[name]}")).ToList();
        if (voicemail.Messages < telephones.Messages) faults.Add(string.Create(CultureInfo.InvariantCulture, $"voicemail: {telephones.Messages} messages were left, {voicemail.Messages} are kept"));
        var stories = _tally.Good + _tally.Failed;
        var unheard = telephones.Sound.Unheard.Values.Sum();
        if (unheard > MostUnheard * stories) faults.Add(string.Create(CultureInfo.InvariantCulture, $"legs that nobody heard: {unheard}"));
        var left = LeftOver(before, after);
        if (voicemail.Left > 0) left.Add(string.Create(CultureInfo.InvariantCulture, $"files of voicemail: {voicemail.Left}"));
        var outcome = new SoakOutcome(stories, _tally.Failed, callsPerSecond, left, faults, _memory.Rise(WarmUp), _heap.Rise(WarmUp), IsLong ? SoakOutcome.MostRise : SoakOutcome.MostRiseOfShortRun, "");
        var report = string.Create(CultureInfo.InvariantCulture, $"""

            {_tally}
            {stories} stories, {_held} held back; {after["calls_total"]} calls, {callsPerSecond:0.0} a second; {luck.Lost} packets lost, {luck.Doubled} doubled;
            {telephones.Sound.Sent} RTP packets sent, {telephones.Sound.Heard} heard, {telephones.Sound.Unheard.Values.Sum()} legs that nobody heard ({string.Join(", ", telephones.Sound.Unheard.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Value}× {one.Key}")))}); {telephones.Unexpected} unexpected calls; {voicemail.Messages} voicemail messages kept; {telephones.Stack.Sessions} sessions left at the telephones.
            Server: {after["process_cpu_seconds_total"]:0.0} s of CPU; {after["sip_retransmissions_total"]} retransmissions, {after["sip_strays_total"]} strays, {after["calls_media_timeout_total"]} media timeouts.

            | gauge | start | end |
            | --- | ---: | ---: |
            {string.Join('\n', GaugesOf(after).Select(name => string.Create(CultureInfo.InvariantCulture, $"| {name} | {before[name]} | {after[name]} |")))}

            | second | RSS MiB | heap MiB |
            | ---: | ---: | ---: |
            {Curve()}
            after the end | {Mebibytes(after["process_resident_memory_bytes"]):0.0} | {Mebibytes(after["gc_heap_bytes"]):0.0}
            Rise of the lower edge after {WarmUp.TotalSeconds:0} s: RSS {Mebibytes(outcome.MemoryRise):0.0} MiB, heap {Mebibytes(outcome.HeapRise):0.0} MiB (at most {Mebibytes(outcome.MostMemoryRise):0} and {Mebibytes(SoakOutcome.MostRise):0}).
            {(outcome.IsGood ? "Everything was given back and memory is flat." : "NOT GOOD: " + string.Join("; ", outcome.LeftOver.Concat(outcome.Faults).Concat(outcome.IsFlat ? [] : ["memory rises"]).Append($"{outcome.Failed} stories failed")))}
            """);
        return outcome with { Report = report };
    }

    private string Curve()
    {
        var every = Math.Max(1, _memory.Samples.Count / 20);
        return string.Join('\n', _memory.Samples.Zip(_heap.Samples).Where((_, index) => index % every == 0)
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"| {pair.First.At.TotalSeconds:0} | {Mebibytes(pair.First.Bytes):0.0} | {Mebibytes(pair.Second.Bytes):0.0} |")));
    }

    private static double Mebibytes(double bytes) => bytes / 1048576.0;

    private Task SayAsync(FormattableString text) => output.WriteLineAsync(text.ToString(CultureInfo.InvariantCulture));
}
