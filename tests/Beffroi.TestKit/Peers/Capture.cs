// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;

namespace Beffroi.TestKit.Peers;

/// <summary>Packets of named ports on the loopback, kept by tshark and told field by field. Needs the right to capture (root).</summary>
public sealed class Capture : IAsyncDisposable
{
    private readonly PeerFolder _folder;
    private readonly ChildProcess _process;
    private readonly int[] _sipPorts;

    private Capture(PeerFolder folder, ChildProcess process, int[] sipPorts) => (_folder, _process, _sipPorts) = (folder, process, sipPorts);

    /// <summary>Captures TCP and UDP of these ports, which belong to the test itself.</summary>
    public static async Task<Capture> StartAsync(params int[] ports)
    {
        ArgumentOutOfRangeException.ThrowIfZero(ports.Length);
        var folder = new PeerFolder("capture");
        var filter = string.Join(" or ", ports.Select(port => string.Create(CultureInfo.InvariantCulture, $"port {port}")));
        var process = ChildProcess.Start("tshark", ["-i", "lo", "-n", "-w", folder.File("packets.pcap"), "-f", filter], folder.Path);
        await process.LineAsync("Capture started", TestTimeouts.Start);
        return new Capture(folder, process, ports);
    }

    /// <summary>Ends the capture and lists one line per packet that passes <paramref name="display"/> (tshark's language), its fields between tabs.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(string display, params string[] fields)
    {
        await SettlesAsync();
        await _process.StopAsync("INT");
        List<string> arguments = ["-n", "-r", _folder.File("packets.pcap"), "-Y", display, "-T", "fields"];
        foreach (var field in fields) arguments.AddRange(["-e", field]);
        foreach (var port in _sipPorts) arguments.AddRange(["-d", string.Create(CultureInfo.InvariantCulture, $"udp.port=={port},sip")]);
        await using var reader = ChildProcess.Start("tshark", arguments, _folder.Path);
        var code = await reader.ExitAsync(TestTimeouts.Start);
        return code == 0
            ? [.. reader.Lines.Where(line => !line.StartsWith("Running as user", StringComparison.Ordinal) && line.Length > 0)]
            : throw new InvalidOperationException($"tshark ended with {code}:\n{reader.Output}");
    }

    /// <summary>The kernel hands packets over in blocks, up to a second late, and drops an open block when the capture ends.</summary>
    private async Task SettlesAsync()
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(1200));
        var before = -1L;
        for (var after = Size(); after != before; after = Size())
        {
            before = after;
            await look.WaitForNextTickAsync();
        }

        long Size() => new FileInfo(_folder.File("packets.pcap")) is { Exists: true } file ? file.Length : 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }
}
