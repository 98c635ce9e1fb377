// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.UserAgent;

/// <summary>A confirmed session written down, so that another process may take it up: plain values, ready for JSON.</summary>
public sealed record SessionSnapshot
{
    public required bool IsOutbound { get; init; }
    public required string CallId { get; init; }
    public required string LocalTag { get; init; }
    public required string RemoteTag { get; init; }

    /// <summary>From and To values with tags, as our requests carry them.</summary>
    public required string Local { get; init; }
    public required string Remote { get; init; }
    public required string RemoteTarget { get; init; }
    public IReadOnlyList<string> RouteSet { get; init; } = [];
    public uint LocalCSeq { get; init; }
    public uint? RemoteCSeq { get; init; }
    public string ContactUser { get; init; } = "";

    /// <summary>How the peer was reached last: "Udp", local and remote address with port; null when there was no flow.</summary>
    public string? FlowKind { get; init; }
    public string? FlowRemote { get; init; }

    /// <summary>Requests go back to <see cref="FlowRemote"/> whatever the remote target says: NAT, or a registered flow.</summary>
    public bool Symmetric { get; init; }

    /// <summary>Our Contact is a sips URI.</summary>
    public bool Sips { get; init; }
    public uint PeerMethods { get; init; }
    public string PeerOptions { get; init; } = "";

    /// <summary>Session interval agreed on (RFC 4028); zero: none.</summary>
    public int SessionExpires_s { get; init; }
    public bool WeRefresh { get; init; }
    public int MinSessionExpires_s { get; init; }

    /// <summary>User name for challenges inside the dialog; the password is not written down: give it back by <see cref="SipSession.Credentials"/>.</summary>
    public string? Username { get; init; }

    /// <summary>Our last session description, when the peer knows no UPDATE and a refresh must repeat it.</summary>
    public byte[]? LocalSdp { get; init; }
}
