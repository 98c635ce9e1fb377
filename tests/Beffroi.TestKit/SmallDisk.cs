// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics;
using System.Globalization;

namespace Beffroi.TestKit;

/// <summary>A disk of a few MiB that a test can fill: a tmpfs, mounted on a folder of its own and unmounted with the test.</summary>
/// <remarks>Only root may mount; where that is not allowed (an ordinary user, a bare container) <see cref="WhyNot"/> says it.</remarks>
public sealed class SmallDisk : IAsyncDisposable
{
    private const string Filler = "filler";

    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    /// <summary>Null: disks can be mounted here, as a trial shows. Else the reason, for a skipped test.</summary>
    public static string? WhyNot
    {
        get
        {
            if (Environment.UserName != "root") return "Only root may mount a small disk to fill.";
            var folder = Directory.CreateTempSubdirectory("beffroi-disk-").FullName;
            try { return Ends("mount", "-t", "tmpfs", "-o", "size=1m", "none", folder) && Ends("umount", folder) ? null : "No disk may be mounted here, so none can be filled."; }
            finally { Directory.Delete(folder); }
        }
    }

    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        var disk = new SmallDisk(Directory.CreateTempSubdirectory("beffroi-disk-").FullName);
        await Must("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "none", disk.Path);
        return disk;
    }

    /// <summary>Writes until nothing more fits.</summary>
    public void Fill()
    {
        using var file = new FileStream(System.IO.Path.Combine(Path, Filler), FileMode.Append, FileAccess.Write, FileShare.None, 0);
        var block = new byte[4096];
        try
        {
            while (true) file.Write(block);
        }
        catch (IOException) { }                                     // full
    }

    /// <summary>Gives the room back.</summary>
    public void MakeRoom() => File.Delete(System.IO.Path.Combine(Path, Filler));

    public async ValueTask DisposeAsync()
    {
        await Must("umount", "--lazy", Path);
        Directory.Delete(Path);
    }

    private static bool Ends(string program, params string[] arguments)
    {
        using var run = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        run.WaitForExit();
        return run.ExitCode == 0;
    }

    private static async Task Must(string program, params string[] arguments)
    {
        var (code, output) = await ChildProcess.RunAsync(program, arguments, TestTimeouts.Network);
        if (code != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {output}");
    }
}
