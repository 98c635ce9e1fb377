// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text;
using System.Threading.Channels;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beffroi.Sip.Tests.Transport;

/// <summary>A transport layer on free loopback ports under a core that answers every request with 200 and keeps what it saw;
/// the web server runs beneath where TCP, TLS or WebSocket is listened on.</summary>
internal sealed class TransportBench : ISipMessageSink, IAsyncDisposable
{
    private readonly Channel<(SipMessage Message, SipFlow Flow)> _seen = Channel.CreateUnbounded<(SipMessage, SipFlow)>();
    private WebApplication? _web;

    private TransportBench(SipTransportLayer layer) => Layer = layer;

    internal SipTransportLayer Layer { get; }

    internal SipTransportCounters Counters => Layer.Counters;

    /// <summary>Set to false to see what the transport answers by itself.</summary>
    internal bool Answers { get; set; } = true;

    internal static async Task<TransportBench> StartAsync(SipTransportOptions options, TimeProvider? time = null, Action<WebApplication, SipTransportLayer>? map = null)
    {
        var bench = new TransportBench(new SipTransportLayer(options, time ?? TimeProvider.System, NullLoggerFactory.Instance));
        if (map is not null || options.Listen.Any(l => l.Transport != SipTransportKind.Udp)) bench._web = BuildWeb(bench.Layer, map);
        await bench.Layer.StartAsync(bench, CancellationToken.None);
        if (bench._web is not null) await bench._web.StartAsync();
        return bench;
    }

    internal static SipListenOptions On(SipTransportKind kind, string address = "127.0.0.1") =>
        new() { Transport = kind, Address = address, Port = 0 };

    internal IPEndPoint EndPoint(SipTransportKind kind) => Layer.ListenPoints.Single(p => p.Kind == kind).EndPoint;

    /// <summary>The address of the web server's own endpoint.</summary>
    internal Uri WebAddress => new(_web!.Urls.Last());

    public void Receive(SipMessage message, SipFlow flow)
    {
        _seen.Writer.TryWrite((message, flow));
        if (Answers && message.IsRequest) ResponsePath.FlowFor(message, flow, new TransportSender(Layer)).Send(SipResponses.Write(message, 200, null, "us", []));
    }

    internal async Task<(SipMessage Message, SipFlow Flow)> NextAsync()
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        return await _seen.Reader.ReadAsync(limit.Token);
    }

    internal bool SawNothing => _seen.Reader.Count == 0;

    public async ValueTask DisposeAsync()
    {
        await Layer.DisposeAsync();
        if (_web is not null) await _web.DisposeAsync();
    }

    /// <summary>A request as a telephone writes it.</summary>
    internal static byte[] Options(string via, string callId = "call-1", string extra = "", string body = "") => Encoding.UTF8.GetBytes(
        $"OPTIONS sip:mairie@example.org SIP/2.0\r\nVia: SIP/2.0/{via};branch=z9hG4bK-{callId}\r\nMax-Forwards: 70\r\nFrom: <sip:alice@example.org>;tag=a1\r\n" +
        $"To: <sip:mairie@example.org>\r\nCall-ID: {callId}\r\nCSeq: 1 OPTIONS\r\n{extra}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    private static WebApplication BuildWeb(SipTransportLayer layer, Action<WebApplication, SipTransportLayer>? map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenSip(layer);
            if (map is not null) kestrel.Listen(IPAddress.Loopback, 0);
        });
        var web = builder.Build();
        map?.Invoke(web, layer);
        return web;
    }
}
