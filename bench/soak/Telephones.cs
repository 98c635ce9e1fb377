// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Timers;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beffroi.Soak;

/// <summary>All telephones: one SIP stack, one address behind the lossy network, one account each.</summary>
/// <remarks>Threading: any thread. A telephone is in one call story at a time: see <see cref="TryTake"/>.</remarks>
public sealed class Telephones : ISipCore, IAsyncDisposable
{
    private const int RegisterSeconds = 3600, RegistersAtOnce = 50;

    private readonly LossyRelay? _network;
    private readonly SipTransportLayer _transport;
    private readonly TimingWheel _wheel = new(TimeProvider.System);
    private readonly ConcurrentDictionary<string, Telephone> _byNumber;
    private readonly Dictionary<string, Telephone> _byOutsideNumber;
    private readonly ConcurrentQueue<Telephone> _idle;
    private readonly bool _ownsSound;
    private readonly ConcurrentQueue<Group> _groups = [];
    private long _unexpected, _messages;

    /// <param name="sound">Shared by telephones that may talk with one another; null: their own.</param>
    /// <param name="kind">By UDP everything goes through the lossy network; else by one connection to the server, which loses nothing.</param>
    public Telephones(IReadOnlyList<SoakUser> users, int serverPort, BadLuck luck, SipTransportKind kind = SipTransportKind.Udp, Sound? sound = null)
    {
        ArgumentNullException.ThrowIfNull(users);
        Server = new IPEndPoint(IPAddress.Loopback, serverPort);
        _network = kind == SipTransportKind.Udp ? new LossyRelay(luck) : null;
        (Sound, _ownsSound) = (sound ?? new Sound(FreePorts.NextPair(), luck), sound is null);
        var listen = new SipListenOptions { Address = "127.0.0.1", Port = 0, AdvertisedHost = "127.0.0.1", AdvertisedPort = _network?.Back.Port ?? 0 };
        _transport = new SipTransportLayer(new SipTransportOptions { Listen = kind == SipTransportKind.Udp ? [listen] : [], Tls = new SipTlsOptions { VerifyServers = false } }, TimeProvider.System, NullLoggerFactory.Instance);
        var options = new SipStackOptions { Product = "Telephone", SessionExpires = SoakedServer.SessionExpires };
        Stack = new SipStack(options, new Way(_transport, kind, _network?.Front ?? Server), new NumericResolver(), _wheel, TimeProvider.System, NullLoggerFactory.Instance) { Core = this };
        _idle = new ConcurrentQueue<Telephone>(users.Select(user => new Telephone(this, user)));
        _byNumber = new ConcurrentDictionary<string, Telephone>(_idle.Select(one => KeyValuePair.Create(one.Number, one)), StringComparer.Ordinal);
        _byOutsideNumber = _idle.ToDictionary(one => "+33" + one.OutsideNumber[1..], StringComparer.Ordinal);
    }

    public IPEndPoint Server { get; }

    /// <summary>Where the server finds the telephones, and the operator who has them too.</summary>
    public int Port => _network!.Back.Port;

    /// <summary>Telephones that are busy always, so that their callers come to voicemail.</summary>
    public IReadOnlyList<Telephone> Boxes { get; private set; } = [];

    /// <summary>Messages that stories have left.</summary>
    public long Messages => Interlocked.Read(ref _messages);

    public SipStack Stack { get; }

    public Sound Sound { get; }

    public int Idle => _idle.Count;

    /// <summary>INVITEs for telephones that expected none.</summary>
    public long Unexpected => Interlocked.Read(ref _unexpected);

    public async Task StartAsync()
    {
        _wheel.StartThread();
        await _transport.StartAsync(Stack, CancellationToken.None);
        _network?.Start(_transport.ListenPoints[0].EndPoint, Server);
    }

