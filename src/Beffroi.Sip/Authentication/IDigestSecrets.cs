// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Authentication;

/// <summary>Where the authenticator finds what it compares with. Called on SIP threads: in memory, no wait.</summary>
public interface IDigestSecrets
{
    /// <summary>Fills <paramref name="ha1Hex"/> (32 bytes for MD5, 64 else) with lower-case hexadecimal digits; false for an unknown user, realm or algorithm.</summary>
    bool TryGetHa1(string username, string realm, DigestAlgorithm algorithm, Span<byte> ha1Hex);
}
