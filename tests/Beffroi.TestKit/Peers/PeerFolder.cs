// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.TestKit.Peers;

/// <summary>A folder below the system's temporary one for a peer's settings and recordings, removed with the peer.
/// Set the environment variable KEEP_PEER_FOLDERS=1 to keep it for a look.</summary>
public sealed class PeerFolder : IDisposable
{
    public PeerFolder(string purpose) => Path = Directory.CreateTempSubdirectory($"beffroi-{purpose}-").FullName;

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    public void Dispose()
    {
        if (Environment.GetEnvironmentVariable("KEEP_PEER_FOLDERS") == "1") return;
        try { Directory.Delete(Path, recursive: true); }
        catch (IOException) { }                                     // a peer's last write: the system cleans its temporary folder
    }
}
