// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Timers;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beffroi.Sip.Tests.UserAgent;

/// <summary>One message on the wire, as both ends see it.</summary>
internal sealed record WireMessage(IPEndPoint From, IPEndPoint To, SipMessage Message, SipTransportKind Kind)
{
    public override string ToString() => Message.IsRequest ? Message.MethodName : Message.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A network in memory with one clock: datagrams wait in a queue until <see cref="Settle"/> delivers them, so a test decides what is lost, late or doubled.</summary>
internal sealed class WireNetwork
{
    private readonly Dictionary<IPEndPoint, WireHost> _hosts = [];
    private readonly List<WireMessage> _queue = [];
    private long _flows;

    internal WireNetwork() => Wheel = new TimingWheel(Time);

    internal ManualTime Time { get; } = new();
    internal TimingWheel Wheel { get; }

    /// <summary>Everything sent, lost or not, in order.</summary>
    internal List<WireMessage> Log { get; } = [];

    /// <summary>True: this message never arrives.</summary>
    internal Func<WireMessage, bool> Loses { get; set; } = _ => false;

    /// <summary>Chooses the next message of the queue to deliver; the first unless a test reorders.</summary>
    internal Func<int, int> Picks { get; set; } = _ => 0;

    /// <summary>Hosts that nothing reaches: their flows refuse to send.</summary>
    internal HashSet<string> Dead { get; } = [];

    internal WireHost Add(string address, SipStackOptions? options = null)
    {
        var host = new WireHost(this, IPEndPoint.Parse(address), options ?? new SipStackOptions { Product = "" });
        _hosts.Add(host.Address, host);
        return host;
    }

    internal long NextFlow() => ++_flows;

    internal bool Send(WireMessage message)
    {
        if (Dead.Contains(message.To.ToString())) return false;
        Log.Add(message);
        if (!Loses(message)) _queue.Add(message);
        return true;
    }

    /// <summary>What was waited for goes on at once on this thread, not in the pool as it does under the context of a test runner.</summary>
    internal static void GoOnAtOnce() => SynchronizationContext.SetSynchronizationContext(null);

    /// <summary>Puts a message into the queue once more, as a network that doubles it.</summary>
    internal void Double(WireMessage message) => _queue.Add(message);

    internal int Waiting => _queue.Count;

    /// <summary>Delivers until nothing is on the way.</summary>
    internal void Settle()
    {
        for (var rounds = 0; _queue.Count > 0; rounds++)
        {
            if (rounds > 20_000) throw new InvalidOperationException("The network does not come to rest: " + string.Join(' ', Log.TakeLast(20)));
            DeliverOne();
        }
    }

    internal void DeliverOne()
    {
        var index = Picks(_queue.Count);
        var message = _queue[index];
        _queue.RemoveAt(index);
        if (_hosts.TryGetValue(message.To, out var host)) host.Receive(message);
    }

    /// <summary>Lets time pass in small steps, delivering what it brings.</summary>
    internal void Pass(TimeSpan time)
    {
        var step = TimeSpan.FromMilliseconds(time > TimeSpan.FromMinutes(2) ? 1000 : 50);
        for (var left = time; left > TimeSpan.Zero; left -= step)
        {
            Time.Advance(left < step ? left : step);
            Wheel.Advance();
            Settle();
        }
    }

    /// <summary>Long enough for every transaction to leave its table.</summary>
    internal void PassAll() => Pass(TimeSpan.FromSeconds(110));

    /// <summary>What went over the wire since <paramref name="start"/>, as "INVITE 100 180".</summary>
    internal string Story(int start = 0) => string.Join(' ', Log.Skip(start));

    internal SipMessage Last(SipMethod method) => Log.Last(one => one.Message.IsRequest && one.Message.Method == method).Message;

    internal SipMessage Last(int status) => Log.Last(one => one.Message.StatusCode == status).Message;

    internal int Count(SipMethod method) => Log.Count(one => one.Message.IsRequest && one.Message.Method == method);

    internal int Count(int status) => Log.Count(one => one.Message.StatusCode == status);
}

/// <summary>An address with a stack behind it, or with a hand that writes the messages itself.</summary>
internal sealed class WireHost : ISipSender, ISipResolver
{
    private readonly WireNetwork _network;
    private readonly Dictionary<(SipTransportKind, IPEndPoint), WireFlow> _flows = [];

