// SPDX-License-Identifier: EUPL-1.2
using System.Security.Cryptography;
using System.Text;
using Beffroi.Server.Platform.Configuration;

namespace Beffroi.Server.Platform.Privacy;

/// <summary>Everything that is sealed at rest is sealed under this one key, which the town holds: the file of <c>Data:MasterKey</c>, mode 0600. Secrets that must be shown to somebody else
/// again (a trunk's password) are sealed with it (AES-256-GCM); content (voicemail) has a key derived from it (<see cref="ContentSeal"/>).</summary>
/// <remarks>Without the file, what it sealed is lost: keep a copy apart from the store's. Threading: any thread.</remarks>
public sealed class MasterKey
{
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private readonly byte[] _key;

    /// <exception cref="SettingsException">The file cannot be read or made, or is not a key: it is never overwritten.</exception>
    public MasterKey(ServerSettings server)
    {
        var path = server.MasterKeyFile;
        try
        {
            if (!File.Exists(path)) Make(path);
            _key = File.ReadAllBytes(path);
        }
        catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"The file of Data:MasterKey, {path}, cannot be used ({cannot.Message}): let this user read it, or name another.");
        }

        if (_key.Length != 32) throw new SettingsException($"The file {path} is not a key of 32 bytes: put the right one back from its copy.");
    }

    /// <summary>A key of its own for a use that seals in another form, 32 bytes (HKDF with SHA-256, RFC 5869): the master key itself never leaves this class.</summary>
    public byte[] Derive(string use) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, 32, info: Encoding.UTF8.GetBytes(use));

    /// <summary>Nonce, tag and cipher text. <paramref name="purpose"/> ties it to its place: opened elsewhere, it fails.</summary>
    public byte[] Seal(string secret, string purpose) => Seal(Encoding.UTF8.GetBytes(secret), purpose);

    /// <summary>As the other, for bytes.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plain, string purpose)
    {
        var box = new byte[NonceSize + TagSize + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceSize));
        using var aes = new AesGcm(_key, TagSize);
        aes.Encrypt(box.AsSpan(0, NonceSize), plain, box.AsSpan(NonceSize + TagSize), box.AsSpan(NonceSize, TagSize), Encoding.UTF8.GetBytes(purpose));
        return box;
    }

    /// <summary>Null when it was sealed with another key or for another purpose, or was changed.</summary>
    public string? Open(ReadOnlySpan<byte> box, string purpose) => OpenBytes(box, purpose) is { } plain ? Encoding.UTF8.GetString(plain) : null;

    /// <summary>As the other, for bytes.</summary>
    public byte[]? OpenBytes(ReadOnlySpan<byte> box, string purpose)
    {
        if (box.Length < NonceSize + TagSize) return null;
        var plain = new byte[box.Length - NonceSize - TagSize];
        using var aes = new AesGcm(_key, TagSize);
        try
        {
            aes.Decrypt(box[..NonceSize], box[(NonceSize + TagSize)..], box.Slice(NonceSize, TagSize), plain, Encoding.UTF8.GetBytes(purpose));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        return plain;
    }

    private static void Make(string path)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        file.Write(RandomNumberGenerator.GetBytes(32));
        file.Flush(flushToDisk: true);
    }
}
