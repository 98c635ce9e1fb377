// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.WebSockets;

namespace Beffroi.Sip.Transport;

/// <summary>Where the web server hands over a WebSocket that it accepted with the subprotocol "sip": RFC 7118 §4.</summary>
public sealed class SipWebSocketEndpoint(SipTransportLayer transport)
{
    /// <summary>The subprotocol to accept, and to insist on.</summary>
    public const string Subprotocol = "sip";

    /// <summary>Serves the connection until it ends; the caller then disposes <paramref name="socket"/>. A connection over the limits is closed at once.</summary>
    /// <param name="remote">The peer; behind a trusted reverse proxy the address that the proxy names.</param>
    /// <param name="secure">It came by wss.</param>
    public async Task RunAsync(WebSocket socket, IPEndPoint local, IPEndPoint remote, bool secure, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var kind = secure ? SipTransportKind.Wss : SipTransportKind.Ws;
        remote = EndPointKey.Plain(remote);
        using var place = transport.Gate.TryEnter(remote.Address);
        if (place is null)
        {
            socket.Abort();
            return;
        }
        var flow = new WebSocketSipFlow(transport.NextId(), kind, EndPointKey.Plain(local), remote, transport.Limits, socket, transport.Reception);
        transport.Connections.Add(flow);
        try { await flow.RunAsync(stop); }
        finally { transport.Connections.Remove(flow); }
    }
}
