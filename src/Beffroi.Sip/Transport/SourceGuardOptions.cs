// SPDX-License-Identifier: EUPL-1.2
using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Beffroi.Sip.Transport;

/// <summary>Limits per source address; an IPv6 source is its /64.</summary>
public sealed class SourceGuardOptions
{
    /// <summary>Requests per second from one address, in the long run. Default 10,000: thousands of telephones, or a whole edge proxy, may be behind one address.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; init; } = 10_000;

    /// <summary>Requests at once. Default 20,000: the same telephones when their power comes back.</summary>
    [Range(1, 10_000_000)]
    public int Burst { get; init; } = 20_000;

    /// <summary>Failures within <see cref="FailureMemory"/> that ban an address, or restrain one from which a device authenticated within the last hour. Default 20.</summary>
    [Range(1, 1_000_000)]
    public int FailuresToBan { get; init; } = 20;

    /// <summary>Challenges per second that a restrained address still gets, so that an honest telephone behind it can register. Default 20.</summary>
    [Range(1, 100_000)]
    public int RestrainedChallengesPerSecond { get; init; } = 20;

    /// <summary>Failures fade evenly over this time. Default 10 min.</summary>
    public TimeSpan FailureMemory { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Length of the first ban; each further one lasts twice as long, up to a day. Default 10 min.</summary>
    public TimeSpan Ban { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Addresses remembered, about 200 bytes each. Those beyond share one allowance. Default 65,536.</summary>
    [Range(16, 10_000_000)]
    public int MaxSources { get; init; } = 65_536;

    /// <summary>Networks without rate or ban ("192.0.2.0/24"): operators' trunks.</summary>
    public IList<string> Trusted { get; init; } = [];

    /// <summary>User-Agent values that begin with one of these are not answered, whatever the case of letters.</summary>
    public IList<string> Scanners { get; init; } =
        ["friendly-scanner", "friendly-request", "sipvicious", "sundayddr", "sip-scan", "sipscan", "iWar", "sipcli", "pplsip", "SIVuS", "smap", "Gulp"];

    internal IEnumerable<string> Problems()
    {
        foreach (var network in Trusted)
            if (!IPNetwork.TryParse(network, out _)) yield return $"Guard: Trusted '{network}' is not a network. Write it as 192.0.2.0/24.";
        if (Ban <= TimeSpan.Zero || FailureMemory <= TimeSpan.Zero) yield return "Guard: Ban and FailureMemory must be longer than zero.";
    }
}
