// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using System.Text;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.TestKit;
using Xunit;
using static Beffroi.Sip.Tests.Transport.TransportBench;

namespace Beffroi.Sip.Tests.Transport;

public sealed class UdpTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_request_is_answered_to_where_it_came_from(string address)
    {
        await using var bench = await StartAsync(new SipTransportOptions { Listen = [On(SipTransportKind.Udp, address)] });
        using var phone = new Phone(bench);
        var reply = await phone.AskAsync(Options("UDP 192.0.2.1:5060;rport"));
        Assert.Equal(200, reply.StatusCode);
        Assert.Equal(address, reply.TopVia.Received);
        Assert.Equal(phone.Port, reply.TopVia.Rport);
        var (_, flow) = await bench.NextAsync();
        Assert.Equal(phone.Port, flow.Remote.Port);
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), bench.EndPoint(SipTransportKind.Udp).Port).ToString(), flow.SentBy);
        Assert.False(flow.IsReliable);
    }

    [Fact]
    public async Task Without_rport_the_answer_goes_to_the_port_of_the_Via()
    {
        await using var bench = await StartAsync(Udp());
        using var asking = new Phone(bench);
        using var listening = new Phone(bench);
        asking.Send(Options($"UDP 192.0.2.1:{listening.Port}"));
        var reply = await listening.HearAsync();
        Assert.Equal(200, reply.StatusCode);
        Assert.Equal("127.0.0.1", reply.TopVia.Received);
    }

    [Fact]
    public async Task The_same_peer_keeps_its_flow_and_another_has_its_own()
    {
        await using var bench = await StartAsync(Udp());
        using var alice = new Phone(bench);
        using var bob = new Phone(bench);
        await alice.AskAsync(Options("UDP a.invalid;rport", "1"));
        await bob.AskAsync(Options("UDP b.invalid;rport", "2"));
        await alice.AskAsync(Options("UDP a.invalid;rport", "3"));
        var (first, other, again) = ((await bench.NextAsync()).Flow, (await bench.NextAsync()).Flow, (await bench.NextAsync()).Flow);
        Assert.Same(first, again);
        Assert.NotEqual(first.Id, other.Id);
        Assert.True(bench.Layer.TryGetFlow(SipTransportKind.Udp, alice.Local, out var found));
        Assert.Same(first, found);
    }

    [Fact]
    public async Task A_flow_to_a_new_peer_is_there_at_once()
    {
        await using var bench = await StartAsync(Udp());
        using var bob = new Phone(bench);
        var connecting = bench.Layer.ConnectAsync(SipTransportKind.Udp, bob.Local, null, CancellationToken.None);
        Assert.True(connecting.IsCompletedSuccessfully);
        var flow = await connecting;
        Assert.True(flow!.Send(Options($"UDP {flow.SentBy};rport")));
        Assert.Equal(SipMethod.Options, (await bob.HearAsync()).Method);
        Assert.Null(await bench.Layer.ConnectAsync(SipTransportKind.Udp, new IPEndPoint(IPAddress.IPv6Loopback, 5060), null, CancellationToken.None));
    }

    [Fact]
    public async Task Rubbish_is_counted_and_makes_no_flow_and_no_answer()
    {
        await using var bench = await StartAsync(Udp());
        using var phone = new Phone(bench);
        phone.Send("hello there\r\n\r\n"u8);
        phone.Send("\r\n\r\n"u8);
        phone.Send(ReadOnlySpan<byte>.Empty);
        phone.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8);
        var reply = await phone.AskAsync(Options("UDP a.invalid;rport"));           // the only answer, so the first one heard
        Assert.Equal(200, reply.StatusCode);
        Assert.Equal(2, bench.Counters.Dropped(SipDropReason.Malformed));
        Assert.Equal(2, bench.Counters.Dropped(SipDropReason.KeepAlive));
        Assert.Equal(1, bench.Counters.Received(SipTransportKind.Udp));
    }

    [Theory]
    [InlineData("SIP/7.0", "CSeq: 1 OPTIONS", 505)]
    [InlineData("SIP/2.0", "CSeq: 1 INVITE", 400)]
    public async Task A_broken_request_that_can_be_answered_is(string version, string cseq, int status)
    {
        await using var bench = await StartAsync(Udp());
        using var phone = new Phone(bench);
        var text = Encoding.UTF8.GetString(Options("UDP a.invalid;rport")).Replace(" SIP/2.0\r\n", $" {version}\r\n", StringComparison.Ordinal).Replace("CSeq: 1 OPTIONS", cseq, StringComparison.Ordinal);
        var reply = await phone.AskAsync(Encoding.UTF8.GetBytes(text));
        Assert.Equal(status, reply.StatusCode);
        Assert.NotEmpty(reply.ToTag);
        Assert.True(bench.SawNothing);
    }

    [Fact]
    public async Task A_scanner_is_not_answered_but_counted()
    {
        await using var bench = await StartAsync(Udp());
        using var phone = new Phone(bench);
        phone.Send(Options("UDP a.invalid;rport", "scan", "User-Agent: Friendly-Scanner\r\n"));
        var reply = await phone.AskAsync(Options("UDP a.invalid;rport", "honest"));
        Assert.Equal("honest", reply.CallId);
        Assert.Equal(1, bench.Counters.Dropped(SipDropReason.Scanner));
    }

    [Fact]
    public async Task Over_its_rate_an_address_is_not_answered_until_time_passes()
    {
        var time = new ManualTime();
        await using var bench = await StartAsync(new SipTransportOptions { Listen = [On(SipTransportKind.Udp)], Guard = new SourceGuardOptions { RequestsPerSecond = 1, Burst = 3 } }, time);
        using var phone = new Phone(bench);
        for (var i = 0; i < 3; i++) await phone.AskAsync(Options("UDP a.invalid;rport", $"{i}"));
        phone.Send(Options("UDP a.invalid;rport", "too many"));
        phone.Send("no sip"u8);                                                      // handled after it
        await Until(() => bench.Counters.Dropped(SipDropReason.Malformed) == 1);
        Assert.Equal(1, bench.Counters.Dropped(SipDropReason.OverRate));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("later", (await phone.AskAsync(Options("UDP a.invalid;rport", "later"))).CallId);
    }

    [Fact]
    public async Task From_a_banned_address_nothing_is_heard()
    {
        await using var bench = await StartAsync(Udp());
        using var phone = new Phone(bench);
        for (var i = 0; i < 20; i++) bench.Layer.Guard.Failed(IPAddress.Loopback);
        phone.Send(Options("UDP a.invalid;rport"));
        await Until(() => bench.Counters.Dropped(SipDropReason.Banned) == 1);
        Assert.True(bench.SawNothing);
    }

    [Fact]
    public async Task A_failing_core_costs_one_message_and_not_the_socket()
    {
        await using var bench = await StartAsync(Udp());
        using var phone = new Phone(bench);
        bench.Layer.Reception.Sink = new BrokenSink();
        phone.Send(Options("UDP a.invalid;rport"));
        await Until(() => bench.Counters.Dropped(SipDropReason.HandlerFailed) == 1);
        bench.Layer.Reception.Sink = bench;
        Assert.Equal(200, (await phone.AskAsync(Options("UDP a.invalid;rport", "2"))).StatusCode);
    }

    [Fact]
    public async Task The_table_of_peers_is_bounded()
    {
        await using var bench = await StartAsync(new SipTransportOptions { Listen = [On(SipTransportKind.Udp)], MaxUdpFlows = 16 });
        var flows = new HashSet<SipFlow>();
        for (var port = 1; port <= 1000; port++)
        {
            Assert.True(bench.Layer.TryGetFlow(SipTransportKind.Udp, new IPEndPoint(IPAddress.Loopback, port), out var flow));
            flows.Add(flow);
        }
        Assert.Equal(1000, flows.Count);
        Assert.InRange(bench.Layer.UdpFlows, 1, 17);
    }

    [Fact]
    public async Task Closing_the_layer_ends_its_flows_and_frees_the_port()
    {
        var bench = await StartAsync(Udp());
        using var phone = new Phone(bench);
        await phone.AskAsync(Options("UDP a.invalid;rport"));
        var (_, flow) = await bench.NextAsync();
        var told = 0;
        flow.Closed += _ => told++;
        var port = bench.EndPoint(SipTransportKind.Udp).Port;
        await bench.DisposeAsync();
        Assert.Equal(1, told);
        Assert.False(flow.Send("late"u8));
        flow.Closed += _ => told++;
        Assert.Equal(2, told);
        using var again = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        again.Bind(new IPEndPoint(IPAddress.Loopback, port));
    }

    [Fact]
    public async Task An_advertised_host_is_what_peers_are_told()
    {
        await using var bench = await StartAsync(new SipTransportOptions
        {
            Listen = [new SipListenOptions { Transport = SipTransportKind.Udp, Address = "0.0.0.0", Port = 0, AdvertisedHost = "sip.saint-aubin.example", AdvertisedPort = 5062 }]
        });
        using var phone = new Phone(bench);
        var flow = await bench.Layer.ConnectAsync(SipTransportKind.Udp, phone.Local, null, CancellationToken.None);
        Assert.Equal("sip.saint-aubin.example:5062", flow!.SentBy);
    }

    [Fact]
    public async Task Bound_to_all_addresses_the_route_to_the_peer_names_ours()
    {
        await using var bench = await StartAsync(new SipTransportOptions { Listen = [On(SipTransportKind.Udp, "0.0.0.0")] });
        using var phone = new Phone(bench);
        var flow = await bench.Layer.ConnectAsync(SipTransportKind.Udp, phone.Local, null, CancellationToken.None);
        Assert.Equal($"127.0.0.1:{bench.EndPoint(SipTransportKind.Udp).Port}", flow!.SentBy);
    }

    [Fact]
    public async Task Receiving_allocates_the_message_alone_and_sending_nothing()
    {
        await using var bench = await StartAsync(Udp());
        using var phone = new Phone(bench);
        var request = Options("UDP a.invalid;rport");
        var sink = new AllocationSink();
        bench.Layer.Reception.Sink = sink;
        for (var i = 0; i < 300; i++) await phone.AskAsync(request);         // one at a time: the thread does nothing else between
        Assert.True(SipMessage.TryParse(request, out _, out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(SipMessage.TryParse(request, out _, out _));
        var message = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(message, sink.PerMessage);
        Assert.Equal(0, sink.PerSend);
    }

    private static SipTransportOptions Udp() => new() { Listen = [On(SipTransportKind.Udp)] };

    /// <summary>For what another thread does soon and no message announces: yields, bounded in time.</summary>
    internal static async Task Until(Func<bool> done)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        while (!done())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class BrokenSink : ISipMessageSink
    {
        public void Receive(SipMessage message, SipFlow flow) => throw new InvalidOperationException("broken");
    }

    /// <summary>Answers with a message made beforehand; keeps the least that its thread allocated from one message to the next (the first ones compile).</summary>
    private sealed class AllocationSink : ISipMessageSink
    {
        private byte[]? _answer;
        private long _last = -1;

        internal long PerMessage { get; private set; } = long.MaxValue;

        internal long PerSend { get; private set; } = long.MaxValue;

        public void Receive(SipMessage message, SipFlow flow)
        {
            var now = GC.GetAllocatedBytesForCurrentThread();
            if (_last >= 0) PerMessage = Math.Min(PerMessage, now - _last);
            _answer ??= SipResponses.Write(message, 200, null, "us", []);
            var before = GC.GetAllocatedBytesForCurrentThread();
            flow.Send(_answer);
            _last = GC.GetAllocatedBytesForCurrentThread();
            PerSend = Math.Min(PerSend, _last - before);
        }
    }

    /// <summary>A telephone's socket.</summary>
    private sealed class Phone : IDisposable
    {
        private readonly Socket _socket;
        private readonly IPEndPoint _server;

        internal Phone(TransportBench bench)
        {
            var server = bench.EndPoint(SipTransportKind.Udp);
            _server = server.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, server.Port) : server;
            _socket = new Socket(_server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            _socket.Bind(new IPEndPoint(_server.Address, 0));
        }

        internal IPEndPoint Local => (IPEndPoint)_socket.LocalEndPoint!;

        internal int Port => Local.Port;

        internal void Send(ReadOnlySpan<byte> message) => _socket.SendTo(message, _server);

        internal async Task<SipMessage> HearAsync()
        {
            using var limit = new CancellationTokenSource(TestTimeouts.Network);
            var buffer = new byte[65_535];
            var length = await _socket.ReceiveAsync(buffer, limit.Token);
            Assert.True(SipMessage.TryParse(buffer.AsSpan(0, length), out var message, out var fault), fault.ToString());
            return message;
        }

        internal Task<SipMessage> AskAsync(byte[] request)
        {
            Send(request);
            return HearAsync();
        }

        public void Dispose() => _socket.Dispose();
    }
}
