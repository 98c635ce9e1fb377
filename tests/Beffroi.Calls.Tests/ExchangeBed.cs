// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Net;
using Beffroi.Calls.Applications;
using Beffroi.Calls.Routing;
using Beffroi.Media;
using Beffroi.Media.Codecs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Timers;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beffroi.Calls.Tests;

/// <summary>An exchange on real sockets with a dial plan of the test's own.</summary>
internal sealed class ExchangeBed : ISipCore, ICallRouter, ICallJournal, ICallSounds, IAsyncDisposable
{
    private readonly ConcurrentQueue<CallEvent> _events = new();
    private readonly List<Phone> _phones = [];
    private readonly SemaphoreSlim _happened = new(0);
    private readonly TimingWheel _wheel = new(TimeProvider.System);
    private readonly SipTransportLayer _transport;
    private readonly MediaEngine _media;
    private readonly int _first;

    private ExchangeBed(int port, int firstMediaPort, ExchangeOptions options, TimeSpan mediaTimeout)
    {
        _transport = new SipTransportLayer(new SipTransportOptions { Listen = [new SipListenOptions { Address = "127.0.0.1", Port = port }] }, TimeProvider.System, NullLoggerFactory.Instance);
        Stack = new SipStack(new SipStackOptions(), _transport, new Phone.NumericResolver(), _wheel, TimeProvider.System, NullLoggerFactory.Instance) { Core = this };
        _first = firstMediaPort > 0 ? firstMediaPort : (FreePorts.NextRange(41) + 1) & ~1;
        _media = new MediaEngine(new MediaOptions { FirstPort = _first, LastPort = _first + 39, Threads = 1, MediaTimeout = mediaTimeout }, TimeProvider.System, NullLoggerFactory.Instance);
        Exchange = new Exchange(new ExchangeParts(Stack, _media, _wheel, this, this, this, TimeProvider.System, NullLogger<Exchange>.Instance), options);
    }

    public Exchange Exchange { get; }

    public SipStack Stack { get; }

    public int FirstMediaPort => _first;

    public Dictionary<string, Func<CallRequest, CallPlan>> Plan { get; } = [];

    public IPEndPoint Address => _transport.ListenPoints[0].EndPoint;

    public AudioClip Music { get; } = AudioClip.Tone(600, TimeSpan.FromSeconds(1));

    public AudioClip Ringback { get; } = AudioClip.Tone(440, TimeSpan.FromSeconds(1));

    public IReadOnlyList<CallEvent> Events => [.. _events];

    /// <param name="mediaTimeout">Zero: silence ends no call.</param>
    public static async Task<ExchangeBed> OpenAsync(int port = 0, int firstMediaPort = 0, ExchangeOptions? options = null, TimeSpan mediaTimeout = default)
    {
        var bed = new ExchangeBed(port, firstMediaPort, options ?? new ExchangeOptions(), mediaTimeout);
        bed._wheel.StartThread();
        await bed._transport.StartAsync(bed.Stack, CancellationToken.None);
        return bed;
    }

    /// <summary>A telephone that lives as long as the bed.</summary>
    public async Task<Phone> PhoneAsync(string number)
    {
        var phone = await Phone.StartAsync(number);
        _phones.Add(phone);
        return phone;
    }

    /// <summary>One calls the other, who answers; the caller's sound arrives.</summary>
    public async Task<Guid> TalkAsync(Phone caller, Phone callee)
    {
        Rings(callee.Number, null, callee);
        caller.Dials(callee.Number, Address);
        await callee.SeesAsync("invite");
        callee.Answers();
        await caller.SeesAsync("accepted");
        await callee.SeesAsync("ack");
        await caller.SpeaksToAsync(callee);
        return Exchange.Live.Last(c => c.Called.Number == callee.Number).Id;
    }

    /// <summary>One calls the other, whose telephone rings and is not answered yet.</summary>
    public async Task RingsAtAsync(Phone caller, Phone callee)
    {
        Rings(callee.Number, null, callee);
        caller.Dials(callee.Number, Address);
        await callee.SeesAsync($"invite {caller.Number}");
        callee.Rings();
        await caller.SeesAsync("progress 180");
    }

