// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.UserAgent;

/// <summary>An INVITE to send: who calls whom, where it goes, and what the session starts with. The tag of From is replaced by the session's own; the credentials serve
/// inside the dialog too.</summary>
public sealed record OutboundInvite : Outbound
{
    /// <summary>User part of our Contact; null: that of From.</summary>
    public string? ContactUser { get; init; }

    /// <summary>Our offer; null: the peer is asked to offer and the answer goes into the ACK (<see cref="SipSession.AnswerAck"/>).</summary>
    public byte[]? Sdp { get; init; }

    /// <summary>After this long without a final response the INVITE is cancelled and the outcome is 408; null: the caller decides.</summary>
    public TimeSpan? RingTimeout { get; init; }

    /// <summary>After this long without any response, 100 included, a target is given up and the next one tried, or the outcome is 408; null: after 64·T1 (timer B, RFC 3261 §17.1.1.2).
    /// What the silent target sends later is cancelled, or ended.</summary>
    public TimeSpan? FirstResponseWithin { get; init; }
}
