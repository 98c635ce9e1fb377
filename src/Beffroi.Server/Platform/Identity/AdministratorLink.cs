// SPDX-License-Identifier: EUPL-1.2
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Beffroi.Server.Platform.Identity;

/// <summary>The one-time link by which the first administrator comes in: 256 random bits, one use, 24 hours, kept in memory only.</summary>
/// <remarks>Threading: any thread.</remarks>
public sealed class AdministratorLink(TimeProvider time)
{
    public static TimeSpan Lifetime => TimeSpan.FromHours(24);

    private readonly Lock _lock = new();
    private byte[]? _code;
    private DateTimeOffset _ends;

    /// <summary>A new code; an older one is void.</summary>
    public string Make()
    {
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        lock (_lock) (_code, _ends) = (SHA256.HashData(Encoding.ASCII.GetBytes(code)), time.GetUtcNow() + Lifetime);
        return code;
    }

    /// <summary>True once for the right code.</summary>
    public bool Use(string code)
    {
        lock (_lock)
        {
            if (_code is null || time.GetUtcNow() > _ends || !CryptographicOperations.FixedTimeEquals(_code, SHA256.HashData(Encoding.UTF8.GetBytes(code)))) return false;
            _code = null;
            return true;
        }
    }
}
