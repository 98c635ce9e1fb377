// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.Voicemail;

/// <summary>Where voicemail keeps its files: sealed messages and greetings, and recordings while they are made.</summary>
/// <remarks>Threading: any thread; a file belongs to the call or to the keeper that works on its message.</remarks>
internal record VoicemailFolder(string Path)
{
    public string Temporary => System.IO.Path.Combine(Path, "recording");

    /// <summary>The sealed sound of a message or of a box's greeting.</summary>
    public string Sealed(Guid id) => System.IO.Path.Combine(Path, $"{id:N}.sealed");

    /// <summary>A message that the store does not know yet.</summary>
    public string Waiting(Guid id) => System.IO.Path.Combine(Path, $"{id:N}.waiting");

    /// <summary>The recording itself, as the media thread writes it.</summary>
    public string Recording(Guid id) => System.IO.Path.Combine(Temporary, $"{id:N}.wav");

    /// <summary>Whose message the recording becomes, sealed.</summary>
    public string Announced(Guid id) => System.IO.Path.Combine(Temporary, $"{id:N}.announced");

    /// <summary>How many messages the store will never take; an administrator looks at them.</summary>
    public int Aside => Count(Path, "*.aside");

    /// <summary>How many recordings wait for room on the disk.</summary>
    public int Left => Count(Temporary, "*.left");

    /// <summary>Makes the folders; what calls that ended with the process left behind goes, recordings that wait for room stay.</summary>
    public void Make()
    {
        foreach (var folder in new[] { Path, Temporary })
            System.IO.Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var left in System.IO.Directory.EnumerateFiles(Temporary))
            if (!File.Exists(System.IO.Path.ChangeExtension(left, ".left"))) File.Delete(left);
        foreach (var torn in System.IO.Directory.EnumerateFiles(Path, "*.part")) File.Delete(torn);
    }

    /// <summary>In one step, so that a crash leaves the former file or the whole new one. What a full disk let half through is deleted.</summary>
    /// <exception cref="IOException">There is no room.</exception>
    public virtual async Task WriteAsync(string path, byte[] bytes, CancellationToken stop)
    {
        var unique = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            await File.WriteAllBytesAsync(unique, bytes, stop);
            File.Move(unique, path, overwrite: true);
        }
        catch
        {
            File.Delete(unique);
            throw;
        }
    }

    /// <summary>Keeps a recording whose sealed copy found no room; a rename needs none.</summary>
    public void LeaveForLater(Guid id)
    {
        File.Delete(Sealed(id));
        if (File.Exists(Announced(id))) File.Move(Announced(id), System.IO.Path.ChangeExtension(Announced(id), ".left"), overwrite: true);
    }

    /// <summary>Deletes what a recording needed while it was made.</summary>
    public void Forget(Guid id)
    {
        File.Delete(Recording(id));
        File.Delete(Announced(id));
        File.Delete(System.IO.Path.ChangeExtension(Announced(id), ".left"));
    }

    private static int Count(string folder, string pattern) => System.IO.Directory.Exists(folder) ? System.IO.Directory.EnumerateFiles(folder, pattern).Count() : 0;

    public void SetAside(Guid id) => File.Move(Waiting(id), System.IO.Path.ChangeExtension(Waiting(id), ".aside"), overwrite: true);
}
