// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Beffroi.Sip.Authentication;

/// <summary>The three hashes, written as lower-case hexadecimal digits.</summary>
internal static partial class DigestHash
{
    private const string OpenSsl = "libcrypto.so.3";

    private static readonly Lazy<nint> Sha512_256 = new(LoadSha512_256);

    /// <summary>SHA-512/256 (FIPS 180-4 §6.7: SHA-512 with other initial values, so no cut SHA-512 will do) is not in .NET: it comes from OpenSSL, which .NET itself uses on Debian.</summary>
    public static bool IsAvailable(DigestAlgorithm algorithm) => algorithm != DigestAlgorithm.Sha512_256 || Sha512_256.Value != 0;

    /// <summary>Writes <see cref="DigestAlgorithms.HexLength"/> digits and returns them.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "RFC 3261 §22.4: many telephones know MD5 only; which algorithms are offered is a setting (docs/adr/0006-md5-alone-by-default.md).")]
    public static ReadOnlySpan<byte> Hex(DigestAlgorithm algorithm, scoped ReadOnlySpan<byte> text, Span<byte> hex)
    {
        Span<byte> hash = stackalloc byte[32];
        switch (algorithm)
        {
            case DigestAlgorithm.Md5:
                hash = hash[..MD5.HashData(text, hash)];
                break;
            case DigestAlgorithm.Sha256:
                SHA256.HashData(text, hash);
                break;
            default:
                HashSha512_256(text, hash);
                break;
        }
        Convert.TryToHexStringLower(hash, hex, out var length);
        return hex[..length];
    }

    private static unsafe void HashSha512_256(ReadOnlySpan<byte> text, Span<byte> hash)
    {
        fixed (byte* data = text, digest = hash)
            if (Digest(data, (nuint)text.Length, digest, null, Sha512_256.Value, 0) != 1)
                throw new CryptographicException("OpenSSL refused SHA-512/256.");
    }

    // Fetched once (OpenSSL 3 looks an algorithm up by name at each use otherwise) and kept for the life of the process.
    private static nint LoadSha512_256()
    {
        try
        {
            return Fetch(0, "SHA512-256", 0);
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return 0;
        }
    }

    [LibraryImport(OpenSsl, EntryPoint = "EVP_MD_fetch", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Fetch(nint context, string name, nint properties);

    [LibraryImport(OpenSsl, EntryPoint = "EVP_Digest")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Digest(byte* data, nuint length, byte* digest, uint* size, nint algorithm, nint engine);
}
