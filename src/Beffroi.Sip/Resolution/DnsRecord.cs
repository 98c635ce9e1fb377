// SPDX-License-Identifier: EUPL-1.2
using System.Net;

namespace Beffroi.Sip.Resolution;

/// <summary>The types we ask for and read.</summary>
public enum DnsType : ushort { A = 1, Cname = 5, Soa = 6, Aaaa = 28, Srv = 33, Naptr = 35 }

/// <summary>A resource record. Names are in lower case, without the final dot; <paramref name="Ttl"/> is in seconds, at most 2³¹-1 (RFC 2181 §8).</summary>
public abstract record DnsRecord(string Name, DnsType Type, int Ttl);

/// <summary>A or AAAA: RFC 1035 §3.4.1, RFC 3596.</summary>
public sealed record AddressRecord(string Name, DnsType Type, int Ttl, IPAddress Address) : DnsRecord(Name, Type, Ttl);

public sealed record CnameRecord(string Name, int Ttl, string Target) : DnsRecord(Name, DnsType.Cname, Ttl);

/// <summary><paramref name="Minimum"/> bounds how long an absence is remembered, in seconds: RFC 2308 §5.</summary>
public sealed record SoaRecord(string Name, int Ttl, int Minimum) : DnsRecord(Name, DnsType.Soa, Ttl);

/// <summary>RFC 2782. An empty <paramref name="Target"/> (the root) says that the service is not there.</summary>
public sealed record SrvRecord(string Name, int Ttl, int Priority, int Weight, int Port, string Target) : DnsRecord(Name, DnsType.Srv, Ttl);

/// <summary>RFC 3403 §4. Flags and services in lower case.</summary>
public sealed record NaptrRecord(string Name, int Ttl, int Order, int Preference, string Flags, string Services, string Regexp, string Replacement)
    : DnsRecord(Name, DnsType.Naptr, Ttl);
