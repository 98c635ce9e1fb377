// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;

namespace Beffroi.Server.Platform.Identity;

/// <summary>Secrets: made, hashed, checked.</summary>
/// <remarks>A password that somebody chose goes through the framework's slow <see cref="PasswordHasher{TUser}"/>. One that this class made
/// has 120 random bits, which no guessing reaches however fast the hash: it is kept as <c>r1$salt$SHA-256(salt, password)</c>, so that twelve thousand are made in a second.</remarks>
public static class Passwords
{
    private const string RandomMark = "r1$";
    private static readonly PasswordHasher<Account> Slow = new();

    /// <summary>24 characters, without those that are mistaken for one another: 120 bits.</summary>
    public static string Make() => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 24);

    /// <summary>For a password of <see cref="Make"/> only.</summary>
    public static string HashMade(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(12);
        return RandomMark + Base64Url.EncodeToString(salt) + "$" + Base64Url.EncodeToString(Salted(salt, password));
    }

    public static string HashChosen(string password) => Slow.HashPassword(null!, password);

    /// <summary>Constant time for a given kind of hash; false for a null one, at the cost of a check so that logins cannot be told apart by time.</summary>
    public static bool Verify(string? hash, string password)
    {
        if (hash is null)
        {
            Slow.HashPassword(null!, password);
            return false;
        }

        if (!hash.StartsWith(RandomMark, StringComparison.Ordinal)) return Slow.VerifyHashedPassword(null!, hash, password) != PasswordVerificationResult.Failed;
        var parts = hash.Split('$');
        return CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(parts[2]), Salted(Base64Url.DecodeFromChars(parts[1]), password));
    }

    private static byte[] Salted(byte[] salt, string password) => SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(password)]);
}

/// <summary>Access tokens: <c>bft_</c> and 43 characters of base64url.</summary>
public static class Tokens
{
    public const string Mark = "bft_";

    /// <summary>How much of a token is shown in lists.</summary>
    public const int PrefixLength = 10;

    public static string Make() => Mark + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
