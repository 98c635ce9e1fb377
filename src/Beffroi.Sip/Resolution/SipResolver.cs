// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.Resolution;

/// <summary>From a URI to the servers of its domain: RFC 3263 §4 (NAPTR, then SRV, then addresses), ordered, with all alternatives for failover.</summary>
/// <remarks>Threading: any thread.</remarks>
public sealed class SipResolver(DnsClient dns, TimeProvider time, SipResolverOptions? options = null) : ISipResolver
{
    private const int MostPenalties = 1024;

    private readonly SipResolverOptions _options = options ?? new SipResolverOptions();
    private readonly ConcurrentDictionary<(SipTransportKind, EndPointKey), long> _failedAt = new();

    public ValueTask<IReadOnlyList<SipTarget>> ResolveAsync(SipUri uri, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (!TryReadTransport(uri, out var wanted)) return ValueTask.FromResult<IReadOnlyList<SipTarget>>([]);
        var host = uri.Parameter("maddr") is { Length: > 0 } maddr ? maddr : uri.Host;
        if (TryReadAddress(host, out var address))
        {
            var kind = wanted ?? Default(uri);
            return ValueTask.FromResult<IReadOnlyList<SipTarget>>([new SipTarget(kind, new IPEndPoint(address, uri.Port > 0 ? uri.Port : kind.DefaultPort()))]);
        }
        return LookUpAsync(uri, DnsClient.Plain(host), wanted, stop);
    }

    /// <summary>This target did not answer, or answered 503: for a while it comes after the others of its domain.</summary>
    public void Failed(in SipTarget target)
    {
        if (_failedAt.Count >= MostPenalties) ForgetOldPenalties();
        if (_failedAt.Count < MostPenalties) _failedAt[Key(target)] = time.GetTimestamp();
    }

    private async ValueTask<IReadOnlyList<SipTarget>> LookUpAsync(SipUri uri, string domain, SipTransportKind? wanted, CancellationToken stop)
    {
        var targets = new List<SipTarget>();
        if (uri.Port > 0 || dns.IsListed(domain))   // §4.2: a port forbids SRV; a name of the hosts file has none
        {
            var kind = wanted ?? Default(uri);
            await AddAddressesAsync(targets, kind, domain, uri.Port > 0 ? uri.Port : kind.DefaultPort(), domain, stop);
            return Ordered(targets);
        }
        foreach (var (offered, name) in await ServicesAsync(uri, domain, wanted, stop))
        {
            var answer = await dns.QueryAsync(name, DnsType.Srv, stop);
            foreach (var server in SrvOrder.Sort(answer.Records.OfType<SrvRecord>().Where(r => r.Target.Length > 0 && r.Port > 0), Draw))
            {
                if (targets.Count >= _options.MostTargets) return Ordered(targets);
                await AddAddressesAsync(targets, offered, server.Target, server.Port, domain, stop);
            }
        }
        if (targets.Count == 0)
        {
            var usual = wanted ?? Default(uri);
            await AddAddressesAsync(targets, usual, domain, usual.DefaultPort(), domain, stop);
        }
        return Ordered(targets);
    }

    /// <summary>The SRV names to ask, in order: RFC 3263 §4.1.</summary>
    private async ValueTask<IReadOnlyList<(SipTransportKind Kind, string Name)>> ServicesAsync(SipUri uri, string domain, SipTransportKind? wanted, CancellationToken stop)
    {
        if (wanted is { } kind) return ServiceName(kind, domain) is { } name ? [(kind, name)] : [];
        var answer = await dns.QueryAsync(domain, DnsType.Naptr, stop);
        var found = new List<(SipTransportKind, string)>();
        foreach (var record in answer.Records.OfType<NaptrRecord>().OrderBy(r => r.Order).ThenBy(r => r.Preference))
        {
            if (record.Flags != "s" || record.Replacement.Length == 0 || ServiceKind(record.Services) is not { } offered) continue;
            if (uri.IsSecure && !offered.IsSecure()) continue;             // §4.1: sips never falls back to less
            found.Add((offered, record.Replacement));
        }
        if (found.Count > 0) return found;
        return uri.IsSecure
            ? [(SipTransportKind.Tls, $"_sips._tcp.{domain}")]
            : [(SipTransportKind.Udp, $"_sip._udp.{domain}"), (SipTransportKind.Tcp, $"_sip._tcp.{domain}"), (SipTransportKind.Tls, $"_sips._tcp.{domain}")];
    }

