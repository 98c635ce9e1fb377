// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using Beffroi.Server.Platform.CommandLine;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Tests.Features.CallControl;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Platform.CommandLine;

public sealed class CommandsTests
{
    [Theory]
    [InlineData("users", true)]
    [InlineData("--help", true)]
    [InlineData("--Urls=http://127.0.0.1:8081", false)]
    public void A_command_is_told_from_settings_of_the_server(string first, bool isCommand) => Assert.Equal(isCommand, Commands.IsCommand([first]));

    [Fact]
    public async Task An_administrator_signs_in_by_the_link_makes_a_token_and_imports_people()
    {
        await using var server = await TestServer.StartAsync();
        await server.Administrator.PostAsync("/api/v1/sites", new { organisationId = (await server.Administrator.PostAsync("/api/v1/organisations", new { name = "Bourg" })).Id(), name = "Mairie" });
        var home = Path.Combine(server.Folder, "home");
        Directory.CreateDirectory(home);
        var link = $"{server.Address}administrator-link?code={server.Service<AdministratorLink>().Make()}";
        Assert.Equal(1, (await RunAsync(server, home, "", "users")).Code);
        Assert.Equal(0, (await RunAsync(server, home, "", "login", link)).Code);
        var (code, token) = await RunAsync(server, home, "", "token", "create", "outil", "operator", "30");
        Assert.Equal(0, code);
        token = token.Split('\n').Single(l => l.StartsWith("bft_", StringComparison.Ordinal));
        var file = Path.Combine(server.Folder, "people.csv");
        await File.WriteAllTextAsync(file, "family_name;site;extension\nMoreau;Mairie;201\n");
        Assert.Contains("not allow", (await RunAsync(server, home, token, "users", "import", file)).Output, StringComparison.Ordinal);
        Assert.Contains("201;201;", (await RunAsync(server, home, "", "users", "import", file)).Output, StringComparison.Ordinal);
        Assert.Contains("Moreau", (await RunAsync(server, home, token, "users")).Output, StringComparison.Ordinal);
        var (failed, said) = await RunAsync(server, home, "", "users", "import", file);
        Assert.Equal(1, failed);
        Assert.Contains("line 2: The number ", said, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync(server, home, "", "dance")).Code);
        Assert.Contains("Registered devices", (await RunAsync(server, home, "", "state")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trunk_is_tested_against_a_peer_that_answers_and_one_that_is_dead()
    {
        await using var town = await CallingTown.OpenAsync();
        await using var alive = await Phone.StartAsync("op");
        using var dead = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await TrunkAsync(town, "Op un", alive.Address.Port);
        await TrunkAsync(town, "mort", ((IPEndPoint)dead.Client.LocalEndPoint!).Port);
        var (code, said) = await RunAsync(town, "trunk", "test", "op UN");
        Assert.True(code == 0, said);
        Assert.Contains("OPTIONS to 127.0.0.1", said, StringComparison.Ordinal);
        Assert.Contains("The trunk op UN works", said, StringComparison.Ordinal);
        (code, said) = await RunAsync(town, "trunk", "test", "mort");
        Assert.Equal(1, code);
        Assert.Contains("no answer within 1 s", said, StringComparison.Ordinal);
        Assert.Contains("The trunk mort does not work.", said, StringComparison.Ordinal);
        (code, said) = await RunAsync(town, "trunk", "test", "absent");
        Assert.Equal(1, code);
        Assert.Contains("There is no trunk absent", said, StringComparison.Ordinal);
        Assert.Contains("Op un", (await RunAsync(town, "trunks")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_way_of_an_internal_call_is_explained_and_calls_in_progress_are_listed()
    {
        await using var town = await CallingTown.OpenAsync();
        var (alice, bob) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("102"));
        var (code, said) = await RunAsync(town, "explain", "101", "102");
        Assert.True(code == 0, said);
        Assert.Contains("102 is the extension of", said, StringComparison.Ordinal);
        Assert.Contains("A call from outside", (await RunAsync(town, "explain", "0612345678", "102")).Output, StringComparison.Ordinal);
        Assert.Contains("999 is neither an extension nor a public number.", (await RunAsync(town, "explain", "999", "102")).Output, StringComparison.Ordinal);

        alice.Dials("102", town.Sip);
        await bob.SeesAsync("invite");
        bob.Answers();
        await alice.SeesAsync("accepted");
        (code, said) = await RunAsync(town, "calls");
        Assert.True(code == 0, said);
        Assert.Matches("101 +→ 102 +", said);
        Assert.EndsWith("1 call", said.TrimEnd(), StringComparison.Ordinal);
        alice.HangsUp();
        await bob.SeesAsync("ended Bye");
        await town.Server.WrittenAsync();
        Assert.Matches("101 +→ 102 +", (await RunAsync(town, "history", "102")).Output);
    }

    [Fact]
    public async Task An_import_with_bad_lines_names_them_all_and_writes_nothing()
    {
        await using var town = await CallingTown.OpenAsync();
        await town.PhoneAsync("101");
        var file = Path.Combine(town.Server.Folder, "people.csv");
        await File.WriteAllTextAsync(file, "family_name;site;extension\nMoreau;Mairie;201\nRoux;Nulle part;202\nPetit;Mairie;101\n;Mairie;203\nBlanc;Mairie;112\n");
        var (code, said) = await RunAsync(town, "users", "import", file);
        Assert.Equal(1, code);
        Assert.Contains("line 3: there is no such site", said, StringComparison.Ordinal);
        Assert.Contains("line 4: The number 101 is that of", said, StringComparison.Ordinal);
        Assert.Contains("line 5: family_name is missing", said, StringComparison.Ordinal);
        Assert.Contains("line 6: 112 collides with the emergency number 112", said, StringComparison.Ordinal);
        Assert.DoesNotContain("line 2", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Moreau", (await RunAsync(town, "users")).Output, StringComparison.Ordinal);
        Assert.Contains("There is no file", (await RunAsync(town, "users", "import", file + "x")).Output, StringComparison.Ordinal);
    }

    private static Task TrunkAsync(CallingTown town, string name, int port) => town.Server.Administrator.PostAsync("/api/v1/trunks",
        new { name, kind = "Static", host = "127.0.0.1", port, transport = "Udp", optionsPingSeconds = 0, answerWithinSeconds = 1 });

    private static Task<(int Code, string Output)> RunAsync(CallingTown town, params string[] arguments) =>
        RunAsync(town.Server, town.Server.Folder, town.Server.Administrator.Token!, arguments);

    private static async Task<(int Code, string Output)> RunAsync(TestServer server, string home, string token, params string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["BEFFROI_URL"] = server.Address.ToString(), ["XDG_CONFIG_HOME"] = home };
        if (token.Length > 0) environment["BEFFROI_TOKEN"] = token;
        await using var child = ChildProcess.Start("dotnet", [typeof(Program).Assembly.Location, .. arguments], environment: environment);
        var code = await child.ExitAsync(TestTimeouts.Start);
        return (code, child.Output);
    }
}
