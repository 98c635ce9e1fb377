// SPDX-License-Identifier: EUPL-1.2
using System.Text;

namespace Beffroi.Sip.Authentication;

/// <summary>Hash of a digest, weakest first: RFC 2617, RFC 8760. The "-sess" variants are neither offered nor taken.</summary>
public enum DigestAlgorithm
{
    Md5,
    Sha256,
    Sha512_256
}

public static class DigestAlgorithms
{
    /// <summary>"SHA-256", as it stands in a challenge.</summary>
    public static string Token(this DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Md5 => "MD5",
        DigestAlgorithm.Sha256 => "SHA-256",
        _ => "SHA-512-256"
    };

    /// <summary>Length of a hash in hexadecimal digits: 32 or 64.</summary>
    public static int HexLength(this DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Md5 ? 32 : 64;

    /// <summary>An absent algorithm is MD5: RFC 7616 §3.3.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> token, out DigestAlgorithm algorithm)
    {
        algorithm = DigestAlgorithm.Md5;
        if (token.IsEmpty || Ascii.EqualsIgnoreCase(token, "MD5"u8)) return true;
        algorithm = DigestAlgorithm.Sha256;
        if (Ascii.EqualsIgnoreCase(token, "SHA-256"u8)) return true;
        algorithm = DigestAlgorithm.Sha512_256;
        return Ascii.EqualsIgnoreCase(token, "SHA-512-256"u8) && DigestHash.IsAvailable(algorithm);
    }
}
