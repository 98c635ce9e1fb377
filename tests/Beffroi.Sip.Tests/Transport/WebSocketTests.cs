// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.TestKit;
using Microsoft.AspNetCore.Builder;
using Xunit;
using static Beffroi.Sip.Tests.Transport.TransportBench;

namespace Beffroi.Sip.Tests.Transport;

public sealed class WebSocketTests
{
    [Fact]
    public async Task A_request_in_pieces_is_answered_in_one_text()
    {
        await using var bench = await StartAsync(new SipTransportOptions(), map: Map);
        using var browser = await ConnectAsync(bench);
        var request = Options("WS df7jal23ls0d.invalid", body: new string('x', 9_000));
        await browser.SendAsync(request.AsMemory(0, 100), WebSocketMessageType.Text, false, CancellationToken.None);
        await browser.SendAsync(request.AsMemory(100), WebSocketMessageType.Text, true, CancellationToken.None);
        var (reply, type) = await HearAsync(browser);
        Assert.Equal(WebSocketMessageType.Text, type);
        Assert.Equal(200, Parse(reply).StatusCode);
        var (message, flow) = await bench.NextAsync();
        Assert.Equal(9_000, message.Body.Length);
        Assert.Equal(("WS", true), (flow.ViaTransport, flow.IsReliable));
        Assert.True(bench.Layer.TryGetFlow(SipTransportKind.Ws, flow.Remote, out var found));
        Assert.Same(flow, found);
    }

    [Fact]
    public async Task A_body_that_is_no_text_goes_as_binary()
    {
        await using var bench = await StartAsync(new SipTransportOptions(), map: Map);
        using var browser = await ConnectAsync(bench);
        await browser.SendAsync(Options("WS df7jal23ls0d.invalid"), WebSocketMessageType.Binary, true, CancellationToken.None);
        await HearAsync(browser);
        var (_, flow) = await bench.NextAsync();
        flow.Send([.. "MESSAGE sip:a@b SIP/2.0\r\n\r\n"u8, 0xFF, 0xFE]);
        Assert.Equal(WebSocketMessageType.Binary, (await HearAsync(browser)).Type);
    }

    [Fact]
    public async Task A_keep_alive_is_answered()
    {
        await using var bench = await StartAsync(new SipTransportOptions(), map: Map);
        using var browser = await ConnectAsync(bench);
        await browser.SendAsync("\r\n\r\n"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        Assert.Equal("\r\n"u8.ToArray(), (await HearAsync(browser)).Bytes);
    }

    [Fact]
    public async Task A_message_over_the_limit_ends_the_connection_with_1009()
    {
        await using var bench = await StartAsync(new SipTransportOptions { MaxMessageBytes = 2000 }, map: Map);
        using var browser = await ConnectAsync(bench);
        await browser.SendAsync(Options("WS x.invalid", body: new string('x', 3000)), WebSocketMessageType.Text, true, CancellationToken.None);
        Assert.Equal(WebSocketMessageType.Close, (await HearAsync(browser)).Type);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, browser.CloseStatus);
        Assert.True(bench.SawNothing);
    }

    [Fact]
    public async Task Closing_says_goodbye_after_what_was_queued()
    {
        await using var bench = await StartAsync(new SipTransportOptions(), map: Map);
        using var browser = await ConnectAsync(bench);
        await browser.SendAsync(Options("WS x.invalid"), WebSocketMessageType.Text, true, CancellationToken.None);
        await HearAsync(browser);
        var (_, flow) = await bench.NextAsync();
        flow.Send(Options("WS us.invalid", "last-words"));
        flow.Close();
        Assert.Equal("last-words", Parse((await HearAsync(browser)).Bytes).CallId);
        Assert.Equal(WebSocketMessageType.Close, (await HearAsync(browser)).Type);
        await browser.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await UdpTests.Until(() => bench.Counters.OpenConnections == 0);
    }

    [Fact]
    public async Task When_the_browser_leaves_the_flow_says_so()
    {
        await using var bench = await StartAsync(new SipTransportOptions(), map: Map);
        using var browser = await ConnectAsync(bench);
        await browser.SendAsync(Options("WS x.invalid"), WebSocketMessageType.Text, true, CancellationToken.None);
        await HearAsync(browser);
        var (_, flow) = await bench.NextAsync();
        var closed = new TaskCompletionSource();
        flow.Closed += _ => closed.TrySetResult();
        browser.Abort();
        await closed.Task.WaitAsync(TestTimeouts.Network);
        await UdpTests.Until(() => bench.Counters.OpenConnections == 0);
    }

    [Fact]
    public async Task An_address_has_only_so_many_connections()
    {
        await using var bench = await StartAsync(new SipTransportOptions { ConnectionsPerAddress = 1 }, map: Map);
        using var first = await ConnectAsync(bench);
        await first.SendAsync(Options("WS x.invalid"), WebSocketMessageType.Text, true, CancellationToken.None);
        await HearAsync(first);
        await Assert.ThrowsAsync<WebSocketException>(async () =>
        {
            using var second = await ConnectAsync(bench);
            await HearAsync(second);
        });
        Assert.Equal(1, bench.Counters.Dropped(SipDropReason.ConnectionRefused));
    }

    private static void Map(WebApplication web, SipTransportLayer layer)
    {
        var endpoint = new SipWebSocketEndpoint(layer);
        web.UseWebSockets();
        web.Run(async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync(SipWebSocketEndpoint.Subprotocol);
            var (local, remote) = (new IPEndPoint(http.Connection.LocalIpAddress!, http.Connection.LocalPort), new IPEndPoint(http.Connection.RemoteIpAddress!, http.Connection.RemotePort));
            await endpoint.RunAsync(socket, local, remote, http.Request.IsHttps, http.RequestAborted);
        });
    }

    private static async Task<ClientWebSocket> ConnectAsync(TransportBench bench)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(SipWebSocketEndpoint.Subprotocol);
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        await socket.ConnectAsync(new UriBuilder(bench.WebAddress) { Scheme = "ws" }.Uri, limit.Token);
        return socket;
    }

    private static async Task<(byte[] Bytes, WebSocketMessageType Type)> HearAsync(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        var buffer = new byte[100_000];
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), limit.Token);
            length += read.Count;
            if (read.EndOfMessage) return (buffer[..length], read.MessageType);
        }
    }

    private static SipMessage Parse(byte[] bytes)
    {
        Assert.True(SipMessage.TryParse(bytes, out var message, out _), Encoding.UTF8.GetString(bytes));
        return message;
    }
}
