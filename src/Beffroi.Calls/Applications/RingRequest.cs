// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;
using Beffroi.Media.Sdp;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Calls.Applications;

/// <summary>One device or one trunk to ring.</summary>
public sealed record RingTarget
{
    /// <summary>Who is rung, for the history and for pickup.</summary>
    public required CallParty Party { get; init; }

    /// <summary>The request URI: a binding's contact, or the number at a trunk's proxy.</summary>
    public required SipUri Uri { get; init; }

    /// <summary>The registered flow to reuse; null: resolve (RFC 3263).</summary>
    public SipFlow? Flow { get; init; }

    /// <summary>Route set: the binding's Path (RFC 3327) or a trunk's outbound proxy.</summary>
    public IReadOnlyList<SipUri> Route { get; init; } = [];

    public required NameAddress From { get; init; }

    public required NameAddress To { get; init; }

    /// <summary>P-Asserted-Identity, Privacy, Diversion, History-Info, Alert-Info...</summary>
    public IReadOnlyList<SipHeader> Headers { get; init; } = [];

    public DigestCredentials? Credentials { get; init; }

    public CodecPolicy? Codecs { get; init; }

    /// <summary>What to give back when the leg ends: a trunk's channel.</summary>
    public IDisposable? Channel { get; init; }

    /// <summary>It is rung even if the caller asked for TLS on every hop (a sips URI) and there is none to it: emergency calls.</summary>
    public bool EvenInsecure { get; init; }

    /// <summary>TLS leads to the very device: its URI is sips, or nothing stands between it and a TLS connection.</summary>
    internal bool IsSecure => Uri.IsSecure || (Route.Count == 0 && (Flow is { } flow ? flow.Kind.IsSecure() : Uri.Transport is "tls" or "wss"));

    /// <summary>Given up when nothing at all came back within this time (RFC 3261 timer B, 32 s, is the longest): another trunk waits.</summary>
    public TimeSpan? FirstResponseWithin { get; init; }

    /// <summary>Sound from before the answer is worth hearing: trunks.</summary>
    public bool EarlyMedia { get; init; }
}

/// <summary>Whom to ring, for how long, and what the caller hears meanwhile.</summary>
public sealed record RingRequest
{
    public required IReadOnlyList<RingTarget> Targets { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>Played to the caller in a loop while it rings when the caller is answered already or early media is wanted; null: ringing tone.</summary>
    public AudioClip? WhileRinging { get; init; }

    /// <summary>Play <see cref="WhileRinging"/> as early media even before the answer.</summary>
    public bool PlayEarly { get; init; }

    /// <summary><see cref="WhileRinging"/> is what the script plays in a loop already; it goes on through this ringing and past its end, until the caller is connected or
    /// the script stops it: the rounds of a group are one ringing to the caller.</summary>
    public bool SoundGoesOn { get; init; }

    /// <summary>302 of a target ends the ringing with <see cref="RingResult.Deflected"/>. False: it is that target's refusal and the others go on ringing.</summary>
    public bool FollowsDeflection { get; init; } = true;
}

/// <summary>How a ringing ended.</summary>
public enum RingResult
{
    Answered,
    NoAnswer,
    Busy,

    /// <summary>603 or 4xx of the sort that means no.</summary>
    Declined,

    /// <summary>Nothing registered, 404, 480, 5xx, no way to the peer.</summary>
    Unreachable,

    /// <summary>302: the device sends the call elsewhere, <see cref="RingOutcome.DeflectedTo"/>.</summary>
    Deflected,

    /// <summary>The ringing was stopped by its script, or the call was taken by somebody else.</summary>
    Stopped,
}

/// <param name="Result">What came of it.</param>
/// <param name="Status">The best final status seen (RFC 3261 §16.7), 200 when answered, 408 on time-out.</param>
/// <param name="By">Who answered, declined or deflected.</param>
/// <param name="DeflectedTo">User part of the 302's first contact.</param>
public sealed record RingOutcome(RingResult Result, int Status, CallParty? By = null, string? DeflectedTo = null);
