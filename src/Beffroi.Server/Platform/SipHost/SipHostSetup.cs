// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using Beffroi.Media;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Live;
using Beffroi.Sip.Resolution;
using Beffroi.Sip.Timers;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Beffroi.Server.Platform.SipHost;

/// <summary>Plugs the SIP stack and the media engine into the server.</summary>
public static class SipHostSetup
{
    public static void AddSipHost(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (server, settings) = (builder.Server(), builder.Settings());
        var services = builder.Services;
        services.AddSingleton(Transport(server, settings));
        services.AddSingleton(Media(server, settings));
        services.AddSingleton(new SipStackOptions
        {
            SessionExpires = settings.Seconds("Sip:SessionExpires", 1800, 90, 86_400),
            LargeRequestsByTcp = settings.OneOf("Sip:LargeRequests", "tcp", "tcp", "udp") == "tcp" && server.SipListen.Any(uri => uri.Scheme == "tcp"),
            Product = settings.Text("Sip:Product", "Beffroi"),
        });
        services.AddSingleton<SipTransportLayer>();
        services.AddSingleton<TimingWheel>();
        services.AddSingleton(new DnsClientOptions { Servers = [.. settings.List("Sip:NameServers", "").Select(NameServer)] });
        services.AddSingleton<DnsClient>();
        services.AddSingleton<ISipResolver, SipResolver>();
        services.AddSingleton<SipStack>(p => new SipStack(
            p.GetRequiredService<SipStackOptions>(), p.GetRequiredService<SipTransportLayer>(), p.GetRequiredService<ISipResolver>(),
            p.GetRequiredService<TimingWheel>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<MediaEngine>();
        services.AddSingleton<LocalAddresses>();
        services.AddSingleton<OwnDomains>();
        services.AddSingleton<SipHost>();
        services.AddHostedService(p => p.GetRequiredService<SipHost>());
        services.AddMetrics<SipMetrics>();
        services.AddMetrics<MediaMetrics>();
        services.AddOptions<KestrelServerOptions>().Configure<SipTransportLayer>((kestrel, transport) =>
        {
            // Endpoints in code switch Kestrel's own reading of Urls off, so both are put there.
            foreach (var url in server.Urls) kestrel.ListenWeb(url, transport);
            kestrel.ListenSip(transport);
        });
    }

    /// <summary>SIP over WebSocket at <c>/sip</c> (RFC 7118).</summary>
    public static void UseSipHost(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseWebSockets();
        app.Map("/sip", async (HttpContext http, SipTransportLayer transport) =>
        {
            if (!http.WebSockets.IsWebSocketRequest || !http.WebSockets.WebSocketRequestedProtocols.Contains(SipWebSocketEndpoint.Subprotocol))
            {
                http.Response.StatusCode = StatusCodes.Status400BadRequest;
                return;
            }

            using var socket = await http.WebSockets.AcceptWebSocketAsync(SipWebSocketEndpoint.Subprotocol);
            var connection = http.Connection;
            await new SipWebSocketEndpoint(transport).RunAsync(
                socket,
                new IPEndPoint(connection.LocalIpAddress ?? IPAddress.Loopback, connection.LocalPort),
                new IPEndPoint(connection.RemoteIpAddress ?? IPAddress.None, connection.RemotePort),
                http.Request.IsHttps,
                http.RequestAborted);
        }).AllowAnonymous().ExcludeFromDescription();
    }

    private static void ListenWeb(this KestrelServerOptions kestrel, string url, SipTransportLayer transport)
    {
        var address = BindingAddress.Parse(url);
        void Secure(ListenOptions endpoint)
        {
            if (address.Scheme == Uri.UriSchemeHttps) endpoint.UseSipCertificate(transport);
        }

        if (address.Host == "localhost") kestrel.ListenLocalhost(address.Port, Secure);
        else if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip)) kestrel.Listen(ip, address.Port, Secure);
        else kestrel.ListenAnyIP(address.Port, Secure);
    }

    private static SipTransportOptions Transport(ServerSettings server, Settings settings)
    {
        var advertised = settings.Optional("Sip:AdvertisedHost") is { } host ? ServerSettings.HostName("Sip:AdvertisedHost", host) : null;
        var options = new SipTransportOptions
        {
            Listen = [.. server.SipListen.Select(uri => new SipListenOptions
            {
                Transport = uri.Scheme switch { "udp" => SipTransportKind.Udp, "tls" => SipTransportKind.Tls, _ => SipTransportKind.Tcp },
                Address = uri.Host.Trim('[', ']'),
                Port = uri.Port,
                AdvertisedHost = advertised,
            })],
            WebUsesTls = server.Urls.Any(url => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase)),
            Tls = new SipTlsOptions
            {
                CertificateFile = settings.Optional("Sip:Tls:Certificate"),
                KeyFile = settings.Optional("Sip:Tls:Key"),
                Password = settings.Optional("Sip:Tls:Password"),
                TrustedRootsFile = settings.Optional("Sip:Tls:TrustedRoots"),
                DataFolder = server.DataFolder,
                Names = [.. server.SipDomains],
                ClientCertificate = Enum.Parse<ClientCertificateMode>(settings.OneOf("Sip:Tls:ClientCertificate", "None", "None", "Request", "Require")),
                VerifyServers = settings.Flag("Sip:Tls:VerifyServers", true),
            },
            Guard = new SourceGuardOptions
            {
                RequestsPerSecond = settings.Number("Sip:Guard:RequestsPerSecond", 10_000, 1, 1_000_000),
                Burst = settings.Number("Sip:Guard:Burst", 20_000, 1, 10_000_000),
                FailuresToBan = settings.Number("Sip:Guard:FailuresToBan", 20, 1, 1_000_000),
                Trusted = [.. settings.List("Sip:Guard:Trusted", "")],
                Scanners = [.. settings.List("Sip:Guard:Scanners", string.Join(';', new SourceGuardOptions().Scanners))],
            },
        };
        return options.Problems().FirstOrDefault() is { } problem ? throw new SettingsException("Sip:" + problem) : options;
    }

    private static IPEndPoint NameServer(string text) => IPEndPoint.TryParse(text, out var server)
        ? new IPEndPoint(server.Address, server.Port == 0 ? 53 : server.Port)
        : throw Settings.Wrong("Sip:NameServers", text, "addresses of name servers, such as 192.0.2.53 or 192.0.2.53:5353");

    private static MediaOptions Media(ServerSettings server, Settings settings)
    {
        var advertised = Address(settings, "Media:Advertised", "an IP address that phones and trunks can reach");
        if (advertised is null && server.MediaAddress.Equals(IPAddress.Any))
            throw new SettingsException("Media:Address is 0.0.0.0, so Media:Advertised must say to which address phones and trunks shall send their sound.");
        return new MediaOptions
        {
            Address = server.MediaAddress,
            Address6 = Address(settings, "Media:Address6", "an IPv6 address of this machine", AddressFamily.InterNetworkV6),
            Advertised = advertised,
            FirstPort = server.MediaPorts.First,
            LastPort = server.MediaPorts.Last,
            Threads = settings.Number("Media:Threads", 0, 0, 64),
            MediaTimeout = settings.Seconds("Media:Timeout", 60, 0, 86_400),
        };
    }

    private static IPAddress? Address(Settings settings, string key, string wanted, AddressFamily? family = null) => settings.Optional(key) is not { } text
        ? null
        : IPAddress.TryParse(text, out var address) && (family is null || address.AddressFamily == family) ? address : throw Settings.Wrong(key, text, wanted);
}