    private async ValueTask AddAddressesAsync(List<SipTarget> into, SipTransportKind kind, string host, int port, string domain, CancellationToken stop)
    {
        // Both questions go out together.
        var four = _options.UseIPv4 ? dns.QueryAsync(host, DnsType.A, stop) : ValueTask.FromResult(DnsResult.Without(DnsStatus.NoData));
        var six = _options.UseIPv6 ? dns.QueryAsync(host, DnsType.Aaaa, stop) : ValueTask.FromResult(DnsResult.Without(DnsStatus.NoData));
        var (foundFour, foundSix) = (await four, await six);
        var (first, second) = _options.PreferIPv6 ? (foundSix, foundFour) : (foundFour, foundSix);
        foreach (var record in first.Records.Concat(second.Records).OfType<AddressRecord>())
        {
            if (into.Count >= _options.MostTargets) return;
            var target = new SipTarget(kind, new IPEndPoint(record.Address, port), domain);
            if (!into.Contains(target)) into.Add(target);
        }
    }

    /// <summary>Those that failed lately go to the end; the order is kept otherwise.</summary>
    private List<SipTarget> Ordered(List<SipTarget> targets) => _failedAt.IsEmpty ? targets : [.. targets.OrderBy(IsPenalised)];

    private bool IsPenalised(SipTarget target) => _failedAt.TryGetValue(Key(target), out var at) && time.GetElapsedTime(at) < _options.PenaltyFor;

    private void ForgetOldPenalties()
    {
        foreach (var (key, at) in _failedAt)
            if (time.GetElapsedTime(at) >= _options.PenaltyFor) _failedAt.TryRemove(key, out _);
    }

    private static (SipTransportKind, EndPointKey) Key(in SipTarget target) => (target.Kind, EndPointKey.Of(target.Address));

    private static int Draw(int most) => RandomNumberGenerator.GetInt32(most + 1);

    private static SipTransportKind Default(SipUri uri) => uri.IsSecure ? SipTransportKind.Tls : SipTransportKind.Udp;

    /// <summary>The transport that the URI itself names: RFC 3261 §19.1.1. False: one that we do not speak, or no SIP URI.</summary>
    private static bool TryReadTransport(SipUri uri, out SipTransportKind? kind)
    {
        kind = uri.Transport?.ToUpperInvariant() switch
        {
            null => null,
            "UDP" when !uri.IsSecure => SipTransportKind.Udp,
            "TCP" => uri.IsSecure ? SipTransportKind.Tls : SipTransportKind.Tcp,
            "TLS" => SipTransportKind.Tls,          // deprecated by §26.2.2, written by many
            "WS" => uri.IsSecure ? SipTransportKind.Wss : SipTransportKind.Ws,
            "WSS" => SipTransportKind.Wss,
            _ => (SipTransportKind?)byte.MaxValue
        };
        return kind != (SipTransportKind)byte.MaxValue && uri.Scheme is "sip" or "sips" && uri.Host.Length > 0;
    }

    /// <summary>RFC 3263 §4.1 and RFC 7118 §9.2.</summary>
    private static SipTransportKind? ServiceKind(string services) => services switch
    {
        "sip+d2u" => SipTransportKind.Udp,
        "sip+d2t" => SipTransportKind.Tcp,
        "sips+d2t" => SipTransportKind.Tls,
        _ => null
    };

    private static string? ServiceName(SipTransportKind kind, string domain) => kind switch
    {
        SipTransportKind.Udp => $"_sip._udp.{domain}",
        SipTransportKind.Tcp => $"_sip._tcp.{domain}",
        SipTransportKind.Tls => $"_sips._tcp.{domain}",
        _ => null                                   // a WebSocket server cannot be looked up, nor opened from here
    };

    /// <summary>A dotted quad or an IPv6 reference; not the shortened numbers that <see cref="IPAddress"/> also takes.</summary>
    private static bool TryReadAddress(string host, out IPAddress address)
    {
        address = IPAddress.None;
        if (host.Length == 0 || !(host[0] == '[' || host.Contains(':', StringComparison.Ordinal) || (char.IsAsciiDigit(host[^1]) && host.AsSpan().Count('.') == 3))) return false;
        if (!IPAddress.TryParse(host, out var parsed)) return false;
        address = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        return true;
    }
}
