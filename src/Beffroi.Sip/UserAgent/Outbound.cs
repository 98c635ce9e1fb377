// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>What every request of ours outside a dialog says: to whom, from whom, and which way.</summary>
public abstract record Outbound
{
    /// <summary>Request-URI.</summary>
    public required SipUri Target { get; init; }

    /// <summary>Route headers to start with (outbound proxy, Path of a binding), nearest first.</summary>
    public IReadOnlyList<SipUri> Route { get; init; } = [];

    /// <summary>The flow of a registered binding: the request goes there and nowhere else. A dead flow is refused with 430 (RFC 5626 §5.3).</summary>
    public SipFlow? Flow { get; init; }

    /// <summary>Where to send, in order, instead of resolving <see cref="Route"/> or <see cref="Target"/> (RFC 3263).</summary>
    public IReadOnlyList<SipTarget>? Targets { get; init; }

    public required NameAddress From { get; init; }

    public required NameAddress To { get; init; }

    /// <summary>Call-ID to use; null: a new one.</summary>
    public string? CallId { get; init; }

    /// <summary>Max-Forwards: of a forwarded call one less than it came with, so that loops over several servers end. Default 70.</summary>
    public int MaxForwards { get; init; } = 70;

    /// <summary>Headers beside those that the stack writes.</summary>
    public IReadOnlyList<SipHeader> Headers { get; init; } = [];

    /// <summary>Answers 401 and 407.</summary>
    public DigestCredentials? Credentials { get; init; }

    /// <summary>Where it goes first: RFC 3261 §8.1.2.</summary>
    internal SipUri NextHop => Route.Count > 0 ? Route[0] : Target;
}

/// <summary>User name and password for <c>DigestClient</c>. ToString shows neither.</summary>
public sealed record DigestCredentials(string Username, string Password)
{
    public override string ToString() => "***";
}
