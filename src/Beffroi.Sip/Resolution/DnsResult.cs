// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Resolution;

public enum DnsStatus
{
    Found,
    /// <summary>The name is there, without records of this type.</summary>
    NoData,
    /// <summary>The name is not there.</summary>
    NoName,
    /// <summary>No name server gave an answer.</summary>
    Failed
}

/// <summary>The records of the type asked for, aliases followed.</summary>
public sealed record DnsResult(DnsStatus Status, IReadOnlyList<DnsRecord> Records)
{
    internal static DnsResult Without(DnsStatus status) => new(status, []);
}
