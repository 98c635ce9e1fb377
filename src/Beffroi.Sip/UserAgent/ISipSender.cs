// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>What the core needs of the transports: a way to a peer. Implemented over <see cref="SipTransportLayer"/>, and by a network in memory in tests.</summary>
/// <remarks>Threading: both methods from any thread.</remarks>
public interface ISipSender
{
    /// <summary>A flow to <paramref name="remote"/>: completes synchronously for UDP and for an open connection. Null when it cannot be had.</summary>
    ValueTask<SipFlow?> ConnectAsync(SipTransportKind kind, IPEndPoint remote, string? serverName, CancellationToken stop);

    /// <summary>The open flow to <paramref name="remote"/>, if there is one; UDP always has one.</summary>
    bool TryGetFlow(SipTransportKind kind, IPEndPoint remote, [NotNullWhen(true)] out SipFlow? flow);
}
