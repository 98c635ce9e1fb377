// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.WebSockets;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Tests.Features.CallControl;
using Beffroi.Sip.Messages;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Platform.SipHost;

/// <summary>What SIP gets from the server itself, before any feature.</summary>
public sealed class SipHostTests
{
    [Fact]
    public async Task OPTIONS_tells_what_the_server_can_do_and_a_method_that_nobody_serves_is_refused_with_what_is()
    {
        await using var town = await CallingTown.OpenAsync();
        var phone = await town.PhoneAsync("101");
        var options = await SendAsync(phone, town, SipMethod.Options);
        Assert.Equal(200, options.Status);
        Assert.Contains("application/sdp", options.Response!.Text(SipHeaderName.Accept), StringComparison.Ordinal);
        var publish = await SendAsync(phone, town, SipMethod.Publish);
        Assert.Equal(405, publish.Status);
        Assert.Contains("REGISTER", publish.Response!.Text(SipHeaderName.Allow), StringComparison.Ordinal);
    }

    /// <summary>The addresses of the machine are its own where it listens on all of them; a tel URI names no server at all.</summary>
    [Fact]
    public async Task A_telephone_registers_at_a_server_that_listens_on_every_address_and_dials_a_tel_uri()
    {
        await using var town = await CallingTown.OpenAsync("--Sip:Listen=udp://0.0.0.0:0");
        var server = new IPEndPoint(IPAddress.Loopback, town.Sip.Port);
        var (alice, bob) = (await town.PhoneAsync("101"), await town.PhoneAsync("102"));
        foreach (var phone in new[] { alice, bob }) Assert.Equal(200, (await phone.RegistersAsync(server)).Status);
        alice.Dials(SipUri.Parse("tel:1-02"), server);
        await bob.SeesAsync("invite 101");
        bob.Answers();
        await alice.SeesAsync("accepted");
        await alice.SpeaksToAsync(bob);
    }

    [Fact]
    public async Task An_event_package_that_nobody_knows_is_refused_with_those_that_are()
    {
        await using var town = await CallingTown.OpenAsync();
        var phone = await town.PhoneAsync("101");
        var refused = await SendAsync(phone, town, SipMethod.Subscribe, new SipHeader(SipHeaderName.Event, "weather"));
        Assert.Equal(489, refused.Status);
        Assert.Contains("dialog", refused.Response!.Text(SipHeaderName.AllowEvents), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_WebSocket_must_ask_for_the_sip_subprotocol()
    {
        await using var town = await CallingTown.OpenAsync();
        var address = new UriBuilder(town.Server.Address) { Scheme = "ws", Path = "/sip" }.Uri;
        using var plain = new ClientWebSocket();
        await Assert.ThrowsAsync<WebSocketException>(() => plain.ConnectAsync(address, CancellationToken.None));
        using var sip = new ClientWebSocket();
        sip.Options.AddSubProtocol("sip");
        await sip.ConnectAsync(address, CancellationToken.None);
        Assert.Equal("sip", sip.SubProtocol);
    }

    [Fact]
    public async Task An_address_that_is_taken_stops_the_start_with_one_sentence()
    {
        await using var town = await CallingTown.OpenAsync();
        var taken = await Assert.ThrowsAsync<SettingsException>(() => TestServer.StartAsync(settings: [$"--Sip:Listen=udp://127.0.0.1:{town.Sip.Port}"]));
        Assert.Contains("Sip:Listen", taken.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Media:Address=0.0.0.0", "Media:Advertised")]
    [InlineData("--Media:Address6=everywhere", "Media:Address6")]
    [InlineData("--Sip:Digest:Algorithms=ROT13", "Sip:Digest:Algorithms")]
    [InlineData("--Sip:Guard:Trusted=nowhere", "Trusted")]
    [InlineData("--Sip:Tls:Certificate=/nowhere.pem", "CertificateFile")]
    public async Task A_value_that_cannot_be_used_stops_the_start_with_a_sentence_that_names_it(string argument, string named)
    {
        var wrong = await Assert.ThrowsAsync<SettingsException>(() => TestServer.StartAsync(settings: [argument]));
        Assert.Contains(named, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_are_served_by_https_with_the_certificate_that_sip_shows()
    {
        var folder = Directory.CreateTempSubdirectory("beffroi-https-").FullName;
        await using var server = await TestServer.StartAwayAsync(folder, null, "--Urls=https://127.0.0.1:0");
        string? shown = null;
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) => (shown = certificate?.GetCertHashString()) is not null,
        };
        using var browser = new HttpClient(handler);
        Assert.Equal("ok", (await browser.GetStringAsync(new Uri(server.Address, "/health/live"))).Trim('"'));
        Assert.Equal(System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(Path.Combine(folder, "sip-self-signed.pem")).GetCertHashString(), shown);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_read_stops_the_start_with_a_sentence_that_names_it()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("beffroi-https-").FullName, "broken.pem");
        await File.WriteAllTextAsync(file, "no certificate");
        var wrong = await Assert.ThrowsAsync<SettingsException>(() => TestServer.StartAsync(settings: ["--Urls=https://127.0.0.1:0", "--Sip:Tls:Certificate=" + file]));
        Assert.Contains(file, wrong.Message, StringComparison.Ordinal);
    }

    private static async Task<SipOutcome> SendAsync(Phone phone, CallingTown town, SipMethod method, params SipHeader[] headers)
    {
        var done = new TaskCompletionSource<SipOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var address = new NameAddress(SipUri.Of("101", "127.0.0.1"));
        phone.Stack.Send(
            new OutboundRequest { Method = method, Target = SipUri.Of("101", "127.0.0.1", town.Sip.Port), From = address, To = address, ContactUser = "101", Headers = headers },
            outcome => done.TrySetResult(outcome));
        return await done.Task.WaitAsync(TestTimeouts.Network);
    }
}