    /// <summary>Takes two telephones out of the others for each group, and one for each box. Before the first story.</summary>
    public (IReadOnlyList<Group> Groups, IReadOnlyList<Telephone> Boxes) SetAside(int groups, int boxes)
    {
        for (var i = 0; i < groups && TryTake(2, out var members); i++) _groups.Enqueue(new Group(i, members));
        var busy = TryTake(boxes, out var taken) ? taken : [];
        foreach (var one in busy) one.IsBusy = true;
        Boxes = busy;
        return ([.. _groups], Boxes);
    }

    public bool TryTakeGroup([NotNullWhen(true)] out Group? group)
    {
        if (!_groups.TryDequeue(out group)) return false;
        foreach (var member in group.Members) member.IsExpecting = true;
        return true;
    }

    public void GiveBack(Group group)
    {
        ArgumentNullException.ThrowIfNull(group);
        foreach (var member in group.Members) Quiet(member);
        _groups.Enqueue(group);
    }

    public void CountMessage() => Interlocked.Increment(ref _messages);

    /// <summary>Registers everybody; those whose every try is lost are tried again once.</summary>
    public async Task RegisterAllAsync()
    {
        using var gate = new SemaphoreSlim(RegistersAtOnce);
        await Task.WhenAll(_byNumber.Values.Select(async one =>
        {
            await gate.WaitAsync();
            try
            {
                if (await one.RegisterAsync(RegisterSeconds) is var status && status != 200 && await one.RegisterAsync(RegisterSeconds) != 200)
                    throw new InvalidOperationException($"{one.Number} is not registered: {status}.");
            }
            finally { gate.Release(); }
        }));
    }

    /// <summary>Registers one after the other, all within an hour or faster, until stopped.</summary>
    public async Task KeepRegisteringAsync(TimeSpan each, CancellationToken stop)
    {
        using var pace = new PeriodicTimer(each);
        try
        {
            while (true)
            {
                foreach (var one in _byNumber.Values)
                {
                    await pace.WaitForNextTickAsync(stop);
                    await one.RegisterAsync(RegisterSeconds);
                }
            }
        }
        catch (OperationCanceledException) { }
    }

    /// <summary>Takes telephones that nobody uses. False when there are not enough.</summary>
    public bool TryTake(int count, out Telephone[] taken)
    {
        var found = new List<Telephone>(count);
        while (found.Count < count && _idle.TryDequeue(out var one)) found.Add(one);
        taken = [.. found];
        if (found.Count == count) return true;
        foreach (var one in found) _idle.Enqueue(one);
        return false;
    }

    public void GiveBack(Telephone telephone)
    {
        ArgumentNullException.ThrowIfNull(telephone);
        Quiet(telephone);
        _idle.Enqueue(telephone);
    }

    private void Quiet(Telephone telephone)
    {
        telephone.IsExpecting = false;
        while (telephone.Incoming.Reader.TryRead(out var late)) Refuse(late);
    }

    public void Vanish(string callId) => _network?.Swallow(callId);

    public void Return(string callId) => _network?.Forget(callId);

    public void Refuse(InboundInvite invite)
    {
        ArgumentNullException.ThrowIfNull(invite);
        Interlocked.Increment(ref _unexpected);
        invite.Respond(SipStatus.BusyHere);
    }

    void ISipCore.OnInvite(InboundInvite invite)
    {
        var number = invite.Request.RequestUri?.User ?? "";
        var known = _byNumber.TryGetValue(number, out var called) || _byOutsideNumber.TryGetValue(number, out called);
        if (known && called!.IsBusy)
        {
            invite.Respond(SipStatus.BusyHere);
            return;
        }
        if (known && called!.IsExpecting && called.Incoming.Writer.TryWrite(invite)) return;
        Refuse(invite);
    }

