// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.TestKit;

/// <summary>The 49 torture messages of RFC 4475, byte for byte.</summary>
public static class Rfc4475
{
    private const string Folder = "rfc4475/";

    /// <summary>Their names, as the RFC gives them: "wsinv", "intmeth"…</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. typeof(Rfc4475).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Select(name => name[Folder.Length..]).Order()];

    public static byte[] Read(string name)
    {
        using var stream = typeof(Rfc4475).Assembly.GetManifestResourceStream(Folder + name) ?? throw new ArgumentException($"RFC 4475 has no message {name}.", nameof(name));
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
