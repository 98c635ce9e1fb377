// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Sockets;
using System.Text;
using Beffroi.Scenarios.Peers;
using Beffroi.TestKit.Peers;
using Xunit;

namespace Beffroi.Scenarios;

/// <summary>What hostile or broken peers send does not disturb a call that goes on, and tells them nothing.</summary>
[Collection(nameof(RealPeers))]
public sealed class BadInputTests
{
    private const double Low = 440, High = 1000;

    [Fact]
    public async Task A_call_goes_on_while_rubbish_comes_by_udp_and_tcp()
    {
        await using var town = await Town.OpenAsync();
        var call = await OngoingCall.BeginAsync(town);
        var random = new Random(4475);
        using (var udp = new UdpClient())
        {
            for (var i = 0; i < 2000; i++) await udp.SendAsync(Rubbish(random), new IPEndPoint(IPAddress.Loopback, town.SipPort));
        }
        for (var i = 0; i < 20; i++)
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(IPAddress.Loopback, town.SipPort);
            try { await tcp.GetStream().WriteAsync(Rubbish(random)); }
            catch (IOException) { }                                 // the server may close at once
        }
        await call.GoesOnAsync();
    }

    [Fact]
    public async Task Slow_and_half_open_connections_do_not_keep_others_out()
    {
        await using var town = await Town.OpenAsync();
        var idle = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 40; i++)
            {
                var tcp = new TcpClient();
                idle.Add(tcp);
                await tcp.ConnectAsync(IPAddress.Loopback, i % 2 == 0 ? town.SipPort : town.TlsPort);
                try { await tcp.GetStream().WriteAsync("INVITE sip:1"u8.ToArray()); }
                catch (IOException) { }
            }
            await town.BaresipAsync(0, Low, PhoneTransport.Tcp);
            await town.BaresipAsync(1, High, PhoneTransport.Tls);
            await town.MetricAsync("sip_drops_total{reason=\"slowmessage\"}", cut => cut >= 20);
        }
        finally
        {
            foreach (var tcp in idle) tcp.Dispose();
        }
    }

    [Fact]
    public async Task Ten_thousand_wrong_passwords_neither_enter_nor_keep_others_out()
    {
        await using var town = await Town.OpenAsync();
        var call = await OngoingCall.BeginAsync(town);
        var outcome = await Sipp.RunAsync(new SippPlan
        {
            Scenario = PeerTests.Scenario("register-wrong"),
            Address = "127.0.0.9",
            Target = $"127.0.0.1:{town.SipPort}",
            Calls = 10_000,
            Rate = 2000,
            Within = TimeSpan.FromSeconds(20),
            Log = false,
            Fields = [.. town.Accounts.Select(account => $"{account.SipUserName};{SippPlan.Credentials(account.SipUserName, "wrong")}")],
            Keys = new Dictionary<string, string> { ["contact_port"] = "5999", ["expires"] = "600" },
        });
        Assert.Equal(0, outcome.Successful);
        // The ban fell after twenty: of what came then next to nothing was heard.
        await town.MetricAsync("sip_bans_total", bans => bans >= 1);
        await town.MetricAsync("sip_drops_total{reason=\"banned\"}", dropped => dropped > 9000);
        await town.LinphoneAsync(2, 1600);
        await call.GoesOnAsync();
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_name_are_answered_alike()
    {
        await using var town = await Town.OpenAsync();
        Assert.Equal(await StatusesAsync(town, town.Accounts[0].SipUserName, "127.0.0.7"), await StatusesAsync(town, "nobody", "127.0.0.8"));
    }

    private static async Task<string> StatusesAsync(Town town, string user, string address)
    {
        var outcome = await Sipp.RunAsync(new SippPlan
        {
            Scenario = PeerTests.Scenario("register-wrong"),
            Address = address,
            Target = $"127.0.0.1:{town.SipPort}",
            Fields = [$"{user};{SippPlan.Credentials(user, "wrong")}"],
            Keys = new Dictionary<string, string> { ["contact_port"] = "5999", ["expires"] = "600" },
        });
        Assert.Equal(0, outcome.Successful);
        return string.Join(' ', outcome.Messages.Split('\n').Where(line => line.StartsWith("SIP/2.0 ", StringComparison.Ordinal)));
    }

    private static byte[] Rubbish(Random random)
    {
        var bytes = Encoding.ASCII.GetBytes($"INVITE sip:101@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{random.Next()}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:101@127.0.0.1>\r\n"
            + $"Call-ID: {random.Next()}\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
        for (var change = random.Next(1, 12); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return random.Next(4) == 0 ? bytes[..random.Next(1, bytes.Length)] : bytes;
    }
}
