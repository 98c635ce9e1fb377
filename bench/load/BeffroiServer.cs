// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics.Tracing;
using System.Globalization;
using Beffroi.TestKit;
using Microsoft.Diagnostics.NETCore.Client;

namespace Beffroi.Load;

/// <summary>Beffroi as it is delivered: media anchored, history written, on the embedded store, with load users beside the demo town.
/// The limit of requests per source is raised, since all users of the load come from one address.</summary>
public sealed class BeffroiServer() : LoadedServer("Beffroi")
{
    /// <summary>The runtime collects its whole heap when somebody asks for these events.</summary>
    private const long GCHeapCollect = 0x80_0000;

    private readonly int _web = FreePorts.Next();

    /// <summary>Bytes of the managed heap that are alive: after a collection of all of it.</summary>
    public async Task<long> LiveHeapAsync()
    {
        using (var session = await new DiagnosticsClient(Process!.Id).StartEventPipeSessionAsync(
            new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, GCHeapCollect), requestRundown: false, token: CancellationToken.None))
        {
            await session.StopAsync(CancellationToken.None);
        }

        using var http = new HttpClient();
        var figures = await http.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_web}/metrics")));
        return (long)double.Parse(figures.Split('\n').First(line => line.StartsWith("beffroi_gc_heap_bytes ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public override async Task StartAsync(int users)
    {
        string[] arguments =
        [
            Path.GetFullPath("src/Beffroi.Server/bin/Release/net10.0/Beffroi.Server.dll"), string.Create(CultureInfo.InvariantCulture, $"--Urls=http://127.0.0.1:{_web}"),
            string.Create(CultureInfo.InvariantCulture, $"--Sip:Listen=udp://127.0.0.1:{SipPort}"), $"--Data:Folder={Folder.Path}",
            "--Media:Address=127.0.0.1", "--Media:Ports=24000-59999", "--Sip:Guard:RequestsPerSecond=1000000", "--Logging:LogLevel:Default=Warning", string.Create(CultureInfo.InvariantCulture, $"--Demo:Users={users}"),
        ];
        Process = ChildProcess.Start("dotnet", arguments, Directory.GetCurrentDirectory(), new Dictionary<string, string> { ["DOTNET_GCgen0size"] = Environment.GetEnvironmentVariable("DOTNET_GCgen0size") ?? "0x1000000" });
        await Ready.HttpAsync(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_web}/health/ready"), Process, TimeSpan.FromMinutes(4));
        var accounts = await File.ReadAllLinesAsync(Folder.File("demo-accounts.csv"));
        Users = [.. accounts.Skip(1).Select(line => line.Split(';')).Where(fields => fields[0].Length == 5).Select(fields => new LoadUser(fields[0], fields[1], fields[2])).Take(users)];
    }
}