    void ISipCore.OnRequest(ServerTransaction transaction) => transaction.Respond(SipStatus.Ok);

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _wheel.Dispose();
        _network?.Dispose();
        if (_ownsSound) Sound.Dispose();
        await Stack.DisposeAsync();
    }

    /// <summary>Whatever a message is for, it goes into the network.</summary>
    private sealed class Way(SipTransportLayer transport, SipTransportKind way, IPEndPoint network) : ISipSender
    {
        public ValueTask<SipFlow?> ConnectAsync(SipTransportKind kind, IPEndPoint remote, string? serverName, CancellationToken stop) =>
            transport.ConnectAsync(way, network, null, stop);

        public bool TryGetFlow(SipTransportKind kind, IPEndPoint remote, [NotNullWhen(true)] out SipFlow? flow) => transport.TryGetFlow(way, network, out flow);
    }

    private sealed class NumericResolver : ISipResolver
    {
        public ValueTask<IReadOnlyList<SipTarget>> ResolveAsync(SipUri uri, CancellationToken stop) =>
            ValueTask.FromResult<IReadOnlyList<SipTarget>>([new SipTarget(SipTransportKind.Udp, new IPEndPoint(IPAddress.Parse(uri.Host), uri.Port), null)]);
    }
}

/// <summary>One telephone with its account.</summary>
public sealed class Telephone(Telephones all, SoakUser user)
{
    private readonly string _registration = Guid.NewGuid().ToString("N");
    private readonly DigestCredentials _credentials = new(user.Name, user.Secret);
    private volatile bool _expecting;
    private uint _sequence;

    public string Number => user.Number;

    /// <summary>Under which the operator reaches the same telephone, so that it can be called by the trunk: 01 99 00 20 01 for 20001.</summary>
    public string OutsideNumber { get; } = (199_002_000 + int.Parse(user.Number, CultureInfo.InvariantCulture) % 10_000).ToString("D10", CultureInfo.InvariantCulture);

    /// <summary>Its direct number: 01 99 00 60 01 for 20001.</summary>
    public string DirectNumber { get; } = "+33" + (199_006_000 + int.Parse(user.Number, CultureInfo.InvariantCulture) % 10_000).ToString(CultureInfo.InvariantCulture);

    /// <summary>The number of the person outside who speaks by this telephone, as it may be shown.</summary>
    public IReadOnlyList<string> OutsideForms { get; } = ["+3363998" + user.Number[^4..], "063998" + user.Number[^4..]];

    /// <summary>Refuses every call as busy.</summary>
    public bool IsBusy { get; set; }

    /// <summary>In a story: calls are taken. Otherwise they are refused and counted.</summary>
    public bool IsExpecting { get => _expecting; set => _expecting = value; }

    public Channel<InboundInvite> Incoming { get; } = Channel.CreateUnbounded<InboundInvite>();

    private NameAddress Address => new(SipUri.Of(user.Name, "127.0.0.1"));

    /// <summary>The status of the final response.</summary>
    public async Task<int> RegisterAsync(int seconds)
    {
        var outcome = await SendAsync(SipMethod.Register, SipUri.Of("", "127.0.0.1", all.Server.Port), Address, new SipHeader(SipHeaderName.Expires, seconds.ToString(CultureInfo.InvariantCulture)));
        _sequence = outcome.CSeq;
        return outcome.Status;
    }

    /// <summary>Asks for a lamp and then knows nothing of it: the NOTIFY gets a 481, which ends the subscription (RFC 6665 §4.2.2).</summary>
    public async Task<int> WatchAsync(string number)
    {
        var watched = SipUri.Of(number, "127.0.0.1", all.Server.Port);
        var outcome = await SendAsync(SipMethod.Subscribe, watched, new NameAddress(watched),
            new SipHeader(SipHeaderName.Event, "dialog"), new SipHeader(SipHeaderName.Accept, "application/dialog-info+xml"), new SipHeader(SipHeaderName.Expires, "60"));
        return outcome.Status;
    }

