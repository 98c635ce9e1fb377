// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Server.Features.CallControl;

/// <summary>Keeps the trunks alive: registers with the operators that want it, and asks the others by OPTIONS whether they are there.</summary>
/// <remarks>Threading: one loop a trunk, on the pool; a changed trunk's loop is begun anew.</remarks>
internal sealed partial class TrunkAgent(
    ITrunks trunks, TrunkRegistrations registrations, SipStack stack, ISipResolver resolver, SipTransportLayer transport, TimeProvider time, ILogger<TrunkAgent> log) : BackgroundService, ITrunkTester
{
    /// <summary>For an operator to take a registration back, while the server stops.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(2);

    /// <summary>Before a lost connection is opened again: an operator that closes each one at once is not asked without end.</summary>
    private static readonly TimeSpan AfterLoss = TimeSpan.FromSeconds(1);

    /// <summary>How often a registered way is used, so that NAT and firewalls on it stay open: RFC 5626 §4.4.1, §3.5.1.</summary>
    private static readonly TimeSpan StreamKeepAlive = TimeSpan.FromSeconds(95);

    /// <summary>The same for UDP, below the 30 seconds after which many routers forget.</summary>
    private static readonly TimeSpan DatagramKeepAlive = TimeSpan.FromSeconds(25);

    /// <summary>A day, in seconds.</summary>
    private const int LongestRegistration = 86_400;

    private readonly SemaphoreSlim _changed = new(0);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        trunks.Changed += OnChanged;
        var running = new Dictionary<Guid, (int Version, CancellationTokenSource Stop, Task Loop)>();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                TrustOperators();
                await RenewAsync(running, stoppingToken);
                await _changed.WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
        finally
        {
            trunks.Changed -= OnChanged;
            await Task.WhenAll(running.Values.Select(r => r.Loop));
            foreach (var loop in running.Values) loop.Stop.Dispose();
        }
    }

    /// <summary>An operator sends all its calls from one address: neither rate nor ban holds for it.</summary>
    private void TrustOperators() => transport.Guard.Trust(
        trunks.Current.Usable.SelectMany(t => t.InboundAddresses).Select(TrunksSnapshot.NetworkOf).Concat(registrations.Addresses.Select(a => new IPNetwork(a, a.GetAddressBytes().Length * 8))));

    public async Task<TrunkTestResult> TestAsync(Trunk trunk, CancellationToken stop)
    {
        var steps = new List<string>();
        var began = time.GetTimestamp();
        steps.Add(trunk.Kind == TrunkKind.Registering ? $"REGISTER to {trunk.Host}" : $"OPTIONS to {trunk.Host}");
        // Somebody waits for the answer. A registration takes two ways, the second with the answer to the challenge.
        var patience = TimeSpan.FromSeconds((trunk.AnswerWithinSeconds > 0 ? trunk.AnswerWithinSeconds : 32) * (trunk.Kind == TrunkKind.Registering ? 2 : 1));
        SipOutcome outcome;
        try
        {
            outcome = await SendAsync(trunk.Kind == TrunkKind.Registering ? Register(trunk, NewCallId(), 0, trunk.RegisterSeconds) : Ping(trunk), stop).WaitAsync(patience, time, stop);
        }
        catch (TimeoutException)
        {
            steps.Add(string.Create(CultureInfo.InvariantCulture, $"no answer within {patience.TotalSeconds:0} s"));
            return new TrunkTestResult(false, steps, Math.Round(patience.TotalMilliseconds, 1));
        }

        var took = time.GetElapsedTime(began);
        steps.Add(Word(outcome));
        if (outcome.Flow is { } flow) steps.Add($"by {flow.Kind} to {flow.Remote}");
        var works = trunk.Kind == TrunkKind.Registering ? outcome.IsSuccess : IsAlive(outcome);
        return new TrunkTestResult(works, steps, Math.Round(took.TotalMilliseconds, 1));
    }

    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    private void OnChanged(TrunksSnapshot now) => _changed.Release();

    private async Task RenewAsync(Dictionary<Guid, (int Version, CancellationTokenSource Stop, Task Loop)> running, CancellationToken stop)
    {
        var now = trunks.Current.Usable.ToDictionary(t => t.Id);
        foreach (var (id, loop) in running.ToList())
        {
            if (now.TryGetValue(id, out var same) && same.Version == loop.Version) continue;
            await loop.Stop.CancelAsync();
            await loop.Loop;
            loop.Stop.Dispose();
            running.Remove(id);
            trunks.Report(id, TrunkState.Unknown);      // what was seen of the trunk as it was says nothing of what it is now
        }

        foreach (var trunk in now.Values.Where(t => !running.ContainsKey(t.Id)))
        {
            var ends = CancellationTokenSource.CreateLinkedTokenSource(stop);
            running[trunk.Id] = (trunk.Version, ends, LiveAsync(trunk, ends.Token));
        }
    }

    private async Task LiveAsync(Trunk trunk, CancellationToken stop)
    {
        try
        {
            if (trunk.Kind == TrunkKind.Registering) await KeepRegisteredAsync(trunk, stop);
            else if (trunk.OptionsPingSeconds > 0) await KeepAskingAsync(trunk, stop);
        }
        catch (OperationCanceledException)
        {
            // The trunk was changed or the server stops.
        }
    }

    /// <summary>RFC 3261 §10.2: the same Call-ID and a rising CSeq for one registration; refreshed before it ends, taken back when the trunk goes.</summary>
    private async Task KeepRegisteredAsync(Trunk trunk, CancellationToken stop)
    {
        var callId = NewCallId();
        uint sequence = 0;
        var (retry, asked, isRegistered) = (FirstRetry, trunk.RegisterSeconds, false);
        try
        {
            while (true)
            {
                var outcome = await SendAsync(Register(trunk, callId, sequence + 1, asked), stop);
                sequence = Math.Max(sequence + 1, outcome.CSeq);
                if (outcome.IsSuccess)
                {
                    isRegistered = true;
                    retry = FirstRetry;
                    var granted = GrantedSeconds(trunk, outcome.Response!, asked);
                    await RegisteredAsync(trunk, outcome, granted, stop);
                    await RefreshDueAsync(outcome.Flow, granted, stop);
                    continue;
                }

                // RFC 3261 §10.2.8: what was too brief is asked for again, once, as long as the registrar wants it.
                if (outcome.Status == SipStatus.IntervalTooBrief && outcome.Response?.Number(SipHeaderName.MinExpires) is { } least && least > asked && least <= LongestRegistration)
                {
                    asked = least;
                    continue;
                }

                registrations.Gone(trunk);
                Report(trunk, new TrunkState(false, Word(outcome), time.GetUtcNow()));
                await Task.Delay(retry, time, stop);
                retry = retry * 2 > LongestRetry ? LongestRetry : retry * 2;
            }
        }
        finally
        {
            registrations.Gone(trunk);
            if (isRegistered) await TakeBackAsync(trunk, callId, sequence + 1);
        }
    }

    /// <summary>From now on calls in from the registrar are the trunk's: from where the 200 came, and from the other addresses of its name.</summary>
    private async Task RegisteredAsync(Trunk trunk, SipOutcome outcome, int granted, CancellationToken stop)
    {
        var others = await resolver.ResolveAsync(TrunkNumbers.Uri(trunk, ""), stop);
        var registrar = others.Select(t => t.Address.Address).Append(outcome.Flow!.Remote.Address).Select(a => a.IsIPv4MappedToIPv6 ? a.MapToIPv4() : a).Distinct().ToList();
        registrations.Lives(trunk, registrar);
        TrustOperators();
        var until = time.GetUtcNow().AddSeconds(granted);
        Report(trunk, new TrunkState(true, string.Create(CultureInfo.InvariantCulture, $"registered until {until:HH:mm:ss} UTC"), time.GetUtcNow()));
    }

    /// <summary>At four fifths of what was granted, or at once when the connection goes by which the operator reaches us (RFC 5626 §4.2.2).</summary>
    private async Task RefreshDueAsync(SipFlow? flow, int granted, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (flow is { IsReliable: true })
        {
            flow.IsKept = true;
            flow.Closed += Closed;
        }

        var due = Task.Delay(TimeSpan.FromSeconds(Math.Max(1, granted * 0.8)), time, over.Token);
        Task first;
        while ((first = await Task.WhenAny(due, lost.Task, Task.Delay(flow is { IsReliable: true } ? StreamKeepAlive : DatagramKeepAlive, time, over.Token))) != due && first != lost.Task)
        {
            stop.ThrowIfCancellationRequested();
            flow?.Send("\r\n\r\n"u8);
        }

        var isLost = first == lost.Task;
        if (flow is { IsReliable: true }) flow.Closed -= Closed;
        await over.CancelAsync();
        if (isLost) await Task.Delay(AfterLoss, time, stop);
        stop.ThrowIfCancellationRequested();

        void Closed(SipFlow gone) => lost.TrySetResult();
    }

    private async Task TakeBackAsync(Trunk trunk, string callId, uint sequence)
    {
        try
        {
            await SendAsync(Register(trunk, callId, sequence, 0), CancellationToken.None).WaitAsync(Farewell, time);
        }
        catch (TimeoutException)
        {
            // It ends by itself.
        }
    }

    private async Task KeepAskingAsync(Trunk trunk, CancellationToken stop)
    {
        while (true)
        {
            var outcome = await SendAsync(Ping(trunk), stop);
            Report(trunk, new TrunkState(IsAlive(outcome), IsAlive(outcome) ? "answers OPTIONS" : Word(outcome), time.GetUtcNow()));
            await Task.Delay(TimeSpan.FromSeconds(trunk.OptionsPingSeconds), time, stop);
        }
    }

    /// <summary>Any answer shows life, but for those by which a proxy says that it cannot serve.</summary>
    private static bool IsAlive(SipOutcome outcome) => outcome.Response is not null && outcome.Status is not (408 or 430 or >= 500 and < 600);

    private void Report(Trunk trunk, TrunkState state)
    {
        var before = trunks.StateOf(trunk.Id);
        trunks.Report(trunk.Id, before.IsUp == state.IsUp && before.Since is not null ? state with { Since = before.Since } : state);
        if (before.IsUp != state.IsUp || before == TrunkState.Unknown) TrunkChanged(log, trunk.Name, state.IsUp ? "up" : "down", state.Detail);
    }

    private Task<SipOutcome> SendAsync(OutboundRequest request, CancellationToken stop)
    {
        var done = new TaskCompletionSource<SipOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        stack.Send(request, outcome => done.TrySetResult(outcome));
        return done.Task.WaitAsync(stop);
    }

    private OutboundRequest Register(Trunk trunk, string callId, uint sequence, int seconds)
    {
        var domain = trunk.Domain.Length > 0 ? trunk.Domain : trunk.Host;
        var address = new NameAddress(SipUri.Of(trunk.Username, domain));
        return new OutboundRequest
        {
            Method = SipMethod.Register,
            Target = SipUri.Of("", domain),
            Route = domain == trunk.Host && trunk.Port == 0 && trunk.Transport == TrunkTransport.Udp ? [] : [SipUri.Parse(TrunkNumbers.Uri(trunk, "").Reveal() + ";lr")],
            From = address,
            To = address,
            CallId = callId,
            CSeq = sequence,
            ContactUser = trunk.Username,
            ContactParameters = registrations.ParametersOf(trunk),
            Headers = [new SipHeader(SipHeaderName.Expires, seconds.ToString(CultureInfo.InvariantCulture))],
            Credentials = trunks.SecretOf(trunk) is { } secret ? new DigestCredentials(trunk.Username, secret) : null,
        };
    }

    private static OutboundRequest Ping(Trunk trunk)
    {
        var domain = trunk.Domain.Length > 0 ? trunk.Domain : trunk.Host;
        return new OutboundRequest
        {
            Method = SipMethod.Options,
            Target = TrunkNumbers.Uri(trunk, ""),
            From = new NameAddress(SipUri.Of(trunk.Username.Length > 0 ? trunk.Username : "ping", domain)),
            To = new NameAddress(SipUri.Of("", trunk.Host, trunk.Port)),
        };
    }

    /// <summary>What the operator granted: the expires of our Contact among all that it knows, else the Expires header (RFC 3261 §10.2.4).</summary>
    private int GrantedSeconds(Trunk trunk, SipMessage response, int asked)
    {
        if (response.TryAddresses(SipHeaderName.Contact, out var contacts))
        {
            var ours = contacts.FirstOrDefault(c => registrations.IsOurs(c.Uri, trunk)) ?? (contacts.Count == 1 ? contacts[0] : null);
            if (int.TryParse(ours?.Parameter("expires"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0) return Math.Min(seconds, asked);
        }

        return response.Number(SipHeaderName.Expires) is { } header and > 0 ? Math.Min(header, asked) : asked;
    }

    private static string Word(SipOutcome outcome) => outcome.Response is { } response
        ? $"{response.StatusCode} {response.ReasonPhrase}"
        : outcome.Status switch
        {
            408 => TrunkState.NoAnswer,
            430 => TrunkState.ConnectionGone,
            _ => TrunkState.Unreachable,
        };

    private static string NewCallId() => Guid.NewGuid().ToString("N");

    [LoggerMessage(2100, LogLevel.Information, "Trunk {Trunk} is {State}: {Detail}.")]
    private static partial void TrunkChanged(ILogger log, string trunk, string state, string detail);
}
