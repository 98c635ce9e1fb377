// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.TestKit.Peers;

public enum PhoneTransport { Udp, Tcp, Tls }

/// <summary>What a phone needs to register: who it is, and where its registrar listens on the loopback.</summary>
/// <param name="User">SIP user name, also the user part of its address.</param>
/// <param name="Port">The registrar's port for <paramref name="Transport"/>; 0 for a phone that does not register.</param>
/// <param name="CertificateAuthority">PEM file that a TLS phone trusts.</param>
public sealed record PhoneAccount(string User, string Password, int Port, PhoneTransport Transport = PhoneTransport.Udp, string Domain = "127.0.0.1", string? CertificateAuthority = null)
{
    /// <summary>The phone's own address and its registrar's: ::1 when its domain is one of IPv6, else 127.0.0.1.</summary>
    public bool IsIPv6 => Domain.StartsWith('[');

    /// <summary>The same as the host part of a URI.</summary>
    public string Loopback => IsIPv6 ? "[::1]" : "127.0.0.1";

    /// <summary>The word of SIP URIs: udp, tcp, tls.</summary>
    public string TransportName => Transport switch { PhoneTransport.Tcp => "tcp", PhoneTransport.Tls => "tls", _ => "udp" };
}
