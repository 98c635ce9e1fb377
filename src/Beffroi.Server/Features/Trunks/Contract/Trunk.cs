// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json.Serialization;

namespace Beffroi.Server.Features.Trunks.Contract;

/// <summary>How the operator knows us.</summary>
public enum TrunkKind
{
    /// <summary>We register with the operator's proxy and are called there.</summary>
    Registering,

    /// <summary>The operator knows our address.</summary>
    Static,
}

public enum TrunkTransport
{
    Udp,
    Tcp,
    Tls,
}

/// <summary>How numbers are written on the trunk.</summary>
public enum TrunkNumberFormat
{
    /// <summary>+33199000100</summary>
    E164,

    /// <summary>33199000100</summary>
    E164WithoutPlus,

    /// <summary>0199000100, and 00 before other countries</summary>
    National,
}

/// <summary>A way to and from the public network. Immutable; see <see cref="ITrunks"/>.</summary>
public sealed record Trunk
{
    /// <summary>What <see cref="AnswerWithinSeconds"/> is unless set otherwise.</summary>
    public const int UsualAnswerWithinSeconds = 4;

    public required Guid Id { get; init; }

    /// <summary>Unique, as the command line and the history name it.</summary>
    public required string Name { get; init; }

    public required TrunkKind Kind { get; init; }

    /// <summary>The operator's proxy: name (RFC 3263: NAPTR and SRV when there is no port) or address.</summary>
    public required string Host { get; init; }

    /// <summary>0: by SRV, else the transport's default.</summary>
    public int Port { get; init; }

    public required TrunkTransport Transport { get; init; }

    /// <summary>The domain of our address there; empty: <see cref="Host"/>.</summary>
    public string Domain { get; init; } = "";

    /// <summary>Tried in ascending order; the next one on 403, 408, 5xx, silence, or when this one is down or full; for an emergency call, on anything but an answer and busy.</summary>
    public int Order { get; init; }

    /// <summary>For registration and digest, in both directions; empty: none.</summary>
    public string Username { get; init; } = "";

    /// <summary>The sealed secret; see <see cref="ITrunks.SecretOf"/>.</summary>
    [JsonIgnore]
    public byte[] SealedSecret { get; init; } = [];

    /// <summary>Addresses and networks (CIDR) whose calls are taken as this trunk's; those of its registrar are while we are registered there.</summary>
    public IReadOnlyList<string> InboundAddresses { get; init; } = [];

    /// <summary>Calls in must authenticate with the username and secret; then they may come from any address.</summary>
    public bool InboundDigest { get; init; }

    /// <summary>Most calls at once, both directions; 0: no limit. An emergency call goes beyond it, and counts.</summary>
    public int ChannelLimit { get; init; }

    /// <summary>In order of preference: PCMA, PCMU, G722. Empty: what the caller offers.</summary>
    public IReadOnlyList<string> Codecs { get; init; } = ["PCMA", "PCMU"];

    public TrunkNumberFormat NumberFormat { get; init; }

    /// <summary>E.164; presented for a caller without a direct number.</summary>
    public string PresentedNumber { get; init; } = "";

    /// <summary>The organisation whose extensions and groups may be called by their internal numbers in calls in: the trunk leads to another PBX of the town. Such calls ask for no feature
    /// code and go out by no trunk again. null: only direct numbers.</summary>
    public Guid? InternalFor { get; init; }

    /// <summary>Seconds within which the operator must answer a call at all, 100 Trying included, before the next trunk is tried; 0: the protocol's 32 (RFC 3261 timer B).</summary>
    public int AnswerWithinSeconds { get; init; } = UsualAnswerWithinSeconds;

    /// <summary>Seconds between OPTIONS by which a dead trunk is seen; 0: none.</summary>
    public int OptionsPingSeconds { get; init; } = 30;

    /// <summary>Seconds asked for at registration.</summary>
    public int RegisterSeconds { get; init; } = 600;

    public bool Enabled { get; init; } = true;

    public int Version { get; init; }

    public override string ToString() => $"trunk {Name}";
}

/// <summary>All trunks at one moment. Immutable.</summary>
public sealed class TrunksSnapshot
{
    private readonly (IPNetwork Network, Trunk Trunk)[] _inbound;

    public TrunksSnapshot(IEnumerable<Trunk> trunks)
    {
        All = [.. trunks.OrderBy(t => t.Order).ThenBy(t => t.Name, StringComparer.Ordinal)];
        Usable = [.. All.Where(t => t.Enabled)];
        _inbound = [.. Usable.SelectMany(t => t.InboundAddresses.Select(a => (NetworkOf(a), t))).OrderByDescending(p => p.Item1.PrefixLength)];
    }

    /// <summary>In order, disabled ones too.</summary>
    public IReadOnlyList<Trunk> All { get; }

    /// <summary>The enabled ones, in the order in which a call out tries them.</summary>
    public IReadOnlyList<Trunk> Usable { get; }

    public bool TryGet(Guid id, [NotNullWhen(true)] out Trunk? trunk)
    {
        trunk = All.FirstOrDefault(t => t.Id == id);
        return trunk is not null;
    }

    public bool TryGet(string name, [NotNullWhen(true)] out Trunk? trunk)
    {
        trunk = All.FirstOrDefault(t => string.Equals(t.Name, name, StringComparison.OrdinalIgnoreCase));
        return trunk is not null;
    }

    /// <summary>The enabled trunk that a source address belongs to, by the longest prefix. <see cref="Trunk.InboundDigest"/> may ask for more.</summary>
    public bool TryFrom(IPAddress source, [NotNullWhen(true)] out Trunk? trunk)
    {
        if (source.IsIPv4MappedToIPv6) source = source.MapToIPv4();
        foreach (var (network, of) in _inbound)
        {
            if (!network.Contains(source)) continue;
            trunk = of;
            return true;
        }

        trunk = null;
        return false;
    }

    /// <summary>The enabled trunk whose calls in prove themselves by this username (<see cref="Trunk.InboundDigest"/>).</summary>
    public bool TryProving(string username, [NotNullWhen(true)] out Trunk? trunk)
    {
        trunk = Usable.FirstOrDefault(t => t.InboundDigest && string.Equals(t.Username, username, StringComparison.Ordinal));
        return trunk is not null;
    }

    internal static bool IsNetwork(string text) => IPAddress.TryParse(text, out _) || IPNetwork.TryParse(text, out _);

    /// <summary>An address or a network (CIDR) as a network.</summary>
    public static IPNetwork NetworkOf(string text) => IPAddress.TryParse(text, out var one)
        ? new IPNetwork(one, one.GetAddressBytes().Length * 8)
        : IPNetwork.Parse(text);
}