    internal WireHost(WireNetwork network, IPEndPoint address, SipStackOptions options)
    {
        _network = network;
        Address = address;
        Stack = new SipStack(options, this, this, network.Wheel, network.Time, NullLoggerFactory.Instance) { Core = Core };
    }

    internal IPEndPoint Address { get; }
    internal SipStack Stack { get; }
    internal RecordingCore Core { get; } = new();

    /// <summary>True: messages are only kept, for a test that plays the peer by hand.</summary>
    internal bool IsManual { get; set; }
    internal List<SipMessage> Received { get; } = [];

    /// <summary>What comes of the wish to connect; null: a flow.</summary>
    internal Func<SipTransportKind, CancellationToken, ValueTask<SipFlow?>?>? Connecting { get; set; }

    /// <summary>Answers of the resolver besides addresses.</summary>
    internal Dictionary<string, SipTarget[]> Names { get; } = [];

    internal SipUri Uri(string user = "alice") => SipUri.Of(user, Address.Address.ToString(), Address.Port);

    internal SipFlow FlowTo(WireHost peer, SipTransportKind kind = SipTransportKind.Udp) => Flow(kind, peer.Address);

    internal WireFlow Flow(SipTransportKind kind, IPEndPoint remote)
    {
        if (!_flows.TryGetValue((kind, remote), out var flow) || !flow.IsOpen) _flows[(kind, remote)] = flow = new WireFlow(_network, kind, Address, remote);
        return flow;
    }

    internal void Receive(WireMessage wire)
    {
        if (!SipMessage.TryParse(wire.Message.Bytes, out var message, out _)) throw new InvalidOperationException("A stack wrote what cannot be parsed.");
        message.Stamp(wire.From);
        Received.Add(message);
        if (!IsManual) Stack.Receive(message, Flow(wire.Kind, wire.From));
    }

    /// <summary>Sends text written by hand; line ends may be plain.</summary>
    internal void Write(WireHost to, string text, SipTransportKind kind = SipTransportKind.Udp)
    {
        var bytes = Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));
        Flow(kind, to.Address).Send(bytes);
        _network.Settle();
    }

    /// <summary>Answers a request by hand.</summary>
    internal void Reply(WireHost to, SipMessage request, int status, string tag, byte[]? sdp, params SipHeader[] headers)
    {
        var bytes = SipResponses.Write(request, status, null, tag, headers, sdp is null ? null : "application/sdp", sdp);
        Flow(SipTransportKind.Udp, to.Address).Send(bytes);
        _network.Settle();
    }

    public ValueTask<SipFlow?> ConnectAsync(SipTransportKind kind, IPEndPoint remote, string? serverName, CancellationToken stop) =>
        Connecting?.Invoke(kind, stop) ?? ValueTask.FromResult<SipFlow?>(Flow(kind, remote));

    public bool TryGetFlow(SipTransportKind kind, IPEndPoint remote, [NotNullWhen(true)] out SipFlow? flow)
    {
        flow = Flow(kind, remote);
        return true;
    }

    public ValueTask<IReadOnlyList<SipTarget>> ResolveAsync(SipUri uri, CancellationToken stop)
    {
        if (Names.TryGetValue(uri.Host, out var targets)) return ValueTask.FromResult<IReadOnlyList<SipTarget>>(targets);
        if (!IPAddress.TryParse(uri.Host, out var address)) return ValueTask.FromResult<IReadOnlyList<SipTarget>>([]);
        var kind = uri.IsSecure ? SipTransportKind.Tls : uri.Transport switch { "tcp" => SipTransportKind.Tcp, "tls" => SipTransportKind.Tls, _ => SipTransportKind.Udp };
        return ValueTask.FromResult<IReadOnlyList<SipTarget>>([new SipTarget(kind, new IPEndPoint(address, uri.Port == 0 ? 5060 : uri.Port))]);
    }
}

internal sealed class WireFlow(WireNetwork network, SipTransportKind kind, IPEndPoint local, IPEndPoint remote) : SipFlow(network.NextFlow(), kind, local, remote, null)
{
    public override bool Send(ReadOnlySpan<byte> message)
    {
        if (!IsOpen) return false;
        if (!SipMessage.TryParse(message, out var parsed, out var fault)) throw new InvalidOperationException($"Not SIP ({fault}):\n{Encoding.UTF8.GetString(message)}");
        return network.Send(new WireMessage(Local, Remote, parsed, Kind));
    }

    public override void Close() => MarkClosed();
}
