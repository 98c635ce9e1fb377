// SPDX-License-Identifier: EUPL-1.2
using System.Net;

namespace Beffroi.Sip.Transport;

/// <summary>One place to send a request to: RFC 3263 §4. <paramref name="ServerName"/> is the domain that the peer's certificate must name
/// (RFC 5922 §4); null when the URI held an address.</summary>
public readonly record struct SipTarget(SipTransportKind Kind, IPEndPoint Address, string? ServerName = null);
