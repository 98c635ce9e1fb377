// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Sip.Authentication;
using Xunit;

namespace Beffroi.Server.Tests.Features.Demo;

public sealed class DemoTests
{
    [Fact]
    public async Task An_empty_store_gets_the_demo_town_with_load_users_and_accounts_that_work()
    {
        await using var server = await TestServer.StartAsync(settings: ["--Demo:Town=true", "--Demo:Users=50"]);
        var path = Path.Combine(server.Folder, "demo-accounts.csv");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        var lines = await File.ReadAllLinesAsync(path);
        Assert.Equal("extension;sip_username;sip_password;login;password;name;role;site", lines[0]);
        Assert.Equal(1 + 25 + 50, lines.Length);
        Assert.Equal(75, lines.Skip(1).Select(l => l.Split(';')[2]).Distinct().Count());
        var cells = lines.Single(l => l.StartsWith("20050;", StringComparison.Ordinal)).Split(';');
        Assert.True(server.Service<IDirectory>().Current.TryDevice("20050", out var device));
        Assert.Equal(DigestHa1.Compute("20050", device.Realm, cells[2], DigestAlgorithm.Md5), Convert.ToHexStringLower(device.Ha1Md5));
        var hex = new byte[64];
        Assert.True(server.Service<IDigestSecrets>().TryGetHa1("20050", device.Realm, DigestAlgorithm.Sha256, hex));
        Assert.False(server.Service<IDigestSecrets>().TryGetHa1("20050", "other.example", DigestAlgorithm.Sha256, hex));
        var nadia = lines[1].Split(';');
        var given = await server.Anybody().PostAsync("/api/v1/session", new { login = nadia[3], password = nadia[4] }, System.Net.HttpStatusCode.OK);
        Assert.Equal("operator", given.Text("role"));
        Assert.Equal(3, server.Service<IDirectory>().Current.Sites.Count);
    }
}
