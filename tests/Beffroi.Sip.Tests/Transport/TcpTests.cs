// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.TestKit;
using Xunit;
using static Beffroi.Sip.Tests.Transport.TransportBench;

namespace Beffroi.Sip.Tests.Transport;

public sealed class TcpTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_request_is_answered_on_its_connection(string address)
    {
        await using var bench = await StartAsync(new SipTransportOptions { Listen = [On(SipTransportKind.Tcp, address)] });
        await using var phone = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        await phone.SendAsync(Options("TCP phone.invalid"));
        var reply = await phone.HearAsync();
        Assert.Equal(200, reply.StatusCode);
        Assert.Equal(address, reply.TopVia.Received);
        var (_, flow) = await bench.NextAsync();
        Assert.Equal(SipTransportKind.Tcp, flow.Kind);
        Assert.Equal(phone.Local, flow.Remote);
        Assert.Equal(bench.EndPoint(SipTransportKind.Tcp).ToString(), flow.SentBy);
        Assert.True(bench.Layer.TryGetFlow(SipTransportKind.Tcp, phone.Local, out var found));
        Assert.Same(flow, found);
    }

    [Fact]
    public async Task A_message_cut_into_single_bytes_is_put_together()
    {
        await using var bench = await StartAsync(Tcp());
        await using var phone = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        foreach (var octet in Options("TCP phone.invalid", body: "héhé")) await phone.SendAsync(new[] { octet });
        Assert.Equal(200, (await phone.HearAsync()).StatusCode);
        Assert.Equal("héhé", Encoding.UTF8.GetString((await bench.NextAsync()).Message.Body));
    }

    [Fact]
    public async Task Three_messages_and_a_half_in_one_segment_are_taken_apart()
    {
        await using var bench = await StartAsync(Tcp());
        await using var phone = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        var last = Options("TCP phone.invalid", "4", body: "the end");
        byte[] all = [.. Options("TCP phone.invalid", "1", body: "one"), .. Options("TCP phone.invalid", "2"), .. "\r\n"u8, .. Options("TCP phone.invalid", "3"), .. last[..100]];
        await phone.SendAsync(all);
        for (var i = 1; i <= 3; i++) Assert.Equal($"{i}", (await phone.HearAsync()).CallId);
        await phone.SendAsync(last.AsMemory(100));
        Assert.Equal("4", (await phone.HearAsync()).CallId);
    }

    [Fact]
    public async Task A_keep_alive_of_two_line_breaks_is_answered_by_one()
    {
        await using var bench = await StartAsync(Tcp());
        await using var phone = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        await phone.SendAsync("\r\n\r\n"u8.ToArray());
        Assert.Equal("\r\n"u8.ToArray(), await phone.BytesAsync(2));
        await phone.SendAsync(Options("TCP phone.invalid"));
        Assert.Equal(200, (await phone.HearAsync()).StatusCode);
    }

    [Fact]
    public async Task A_message_over_the_limit_is_answered_and_its_connection_closed()
    {
        await using var bench = await StartAsync(new SipTransportOptions { Listen = [On(SipTransportKind.Tcp)], MaxMessageBytes = 2000 });
        await using var phone = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        await phone.SendAsync(Options("TCP phone.invalid", body: new string('x', 3000)));
        Assert.Equal(SipStatus.MessageTooLarge, (await phone.HearAsync()).StatusCode);
        await phone.ClosedAsync();
        Assert.Equal(1, bench.Counters.Dropped(SipDropReason.BrokenStream));
        Assert.True(bench.SawNothing);
    }

    [Fact]
    public async Task A_head_without_end_closes_the_connection_at_the_limit()
    {
        await using var bench = await StartAsync(new SipTransportOptions { Listen = [On(SipTransportKind.Tcp)], MaxMessageBytes = 2000 });
        await using var phone = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        await phone.SendAsync(Encoding.UTF8.GetBytes("OPTIONS sip:a@b SIP/2.0\r\nSubject: " + new string('x', 4000)));
        await phone.ClosedAsync();
        Assert.Equal(1, bench.Counters.Faults(SipParseFault.TooLong));
    }

    [Fact]
    public async Task What_is_no_SIP_closes_the_connection()
    {
        await using var bench = await StartAsync(Tcp());
        await using var browser = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        await browser.SendAsync("GET / HTTP/1.1\r\nHost: beffroi\r\n\r\n"u8.ToArray());
        await browser.ClosedAsync();
        Assert.Equal(1, bench.Counters.Dropped(SipDropReason.Malformed));
    }

    [Fact]
    public async Task A_message_that_trickles_is_cut_off_and_one_that_waits_between_messages_is_not()
    {
        var time = new ManualTime();
        await using var bench = await StartAsync(Tcp(), time);
        await using var slow = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        await using var calm = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        await calm.SendAsync(Options("TCP phone.invalid"));
        await calm.HearAsync();
        await calm.SendAsync("\r\n"u8.ToArray());                           // half a keep-alive is no message begun
        await slow.SendAsync(Options("TCP phone.invalid"));                // its flow is there once this is answered
        await slow.HearAsync();
        var flow = (PipeSipFlow)Flow(bench, slow);
        for (var second = 0; second < 15; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            if (!flow.IsOpen) break;
            await slow.SendAsync("X"u8.ToArray());
            await UdpTests.Until(() => flow.LastHeard == time.GetTimestamp());
        }
        await slow.ClosedAsync();
        Assert.Equal(1, bench.Counters.Dropped(SipDropReason.SlowMessage));
        await calm.SendAsync(Options("TCP phone.invalid", "2"));
        Assert.Equal("2", (await calm.HearAsync()).CallId);
    }

    [Fact]
    public async Task An_idle_connection_is_closed_unless_something_stands_on_it()
    {
        var time = new ManualTime();
        await using var bench = await StartAsync(Tcp(), time);
        await using var idle = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        await using var registered = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        foreach (var peer in new[] { idle, registered })
        {
            await peer.SendAsync(Options("TCP phone.invalid"));
            await peer.HearAsync();
        }
        Flow(bench, registered).IsKept = true;
        var gone = Flow(bench, idle);
        time.Advance(TimeSpan.FromMinutes(3.1));
        await idle.ClosedAsync();
        Assert.False(gone.IsOpen);
        Assert.Equal(1, bench.Counters.Dropped(SipDropReason.Idle));
        await registered.SendAsync(Options("TCP phone.invalid", "2"));
        Assert.Equal("2", (await registered.HearAsync()).CallId);
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_is_cut_off_and_its_queue_is_bounded()
    {
        var time = new ManualTime();
        await using var bench = await StartAsync(Tcp(), time);
        await using var deaf = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        await deaf.SendAsync(Options("TCP phone.invalid"));
        var (_, flow) = await bench.NextAsync();
        flow.IsKept = true;                                                   // while the kernel still takes bytes, the clock below outruns it: idleness must not come first
        var big = Options("TCP us.invalid", body: new string('x', 60_000));
        var sent = 0;
        while (flow.Send(big) && sent < 2_000) sent++;                       // the kernel's buffers and ours, a few MB at most
        Assert.InRange(sent, 4, 1_999);
        Assert.Equal(1, bench.Counters.Dropped(SipDropReason.SendQueueFull));
        Assert.True(flow.IsOpen);
        await UdpTests.Until(() =>
        {
            flow.Send(big);                                                   // the kernel may have taken all of the queue since: only a full one holds the sender up
            time.Advance(TimeSpan.FromSeconds(21));                           // the sender may still be on its way into the wait that this ends
            return !flow.IsOpen;
        });
        Assert.Equal(1, bench.Counters.Dropped(SipDropReason.SendTimeout));
        await UdpTests.Until(() => bench.Counters.OpenConnections == 0);
    }

    [Fact]
    public async Task What_is_queued_goes_out_before_the_connection_is_closed()
    {
        await using var bench = await StartAsync(Tcp());
        await using var phone = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        await phone.SendAsync(Options("TCP phone.invalid"));
        await phone.HearAsync();
        var (_, flow) = await bench.NextAsync();
        for (var i = 0; i < 4; i++) Assert.True(flow.Send(Options("TCP us.invalid", $"{i}", body: new string('x', 40_000))));
        flow.Close();
        Assert.False(flow.Send("late"u8));
        for (var i = 0; i < 4; i++) Assert.Equal($"{i}", (await phone.HearAsync()).CallId);
        await phone.ClosedAsync();
    }

    /// <summary>A telephone that says BYE and closes: the request counts, and who only closed its own half gets the answer.</summary>
    [Fact]
    public async Task What_came_before_the_peer_closed_its_half_is_taken_and_answered()
    {
        await using var bench = await StartAsync(Tcp());
        for (var i = 0; i < 20; i++)
        {
            await using var phone = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
            await phone.SendLastAsync(Options("TCP phone.invalid", $"{i}"));
            Assert.Equal($"{i}", (await phone.HearAsync()).CallId);
            await phone.ClosedAsync();
        }
    }

    [Fact]
    public async Task When_the_peer_hangs_up_the_flow_says_so()
    {
        await using var bench = await StartAsync(Tcp());
        var phone = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        await phone.SendAsync(Options("TCP phone.invalid"));
        await phone.HearAsync();
        var (_, flow) = await bench.NextAsync();
        var closed = new TaskCompletionSource();
        flow.Closed += _ => closed.TrySetResult();
        await phone.DisposeAsync();
        await closed.Task.WaitAsync(TestTimeouts.Network);
        Assert.False(flow.Send("late"u8));
        await UdpTests.Until(() => bench.Counters.OpenConnections == 0);
        Assert.False(bench.Layer.TryGetFlow(SipTransportKind.Tcp, flow.Remote, out _));
    }

    [Fact]
    public async Task An_address_has_only_so_many_connections()
    {
        await using var bench = await StartAsync(new SipTransportOptions { Listen = [On(SipTransportKind.Tcp)], ConnectionsPerAddress = 2 });
        var server = bench.EndPoint(SipTransportKind.Tcp);
        await using var first = await StreamPeer.ConnectAsync(server);
        var second = await StreamPeer.ConnectAsync(server);
        foreach (var peer in new[] { first, second })
        {
            await peer.SendAsync(Options("TCP phone.invalid"));
            await peer.HearAsync();
        }
        await StreamPeer.IsRefusedAsync(server);
        await UdpTests.Until(() => bench.Counters.Dropped(SipDropReason.ConnectionRefused) > 0);
        Assert.Equal(1, bench.Counters.Dropped(SipDropReason.ConnectionRefused));
        await second.DisposeAsync();
        await UdpTests.Until(() => bench.Counters.OpenConnections == 1);
        await UdpTests.Until(() => bench.Layer.Gate.Count == 1);
        await using var fourth = await StreamPeer.ConnectAsync(server);
        await fourth.SendAsync(Options("TCP phone.invalid"));
        Assert.Equal(200, (await fourth.HearAsync()).StatusCode);
    }

    [Fact]
    public async Task A_connection_is_opened_once_used_again_and_opened_anew_when_it_was_lost()
    {
        await using var bench = await StartAsync(Tcp());
        using var listener = StreamPeer.Listen(IPAddress.Loopback);
        var trunk = (IPEndPoint)listener.LocalEndPoint!;
        var asked = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => bench.Layer.ConnectAsync(SipTransportKind.Tcp, trunk, null, CancellationToken.None).AsTask()));
        var flow = asked[0]!;
        Assert.All(asked, other => Assert.Same(flow, other));
        Assert.Equal(bench.EndPoint(SipTransportKind.Tcp).ToString(), flow.SentBy);      // where we are reached, not the passing port
        var peer = await StreamPeer.AcceptAsync(listener);
        Assert.True(flow.Send(Options($"TCP {flow.SentBy}")));
        Assert.Equal(SipMethod.Options, (await peer.HearAsync()).Method);
        await peer.SendAsync(Options("TCP trunk.invalid", "back"));
        Assert.Equal("back", (await peer.HearAsync()).CallId);
        var again = bench.Layer.ConnectAsync(SipTransportKind.Tcp, trunk, null, CancellationToken.None);
        Assert.True(again.IsCompletedSuccessfully);
        Assert.Same(flow, await again);

        var closed = new TaskCompletionSource();
        flow.Closed += _ => closed.TrySetResult();
        await peer.DisposeAsync();
        await closed.Task.WaitAsync(TestTimeouts.Network);
        var anew = await bench.Layer.ConnectAsync(SipTransportKind.Tcp, trunk, null, CancellationToken.None);
        Assert.NotNull(anew);
        Assert.NotEqual(flow.Id, anew.Id);
        await using var second = await StreamPeer.AcceptAsync(listener);
    }

    [Fact]
    public async Task A_peer_that_is_not_there_gives_no_flow()
    {
        await using var bench = await StartAsync(Tcp());
        Assert.Null(await bench.Layer.ConnectAsync(SipTransportKind.Tcp, new IPEndPoint(IPAddress.Loopback, FreePorts.Next()), null, CancellationToken.None));
        Assert.Equal(1, bench.Counters.Dropped(SipDropReason.ConnectFailed));
        Assert.Null(await bench.Layer.ConnectAsync(SipTransportKind.Ws, new IPEndPoint(IPAddress.Loopback, 80), null, CancellationToken.None));
    }

    [Fact]
    public async Task A_banned_address_is_cut_off_in_the_middle_of_its_connection()
    {
        await using var bench = await StartAsync(Tcp());
        await using var guesser = await StreamPeer.ConnectAsync(bench.EndPoint(SipTransportKind.Tcp));
        await guesser.SendAsync(Options("TCP phone.invalid"));
        await guesser.HearAsync();
        for (var i = 0; i < 20; i++) bench.Layer.Guard.Failed(IPAddress.Loopback);
        await guesser.SendAsync(Options("TCP phone.invalid", "2"));
        await guesser.ClosedAsync();
        await StreamPeer.IsRefusedAsync(bench.EndPoint(SipTransportKind.Tcp));
        Assert.Equal(1, bench.Counters.Received(SipTransportKind.Tcp));
    }

    private static SipTransportOptions Tcp() => new() { Listen = [On(SipTransportKind.Tcp)] };

    private static SipFlow Flow(TransportBench bench, StreamPeer peer)
    {
        Assert.True(bench.Layer.TryGetFlow(SipTransportKind.Tcp, peer.Local, out var flow));
        return flow;
    }
}
