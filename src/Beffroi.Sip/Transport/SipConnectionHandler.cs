// SPDX-License-Identifier: EUPL-1.2
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Beffroi.Sip.Transport;

/// <summary>Serves one TCP or TLS connection that Kestrel accepted.</summary>
public sealed class SipConnectionHandler(SipTransportLayer transport, SipListenPoint listenPoint) : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (connection.Features.Get<IConnectionSocketFeature>() is { Socket: var socket }) KeepAlive(socket);
        var flow = new PipeSipFlow(
            transport.NextId(), listenPoint.Kind, EndPointKey.Plain(connection.LocalEndPoint), EndPointKey.Plain(connection.RemoteEndPoint),
            listenPoint, transport.Limits, connection.Transport, transport.Reception)
        {
            PeerCertificate = connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate
        };
        using var cut = flow.WhenCut(connection.Abort);
        transport.Connections.Add(flow);
        try { await flow.RunAsync(); }
        finally { transport.Connections.Remove(flow); }
    }

    /// <summary>Finds a peer that vanished without a word, within about two minutes: a kept connection is not watched for idleness.</summary>
    internal static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
        socket.NoDelay = true;
    }
}