    /// <summary>A number that rings telephones, all together.</summary>
    public void Rings(string number, TimeSpan? timeout = null, params Phone[] phones) => Plan[number] = request => new CallPlan.Run(
        new Script(async (call, stop) =>
        {
            var outcome = await call.RingAsync(new RingRequest { Targets = [.. phones.Select(p => Target(p, request.Caller))], Timeout = timeout ?? TimeSpan.FromSeconds(30) }, stop);
            if (outcome.Result == RingResult.Deflected) await call.RouteAsync(outcome.DeflectedTo!, new Diversion(call.Called, DiversionReason.Deflection));
        }),
        new CallParty(PartyKind.Internal, number, $"Poste {number}"));

    /// <summary>A number with a script.</summary>
    public void Runs(string number, Func<ICallContext, CancellationToken, Task> script, string? checkpoint = null) =>
        Plan[number] = _ => new CallPlan.Run(new Script(script, checkpoint), new CallParty(PartyKind.Service, number, ""));

    public static RingTarget Target(Phone phone, CallParty caller) => new()
    {
        Party = new CallParty(PartyKind.Internal, phone.Number, $"Poste {phone.Number}"),
        Uri = phone.Uri,
        From = new NameAddress(SipUri.Of(caller.Number.Length > 0 ? caller.Number : "anonymous", "127.0.0.1")),
        To = new NameAddress(SipUri.Of(phone.Number, "127.0.0.1")),
    };

    /// <summary>Waits until an event of this kind has been journalled.</summary>
    public async Task<T> HappensAsync<T>(int count = 1) where T : CallEvent
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        try
        {
            while (true)
            {
                var found = _events.OfType<T>().ToList();
                if (found.Count >= count) return found[count - 1];
                await _happened.WaitAsync(limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No {typeof(T).Name} among: {string.Join(" | ", _events.Select(e => e.GetType().Name))}");
        }
    }

    /// <summary>Nothing may be left of any call: legs, ports, sessions.</summary>
    public async Task IsCleanAsync()
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        while (Exchange.Count + Stack.Sessions + Stack.Dialogs + _media.Counters.Legs + _media.Counters.PortsInUse > 0)
        {
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Left over: {Exchange.Count} calls, {Stack.Sessions} sessions, {Stack.Dialogs} dialogs, {_media.Counters.Legs} legs, {_media.Counters.PortsInUse} ports.");
            }
        }
    }

    public void OnInvite(InboundInvite invite)
    {
        var caller = invite.Request.From.Uri!.User;
        Exchange.Accept(invite, new CallRequest
        {
            Caller = new CallParty(PartyKind.Internal, caller, $"Poste {caller}"),
            Dialled = invite.Request.RequestUri!.User,
            At = TimeProvider.System.GetUtcNow(),
        });
    }

    public void OnRequest(ServerTransaction transaction) => transaction.Respond(405);

    public CallPlan Route(CallRequest request) => Plan.TryGetValue(request.Dialled, out var plan)
        ? plan(request)
        : new CallPlan.Refused(new Refusal("dial-plan.no-such-number", RefusalKind.NotFound, 404, "There is no such number."));

    public void Append(CallEvent happened)
    {
        _events.Enqueue(happened);
        _happened.Release();
    }

    public AudioClip? Prompt(string name, string language) => Music;

    /// <summary>The process dies: sockets close, nobody is told.</summary>
    public async Task DieAsync()
    {
        await _transport.DisposeAsync();
        _media.Dispose();
        _wheel.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var phone in _phones) await phone.DisposeAsync();
        await DieAsync();
        await Stack.DisposeAsync();
        _happened.Dispose();
    }

    internal sealed class Script(Func<ICallContext, CancellationToken, Task> story, string? checkpoint = null) : ICallApplication
    {
        public string Name => "test";

        public Task RunAsync(ICallContext call, CancellationToken hangup) => story(call, hangup);

        public string? Checkpoint(ICallContext call) => checkpoint;
    }
}
