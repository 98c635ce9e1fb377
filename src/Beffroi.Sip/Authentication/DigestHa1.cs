// SPDX-License-Identifier: EUPL-1.2
using System.Text;

namespace Beffroi.Sip.Authentication;

/// <summary>H(username ":" realm ":" password): what is stored instead of a password. It opens that realm as the password would: keep it as secret.</summary>
public static class DigestHa1
{
    /// <summary>Lower-case hexadecimal: 32 digits for MD5, 64 else.</summary>
    public static string Compute(string username, string realm, string password, DigestAlgorithm algorithm)
    {
        Span<byte> hex = stackalloc byte[64];
        return Encoding.ASCII.GetString(DigestHash.Hex(algorithm, Encoding.UTF8.GetBytes($"{username}:{realm}:{password}"), hex));
    }

    /// <summary>False where SHA-512/256 is missing (no OpenSSL 3): neither store nor offer it then.</summary>
    public static bool IsAvailable(DigestAlgorithm algorithm) => DigestHash.IsAvailable(algorithm);
}
