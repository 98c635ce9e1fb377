// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>A request outside any dialog: REGISTER to a trunk, OPTIONS to see whether it lives, MESSAGE, NOTIFY without subscription.</summary>
public sealed record OutboundRequest : Outbound
{
    public required SipMethod Method { get; init; }

    /// <summary>CSeq to use with the Call-ID, for a REGISTER that refreshes (RFC 3261 §10.2); 0: a new one. After a challenge the CSeq is one more: see <see cref="SipOutcome.CSeq"/>.</summary>
    public uint CSeq { get; init; }

    /// <summary>User part of a Contact of ours to write (with the address of the flow chosen); null: no Contact is added.</summary>
    public string? ContactUser { get; init; }

    /// <summary>URI parameters of that Contact, each after its semicolon: what comes back with them in a Request-URI is meant for it.</summary>
    public string ContactParameters { get; init; } = "";

    public string? ContentType { get; init; }
    public ReadOnlyMemory<byte> Body { get; init; }
}

/// <summary>How a request ended: exactly one per request.</summary>
/// <param name="Status">200-699. 408: nobody answered; 503: no target could be reached; 430: the given flow is dead. Then <paramref name="Response"/> is null.</param>
/// <param name="Response">The final response, if one came.</param>
/// <param name="Flow">The flow it went over last.</param>
/// <param name="CSeq">The CSeq number used last.</param>
public readonly record struct SipOutcome(int Status, SipMessage? Response, SipFlow? Flow, uint CSeq)
{
    public bool IsSuccess => Status is >= 200 and < 300;
}
