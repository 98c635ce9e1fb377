// SPDX-License-Identifier: EUPL-1.2
using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Beffroi.Sip.Resolution;

/// <summary>How names are looked up.</summary>
public sealed class DnsClientOptions
{
    /// <summary>Name servers, instead of those of <see cref="ResolvConf"/>.</summary>
    public IList<IPEndPoint> Servers { get; init; } = [];

    /// <summary>Read again when it changes.</summary>
    public string ResolvConf { get; init; } = "/etc/resolv.conf";

    /// <summary>Read again when it changes; asked before the name servers.</summary>
    public string Hosts { get; init; } = "/etc/hosts";

    /// <summary>Time for one server's answer, UDP or TCP. Default 1.5 s: a dead first server must not cost the caller's patience.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How often the list of servers is gone through. Default 2.</summary>
    [Range(1, 10)]
    public int Rounds { get; init; } = 2;

    /// <summary>Answers kept. Default 4,096.</summary>
    [Range(16, 1_000_000)]
    public int CacheEntries { get; init; } = 4096;

    /// <summary>Longest time that an answer is kept. Default 1 day.</summary>
    public TimeSpan LongestTtl { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Longest time that an absence is kept. Default 5 min (RFC 2308 §5 allows 3 hours).</summary>
    public TimeSpan LongestAbsence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a failure of all servers is kept, so that each call does not wait for it anew. Default 5 s (RFC 2308 §7).</summary>
    public TimeSpan FailureTtl { get; init; } = TimeSpan.FromSeconds(5);
}
