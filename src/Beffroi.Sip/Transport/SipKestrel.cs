// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Beffroi.Sip.Transport;

/// <summary>Puts the TCP and TLS listen points of SIP on Kestrel.</summary>
public static class SipKestrel
{
    /// <summary>Listens for SIP on the TCP and TLS listen points of <see cref="SipTransportOptions.Listen"/>. Connections count against
    /// <see cref="SipTransportOptions.ConnectionsPerAddress"/> before their handshake begins.</summary>
    /// <remarks>Kestrel binds <c>::</c> for both families: <c>0.0.0.0</c> on the same port is then served by it.</remarks>
    public static void ListenSip(this KestrelServerOptions kestrel, SipTransportLayer transport)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        ArgumentNullException.ThrowIfNull(transport);
        var streams = transport.Options.Listen.Where(l => l.Transport is SipTransportKind.Tcp or SipTransportKind.Tls).ToList();
        foreach (var listen in streams)
        {
            var doubled = listen.EndPoint.Address.Equals(IPAddress.Any) && streams.Any(o => o.Port == listen.Port && o.EndPoint.Address.Equals(IPAddress.IPv6Any));
            if (!doubled) Listen(kestrel, transport, listen);
        }
    }

    /// <summary>HTTPS on a web endpoint by the certificate that SIP over TLS shows: one certificate to renew, and a file that is replaced is taken up within a minute.</summary>
    public static void UseSipCertificate(this ListenOptions endpoint, SipTransportLayer transport)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(transport);
        endpoint.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = transport.Tls.HandshakeTimeout,
            OnConnection = _ => ValueTask.FromResult(transport.Tls.Web())
        });
    }

    private static void Listen(KestrelServerOptions kestrel, SipTransportLayer transport, SipListenOptions listen)
    {
        var point = new SipListenPoint(listen);
        kestrel.Listen(listen.EndPoint, endpoint =>
        {
            point.Bind(() => endpoint.IPEndPoint ?? listen.EndPoint);
            endpoint.Use(next => connection => EnterAsync(transport, next, connection));
            if (listen.Transport == SipTransportKind.Tls)
            {
                endpoint.UseHttps(new TlsHandshakeCallbackOptions
                {
                    HandshakeTimeout = transport.Tls.HandshakeTimeout,
                    OnConnection = _ => ValueTask.FromResult(transport.Tls.Server())
                });
            }
            var handler = new SipConnectionHandler(transport, point);
            endpoint.Run(handler.OnConnectedAsync);
        });
        transport.AddListenPoint(point);
    }

    private static async Task EnterAsync(SipTransportLayer transport, ConnectionDelegate next, ConnectionContext connection)
    {
        using var place = transport.Gate.TryEnter(EndPointKey.Plain(connection.RemoteEndPoint).Address);
        if (place is null) connection.Abort();
        else await next(connection);
    }
}
