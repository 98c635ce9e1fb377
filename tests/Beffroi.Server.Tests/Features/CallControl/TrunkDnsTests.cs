// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Beffroi.Server.Platform.Configuration;
using Beffroi.TestKit;
using Beffroi.TestKit.Peers;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>A trunk that is named by a domain: its servers are found by NAPTR and SRV and tried in order (RFC 3263 §4.3).</summary>
public sealed class TrunkDnsTests
{
    [Fact]
    public async Task A_call_goes_to_the_next_server_of_the_operators_domain_when_the_first_says_nothing_and_the_second_refuses()
    {
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.4.1"), 0));
        await using var refuses = await Operator.StartAsync("127.0.4.2");
        await using var serves = await Operator.StartAsync("127.0.4.3");
        await using var names = await NameServer.StartAsync(
            "--naptr-record=trunk.example.org,10,10,s,SIP+D2U,,_sip._udp.trunk.example.org",
            Server("one", (IPEndPoint)silent.Client.LocalEndPoint!, 10), "--host-record=one.example.org,127.0.4.1",
            Server("two", refuses.Address, 20), "--host-record=two.example.org,127.0.4.2",
            Server("three", serves.Address, 30), "--host-record=three.example.org,127.0.4.3");
        await using var town = await CallingTown.OpenAsync($"--Sip:NameServers={names.EndPoint}");
        var alice = await OperatorTown.PhoneAsync(town, 1);
        await using var trunk = await OperatorTown.TrunkAsync(town, serves, ("host", "trunk.example.org"), ("port", 0), ("answerWithinSeconds", 1));

        alice.Dials("0199004567", town.Sip);
        await refuses.Line.SeesAsync("invite");
        refuses.Line.Refuses(503);
        await serves.Line.SeesAsync("invite");
        serves.Line.Refuses(486);
        await alice.SeesAsync("rejected 486");
        Assert.True(silent.Available > 0);
        while (silent.Available > 0) await silent.ReceiveAsync();

        alice.Dials("0199004567", town.Sip);                        // those that failed come last for a while
        await serves.Line.SeesAsync("invite");
        serves.Line.Refuses(486);
        await alice.SeesAsync("rejected 486");
        Assert.Equal(0, silent.Available);
    }

    [Fact]
    public async Task A_name_server_that_is_no_address_stops_the_start()
    {
        var wrong = await Assert.ThrowsAsync<SettingsException>(() => TestServer.StartAsync(settings: ["--Sip:NameServers=dns.example.org"]));
        Assert.Contains("Sip:NameServers", wrong.Message, StringComparison.Ordinal);
    }

    private static string Server(string name, IPEndPoint at, int priority) =>
        string.Create(CultureInfo.InvariantCulture, $"--srv-host=_sip._udp.trunk.example.org,{name}.example.org,{at.Port},{priority},0");
}
