// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.CommandLine;
using Beffroi.Server.Platform.Identity;
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

    private static async Task<(int Code, string Output)> RunAsync(TestServer server, string home, string token, params string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["BEFFROI_URL"] = server.Address.ToString(), ["XDG_CONFIG_HOME"] = home };
        if (token.Length > 0) environment["BEFFROI_TOKEN"] = token;
        await using var child = ChildProcess.Start("dotnet", [typeof(Program).Assembly.Location, .. arguments], environment: environment);
        var code = await child.ExitAsync(TestTimeouts.Start);
        return (code, child.Output);
    }
}
