// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>An INVITE to send: who calls whom, where it goes, and what the session starts with.</summary>
public sealed record OutboundInvite
{
    /// <summary>Request-URI.</summary>
    public required SipUri Target { get; init; }

    /// <summary>Route headers to start with (outbound proxy, Path of a binding), nearest first.</summary>
    public IReadOnlyList<SipUri> Route { get; init; } = [];

    /// <summary>The flow of a registered binding: the INVITE goes there and nowhere else. A dead flow is refused with 430 (RFC 5626 §5.3).</summary>
    public SipFlow? Flow { get; init; }

    /// <summary>Where to send, in order, instead of resolving <see cref="Route"/> or <see cref="Target"/> (RFC 3263).</summary>
    public IReadOnlyList<SipTarget>? Targets { get; init; }

    /// <summary>From; its tag is replaced by the session's own.</summary>
    public required NameAddress From { get; init; }

    public required NameAddress To { get; init; }

    /// <summary>User part of our Contact; null: that of From.</summary>
    public string? ContactUser { get; init; }

    /// <summary>Call-ID to use; null: a new one.</summary>
    public string? CallId { get; init; }

    /// <summary>Max-Forwards: of a forwarded call one less than it came with, so that loops over several servers end. Default 70.</summary>
    public int MaxForwards { get; init; } = 70;

    /// <summary>Headers beside those of the dialog: P-Asserted-Identity, Diversion, Alert-Info, Replaces...</summary>
    public IReadOnlyList<SipHeader> Headers { get; init; } = [];

    /// <summary>Our offer; null: the peer is asked to offer and the answer goes into the ACK (<see cref="SipSession.AnswerAck"/>).</summary>
    public byte[]? Sdp { get; init; }

    /// <summary>Answers 401 and 407, also inside the dialog.</summary>
    public DigestCredentials? Credentials { get; init; }

    /// <summary>After this long without any response, 100 included, a target is given up and the next one tried, or the outcome is 408; null: after 64·T1 (timer B, RFC 3261 §17.1.1.2).
    /// What the silent target sends later is cancelled, or ended.</summary>
    public TimeSpan? FirstResponseWithin { get; init; }

    /// <summary>After this long without a final response the INVITE is cancelled and the outcome is 408; null: the caller decides.</summary>
    public TimeSpan? RingTimeout { get; init; }
}

/// <summary>User name and password for <c>DigestClient</c>. ToString shows neither.</summary>
public sealed record DigestCredentials(string Username, string Password)
{
    public override string ToString() => "***";
}
