// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.TestKit;

namespace Beffroi.Load;

/// <summary>Beffroi as it is delivered: media anchored, history written, on the embedded store, with load users beside the demo town.
/// The limit of requests per source is raised, since all users of the load come from one address.</summary>
public sealed class BeffroiServer() : LoadedServer("Beffroi")
{
    public override async Task StartAsync(int users)
    {
        var web = FreePorts.Next();
        string[] arguments =
        [
            Path.GetFullPath("src/Beffroi.Server/bin/Release/net10.0/Beffroi.Server.dll"), string.Create(CultureInfo.InvariantCulture, $"--Urls=http://127.0.0.1:{web}"),
            string.Create(CultureInfo.InvariantCulture, $"--Sip:Listen=udp://127.0.0.1:{SipPort}"), $"--Data:Folder={Folder.Path}",
            "--Media:Address=127.0.0.1", "--Media:Ports=24000-59999", "--Sip:Guard:RequestsPerSecond=1000000", "--Logging:LogLevel:Default=Warning", string.Create(CultureInfo.InvariantCulture, $"--Demo:Users={users}"),
        ];
        Process = ChildProcess.Start("dotnet", arguments, Directory.GetCurrentDirectory(), new Dictionary<string, string> { ["DOTNET_GCgen0size"] = Environment.GetEnvironmentVariable("DOTNET_GCgen0size") ?? "0x1000000" });
        await Ready.HttpAsync(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{web}/health/ready"), Process, TimeSpan.FromMinutes(4));
        var accounts = await File.ReadAllLinesAsync(Folder.File("demo-accounts.csv"));
        Users = [.. accounts.Skip(1).Select(line => line.Split(';')).Where(fields => fields[0].Length == 5).Select(fields => new LoadUser(fields[0], fields[1], fields[2])).Take(users)];
    }
}
