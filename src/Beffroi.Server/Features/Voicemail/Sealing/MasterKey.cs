// SPDX-License-Identifier: EUPL-1.2
using System.Security.Cryptography;

namespace Beffroi.Server.Features.Voicemail.Sealing;

/// <summary>The key that the town holds: a file of 32 bytes that only the server may read, shared with whatever else is sealed. Who loses it loses every message; who has it and
/// the store reads them all. Voicemail uses a key derived from it (HKDF, RFC 5869), never the key itself.</summary>
public static class MasterKey
{
    public const string FileName = "master.key";

    /// <summary>Reads the key, or makes one when the file is not there, and derives voicemail's own from it.</summary>
    /// <exception cref="InvalidDataException">The file holds something else: it is never overwritten.</exception>
    public static byte[] ReadOrMake(string path)
    {
        if (!File.Exists(path)) Make(path);
        var key = File.ReadAllBytes(path);
        if (key.Length != 32) throw new InvalidDataException($"{path} is not a key of 32 bytes: put the right file back; without it no voicemail message can be opened.");
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "beffroi voicemail"u8.ToArray());
    }

    private static void Make(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Write(RandomNumberGenerator.GetBytes(32));
        file.Flush(flushToDisk: true);
    }
}
