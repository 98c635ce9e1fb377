// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>The transports as the core sees them.</summary>
internal sealed class TransportSender(SipTransportLayer transports) : ISipSender
{
    public ValueTask<SipFlow?> ConnectAsync(SipTransportKind kind, IPEndPoint remote, string? serverName, CancellationToken stop) =>
        transports.ConnectAsync(kind, remote, serverName, stop);

    public bool TryGetFlow(SipTransportKind kind, IPEndPoint remote, [NotNullWhen(true)] out SipFlow? flow) => transports.TryGetFlow(kind, remote, out flow);
}
