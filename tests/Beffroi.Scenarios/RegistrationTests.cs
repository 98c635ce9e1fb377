// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Scenarios.Peers;
using Beffroi.TestKit.Peers;
using Xunit;

namespace Beffroi.Scenarios;

/// <summary>Real phones register with the town.</summary>
[Collection(nameof(RealPeers))]
public sealed class RegistrationTests
{
    [Theory]
    [InlineData(PhoneTransport.Udp)]
    [InlineData(PhoneTransport.Tcp)]
    [InlineData(PhoneTransport.Tls)]
    public async Task Baresip_and_linphone_register(PhoneTransport transport)
    {
        await using var town = await Town.OpenAsync();
        await town.BaresipAsync(0, 440, transport);
        await town.LinphoneAsync(1, 1000, transport);
    }

    [Theory]
    [InlineData(PhoneTransport.Udp)]
    [InlineData(PhoneTransport.Tcp)]
    public async Task Sipp_registers_many_devices(PhoneTransport transport)
    {
        await using var town = await Town.OpenAsync("--Demo:Users=50");
        var users = town.Accounts.Where(account => account.Extension.Length == 5 && account.Extension[0] == '2').ToList();
        Assert.Equal(50, users.Count);
        var outcome = await Sipp.RunAsync(Plan(town, users, transport) with { Rate = 25 });
        Assert.Equal(50, outcome.Well().Successful);
    }

    [Fact]
    public async Task A_wrong_password_does_not_register()
    {
        await using var town = await Town.OpenAsync();
        var outcome = await Sipp.RunAsync(Plan(town, [town.Accounts[0] with { SipPassword = "wrong" }], PhoneTransport.Udp));
        Assert.Equal((0, 1), (outcome.Successful, outcome.Failed));
    }

    [Fact]
    public async Task Sipsak_sees_the_town_alive()
    {
        await using var town = await Town.OpenAsync();
        var (code, output) = await Sipsak.OptionsAsync($"sip:127.0.0.1:{town.SipPort}", town.SipPort);
        Assert.True(code == 0, output);
    }

    private static SippPlan Plan(Town town, IReadOnlyList<DemoAccount> users, PhoneTransport transport) => new()
    {
        Scenario = PeerTests.Scenario("register"),
        Target = $"127.0.0.1:{(transport == PhoneTransport.Tls ? town.TlsPort : town.SipPort)}",
        Transport = transport,
        Calls = users.Count,
        Fields = [.. users.Select(user => $"{user.SipUserName};{SippPlan.Credentials(user.SipUserName, user.SipPassword)}")],
        Keys = new Dictionary<string, string> { ["contact_port"] = "5999", ["expires"] = "600" },
    };
}