    public Leg Dials(string number)
    {
        var leg = new Leg(all);
        leg.Begin(all.Stack.Invite(
            new OutboundInvite { Target = SipUri.Of(number, "127.0.0.1", all.Server.Port), From = Address, To = new NameAddress(SipUri.Of(number, "127.0.0.1")), Sdp = leg.Description(), Credentials = _credentials },
            leg));
        return leg;
    }

    public void GiveBack() => all.GiveBack(this);

    /// <summary>As somebody outside, by the operator, who is known by the address.</summary>
    public Leg DialsIn(string number)
    {
        var leg = new Leg(all);
        leg.Begin(all.Stack.Invite(
            new OutboundInvite
            {
                Target = SipUri.Of(number, "127.0.0.1", all.Server.Port),
                From = new NameAddress(SipUri.Of(OutsideForms[0], "127.0.0.1")),
                To = new NameAddress(SipUri.Of(number, "127.0.0.1")),
                Sdp = leg.Description(),
            },
            leg));
        return leg;
    }

    /// <summary>Waits until one of them is called by one of <paramref name="callers"/>; the others' calls stay where they are.</summary>
    public static async Task<(Telephone Who, InboundInvite Invite)> FirstCalledAsync(IReadOnlyList<Telephone> members, IReadOnlyCollection<string> callers, TimeSpan within)
    {
        ArgumentNullException.ThrowIfNull(members);
        using var limit = new CancellationTokenSource(within);
        try
        {
            while (true)
            {
                foreach (var member in members)
                    while (member.Incoming.Reader.TryRead(out var invite))
                    {
                        if (invite.Request.From.Uri is { } from && callers.Contains(from.User)) return (member, invite);
                        member.Refuse(invite);
                    }
                await await Task.WhenAny(members.Select(member => member.Incoming.Reader.WaitToReadAsync(limit.Token).AsTask()));
            }
        }
        catch (OperationCanceledException) { throw new StoryException("is not called"); }
    }

    private void Refuse(InboundInvite invite) => all.Refuse(invite);

    /// <summary>Waits for an INVITE from one of <paramref name="callers"/>, or by the trunk, where callers show the town's number. One of an earlier story, whose INVITE was lost and came again after its caller had
    /// given up, is refused: it is cancelled as soon as the server has heard of it.</summary>
    public async Task<InboundInvite> IsCalledAsync(IReadOnlyCollection<string> callers, TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        try
        {
            while (true)
            {
                var invite = await Incoming.Reader.ReadAsync(limit.Token);
                if (invite.Request.RequestUri!.User != Number || (invite.Request.From.Uri is { } from && callers.Contains(from.User))) return invite;
                all.Refuse(invite);
            }
        }
        catch (OperationCanceledException) { throw new StoryException("is not called"); }
    }

    /// <summary>Takes the next call and rings.</summary>
    public Leg Rings(InboundInvite invite)
    {
        ArgumentNullException.ThrowIfNull(invite);
        var leg = new Leg(all);
        leg.Learn(invite.Sdp);
        leg.Begin(invite.Take(leg));
        leg.Session.Progress(SipStatus.Ringing);
        return leg;
    }

    private Task<SipOutcome> SendAsync(SipMethod method, SipUri target, NameAddress to, params SipHeader[] headers)
    {
        var done = new TaskCompletionSource<SipOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isRegister = method == SipMethod.Register;
        all.Stack.Send(
            new OutboundRequest
            {
                Method = method,
                Target = target,
                From = Address,
                To = to,
                CallId = isRegister ? _registration : null,
                CSeq = isRegister ? _sequence + 1 : 0,
                ContactUser = Number,
                Headers = headers,
                Credentials = _credentials,
            },
            outcome => done.SetResult(outcome));
        return done.Task;
    }
}

/// <summary>A story did not go as it should have. The message has no numbers in it, so that equal failures are counted together.</summary>
public sealed class StoryException(string message) : Exception(message);
