// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Beffroi.Server.Platform.Identity;

/// <summary>The PIN of a voicemail box or of a line: 4 to 8 digits, kept as PBKDF2-HMAC-SHA256.</summary>
/// <remarks>Four digits are guessed in 10,000 tries whatever the hash: the lock of <see cref="PinLock"/> is the defence, the hash only guards a stolen copy for a while.</remarks>
internal static class Pin
{
    private const int Iterations = 100_000, SaltLength = 16, HashLength = 32;

    public static bool IsValid(string pin) => pin.Length is >= 4 and <= 8 && pin.All(char.IsAsciiDigit);

    /// <summary>PINs that everybody tries first: one digit repeated, a run up or down, or the number it guards.</summary>
    public static bool IsTooEasy(string pin, string number) =>
        pin.Distinct().Count() == 1 || pin == number || "01234567890".Contains(pin, StringComparison.Ordinal) || "09876543210".Contains(pin, StringComparison.Ordinal);

    public static string Hash(string pin)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        var hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(pin), salt, Iterations, HashAlgorithmName.SHA256, HashLength);
        return string.Create(CultureInfo.InvariantCulture, $"{Iterations}.{Convert.ToBase64String(salt)}.{Convert.ToBase64String(hash)}");
    }

    /// <summary><see cref="Verify"/> on a thread of the pool: it takes tens of milliseconds, and a call's script goes on where the digit came in, which may be the media thread.</summary>
    public static Task<bool> VerifyAsync(string pin, string? stored) => Task.Run(() => Verify(pin, stored));

    /// <summary>Constant in time over the digits; false when there is no PIN yet or the stored text is broken.</summary>
    public static bool Verify(string pin, string? stored)
    {
        var parts = stored?.Split('.');
        if (parts is not { Length: 3 } || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations is < 1 or > 10_000_000) return false;
        var (salt, expected) = (new byte[SaltLength], new byte[HashLength]);
        if (!Convert.TryFromBase64String(parts[1], salt, out var saltLength) || saltLength != SaltLength) return false;
        if (!Convert.TryFromBase64String(parts[2], expected, out var hashLength) || hashLength != HashLength) return false;
        var actual = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(pin), salt, iterations, HashAlgorithmName.SHA256, HashLength);
        return CryptographicOperations.FixedTimeEquals(actual, expected);
    }
}
