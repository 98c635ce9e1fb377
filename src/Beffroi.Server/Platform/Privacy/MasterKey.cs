// SPDX-License-Identifier: EUPL-1.2
using System.Security.Cryptography;
using System.Text;
using Beffroi.Server.Platform.Configuration;

namespace Beffroi.Server.Platform.Privacy;

/// <summary>Seals secrets that must be shown to somebody else again (a trunk's password): AES-256-GCM under a key that the town holds, the file <c>master.key</c> of the data folder, mode 0600.</summary>
/// <remarks>Without the file, what it sealed is lost: keep a copy apart from the store's. Threading: any thread.</remarks>
public sealed class MasterKey
{
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private readonly byte[] _key;

    /// <exception cref="SettingsException">The file is there but is not a key.</exception>
    public MasterKey(ServerSettings server)
    {
        var path = Path.Combine(server.DataFolder, "master.key");
        if (!File.Exists(path))
        {
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            file.Write(RandomNumberGenerator.GetBytes(32));
            file.Flush(flushToDisk: true);
        }

        _key = File.ReadAllBytes(path);
        if (_key.Length != 32) throw new SettingsException($"The file {path} is not a key of 32 bytes: put the right one back from its copy.");
    }

    /// <summary>Nonce, tag and cipher text. <paramref name="purpose"/> ties it to its place: opened elsewhere, it fails.</summary>
    public byte[] Seal(string secret, string purpose)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var box = new byte[NonceSize + TagSize + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceSize));
        using var aes = new AesGcm(_key, TagSize);
        aes.Encrypt(box.AsSpan(0, NonceSize), plain, box.AsSpan(NonceSize + TagSize), box.AsSpan(NonceSize, TagSize), Encoding.UTF8.GetBytes(purpose));
        return box;
    }

    /// <summary>Null when it was sealed with another key or for another purpose, or was changed.</summary>
    public string? Open(ReadOnlySpan<byte> box, string purpose)
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

        return Encoding.UTF8.GetString(plain);
    }
}
