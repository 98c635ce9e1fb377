// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;

namespace Beffroi.Sip.EventPackages;

/// <summary>The machine of RFC 4235 §3.7.1.</summary>
public enum DialogPhase
{
    Trying,
    Proceeding,
    Early,
    Confirmed,
    Terminated
}

/// <summary>One dialog of a resource, as watchers see it: RFC 4235 §4.1.2. Equal values are told once.</summary>
public sealed record DialogState
{
    /// <summary>Unique within the resource, for the life of the dialog.</summary>
    public required string Id { get; init; }

    public required DialogPhase Phase { get; init; }

    /// <summary>True if the resource made the call, false if it was called.</summary>
    public bool IsInitiator { get; init; }

    /// <summary>Call-ID and tags as the resource sees them; with them a watcher may pick the call up (Replaces, RFC 3891).</summary>
    public string? CallId { get; init; }

    public string? LocalTag { get; init; }

    public string? RemoteTag { get; init; }

    /// <summary>The other party; null leaves it out: watchers then see that somebody calls, not who.</summary>
    public NameAddress? Remote { get; init; }

    public NameAddress? Local { get; init; }

    /// <summary>The resource has put the call on hold: shown as +sip.rendering="no" (RFC 4235 §4.1.6).</summary>
    public bool IsHeld { get; init; }
}
