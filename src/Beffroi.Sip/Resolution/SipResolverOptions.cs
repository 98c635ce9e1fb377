// SPDX-License-Identifier: EUPL-1.2
using System.ComponentModel.DataAnnotations;

namespace Beffroi.Sip.Resolution;

/// <summary>Which targets a domain may give.</summary>
public sealed class SipResolverOptions
{
    public bool UseIPv4 { get; init; } = true;

    /// <summary>Default true: IPv6 addresses of a name follow its IPv4 ones.</summary>
    public bool UseIPv6 { get; init; } = true;

    /// <summary>Try the IPv6 addresses of a name before its IPv4 ones. Default false: over UDP a dead IPv6 path costs half a minute.</summary>
    public bool PreferIPv6 { get; init; }

    /// <summary>Targets of one URI, whatever its domain publishes. Default 16.</summary>
    [Range(1, 256)]
    public int MostTargets { get; init; } = 16;

    /// <summary>How long a target that failed is tried last. Default 30 s (RFC 3263 §4.3 leaves it open).</summary>
    public TimeSpan PenaltyFor { get; init; } = TimeSpan.FromSeconds(30);
}
