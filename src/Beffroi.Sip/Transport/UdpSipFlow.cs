// SPDX-License-Identifier: EUPL-1.2
using System.Net;

namespace Beffroi.Sip.Transport;

/// <summary>The pair of our UDP socket and one peer.</summary>
/// <remarks>Threading: any thread; a send is one system call on the caller's thread.</remarks>
internal sealed class UdpSipFlow : SipFlow
{
    private readonly UdpEndpoint _endpoint;
    private readonly byte[] _address;              // the peer's sockaddr, made once

    internal UdpSipFlow(long id, UdpEndpoint endpoint, IPEndPoint remote)
        : base(id, SipTransportKind.Udp, endpoint.Local, remote, endpoint.ListenPoint)
    {
        _endpoint = endpoint;
        var address = remote.Serialize();
        _address = address.Buffer[..address.Size].ToArray();
    }

    /// <summary>Used since the last sweep of the table.</summary>
    internal bool IsRecent { get; set; } = true;

    public override bool Send(ReadOnlySpan<byte> message) => IsOpen && _endpoint.Send(message, _address);

    public override void Close()
    {
    }

    internal void SocketClosed() => MarkClosed();
}
