// SPDX-License-Identifier: EUPL-1.2
using System.Security.Cryptography;

namespace Beffroi.Server.Features.Voicemail.Sealing;

/// <summary>The key that the town holds: 256 bits in base64, in a file that only the server may read. Who loses it loses every message; who has it and the store reads them all.</summary>
public static class MasterKey
{
    public const string FileName = "master.key";

    /// <summary>Reads the key, or makes one when the file is not there.</summary>
    /// <exception cref="InvalidDataException">The file holds something else: it is never overwritten.</exception>
    public static byte[] ReadOrMake(string path)
    {
        if (!File.Exists(path)) Make(path);
        var text = File.ReadAllText(path).Trim();
        var key = new byte[32];
        if (!Convert.TryFromBase64String(text, key, out var length) || length != key.Length)
            throw new InvalidDataException($"{path} does not hold a key of 256 bits in base64: put the right file back; without it no voicemail message can be opened.");
        return key;
    }

    private static void Make(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        using var writer = new StreamWriter(file);
        writer.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
    }
}
