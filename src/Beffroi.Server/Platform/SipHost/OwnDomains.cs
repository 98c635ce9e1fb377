// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using System.Net;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Server.Platform.SipHost;

/// <summary>Which addresses are ours: the configured domains and every address listened on, those of the whole machine where that is any (RFC 3261 §16.4).</summary>
/// <remarks>Threading: any thread.</remarks>
public sealed class OwnDomains(ServerSettings server, SipTransportLayer transport, LocalAddresses addresses)
{
    private readonly FrozenSet<string> _names = server.SipDomains.Concat(server.SipListen.Select(l => l.Host.Trim('[', ']'))).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    private readonly bool _any = server.SipListen.Any(l => IPAddress.TryParse(l.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));

    /// <summary>The digest realm and the domain of our addresses.</summary>
    public string Realm { get; } = server.Realm;

    /// <summary>The request is for this server and not to be relayed elsewhere.</summary>
    public bool IsOwn(SipUri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        var host = uri.Host.Trim('[', ']');
        if (_names.Contains(host)) return true;
        if (_any && IPAddress.TryParse(host, out var ip) && addresses.Contains(ip)) return true;
        return transport.ListenPoints.Any(p => host.Equals(p.AdvertisedHost, StringComparison.OrdinalIgnoreCase));
    }
}
