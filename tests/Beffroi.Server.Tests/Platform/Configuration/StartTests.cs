// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Configuration;

/// <summary>The program itself, as a service manager starts it: what it prints and how it ends when the configuration cannot be used.</summary>
public sealed class StartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("beffroi-start-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("--Storage:Provider=postgres --Storage:Connection=nonsense", "The setting Storage:Connection is no connection string of postgres")]
    [InlineData("--Data:Folder=/proc/1", "The folder of Data:Folder, /proc/1, cannot be made or written")]
    [InlineData("--Data:Folder=/proc/beffroi", "The folder of Data:Folder, /proc/beffroi, cannot be made or written")]
    [InlineData("--Urls=http://192.0.2.7:8080", "The setting Urls is \"http://192.0.2.7:8080\", but this machine has no such address")]
    [InlineData("--Sip:Listen=udp://192.0.2.7:5060", "The setting Sip:Listen is \"udp://192.0.2.7:5060\", but this machine has no such address")]
    [InlineData("--Sip:Listen=tcp://192.0.2.7:5060", "The setting Sip:Listen is \"tcp://192.0.2.7:5060\", but this machine has no such address")]
    [InlineData("--Media:Address=192.0.2.7", "The setting Media:Address is \"192.0.2.7\", but this machine has no such address")]
    [InlineData("--Data:MasterKey=/nowhere/at/all/master.key", "The file of Data:MasterKey, /nowhere/at/all/master.key, cannot be used")]
    [InlineData("--Speed=full", "There is no setting Speed")]
    public async Task A_configuration_that_cannot_be_used_ends_the_start_with_code_2_and_one_line(string arguments, string said) =>
        Assert.StartsWith(said, await EndsAsync(arguments.Split(' ')), StringComparison.Ordinal);

    [Fact]
    public async Task A_port_that_another_program_uses_ends_the_start_with_code_2_and_one_line()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        foreach (var key in new[] { "--Urls=http", "--Sip:Listen=tcp" })
            Assert.Contains("another program uses that address", await EndsAsync([$"{key}://{other.LocalEndpoint}"]), StringComparison.Ordinal);
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.Contains("another program uses that address", await EndsAsync([$"--Sip:Listen=udp://{udp.Client.LocalEndPoint}"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "beffroi.json"), """{ "Media": { "Ports": "1-2" }, "Sip": { "Listen": ["udp://127.0.0.1:0"] } }""");
        Assert.StartsWith("The setting Media:Ports is \"1-2\"", await EndsAsync([]), StringComparison.Ordinal);
        Assert.StartsWith("The setting Media:Ports is \"3-4\"", await EndsAsync([], ("BEFFROI_Media__Ports", "3-4")), StringComparison.Ordinal);
        Assert.StartsWith("The setting Media:Ports is \"5-6\"", await EndsAsync(["--Media:Ports=5-6"], ("BEFFROI_Media__Ports", "3-4")), StringComparison.Ordinal);
        Assert.StartsWith("The setting Sip:Listen is \"udp:nowhere\"", await EndsAsync(["--Media:Ports=20000-20100"], ("BEFFROI_Sip__Listen", "udp:nowhere")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_broken_and_one_that_is_named_and_missing_end_the_start_with_code_2_and_one_line()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "beffroi.json"), "{ \"Media\":\n");
        Assert.Contains("beffroi.json is not valid JSON", await EndsAsync([]), StringComparison.Ordinal);
        Assert.StartsWith($"There is no file {_folder}/other.json, which BEFFROI_Config names", await EndsAsync([], ("BEFFROI_Config", "other.json")), StringComparison.Ordinal);
    }

    /// <summary>Runs the server in the folder until it ends, which it must with code 2.</summary>
    /// <returns>The one line of its standard error.</returns>
    private async Task<string> EndsAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = _folder, RedirectStandardError = true, RedirectStandardOutput = true };
        string[] defaults = ["--Urls=http://127.0.0.1:0", "--Sip:Listen=udp://127.0.0.1:0", $"--Data:Folder={_folder}"];
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Beffroi.Server.dll"), .. defaults.Where(d => IsFree(d, arguments, environment)), .. arguments]) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var server = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TestTimeouts.Call);
        try
        {
            var (error, output) = (server.StandardError.ReadToEndAsync(limit.Token), server.StandardOutput.ReadToEndAsync(limit.Token));
            await server.WaitForExitAsync(limit.Token);
            var lines = (await error).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(server.ExitCode == 2 && lines.Length == 1, $"code {server.ExitCode}: {await error}{await output}");
            return lines[0];
        }
        finally
        {
            if (!server.HasExited) server.Kill();
        }
    }

    /// <summary>A default stands back for what the test gives.</summary>
    private static bool IsFree(string setting, string[] arguments, (string Name, string Value)[] environment)
    {
        var key = setting[..setting.IndexOf('=', StringComparison.Ordinal)];
        return !arguments.Any(a => a.StartsWith(key, StringComparison.Ordinal)) && !environment.Any(e => e.Name == "BEFFROI_" + key[2..].Replace(":", "__", StringComparison.Ordinal));
    }
}
