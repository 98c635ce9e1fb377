// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Server.Features.CallControl;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Registration.Contract;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>Telephones that registered before the server was started anew, and have not come again yet.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task After_a_restart_a_telephone_behind_a_nat_is_rung_where_it_came_from_and_one_behind_a_proxy_by_its_path()
    {
        var listen = $"--Sip:Listen=udp://127.0.0.1:{FreePorts.Next()}";
        await using var town = await CallingTown.OpenAsync(listen);
        var (bob, carol, alice) = (await town.PhoneAsync("102"), await town.PhoneAsync("103"), await town.PhoneAsync("101"));
        // Bob's own address is a private one; Carol's telephone registered by an edge proxy (RFC 3327), which carol plays here.
        Register(town, "102", bob, "sip:102@192.0.2.7:5060");
        Register(town, "103", null, "sip:103@192.0.2.8:5060", $"<sip:127.0.0.1:{carol.Address.Port};lr>");
        await town.Server.WrittenAsync();
        await town.RestartAsync(listen);

        var shown = await town.Server.Administrator.GetAsync("/api/v1/registrations?extension=102");
        Assert.Equal($"UDP {bob.Address}", Assert.Single(shown.EnumerateArray()).Text("source"));
        alice.Dials("102", town.Sip);
        await bob.SeesAsync("invite 101");
        bob.Answers();
        await alice.SeesAsync("accepted");
        await bob.SeesAsync("ack");
        await alice.SpeaksToAsync(bob);
        alice.HangsUp();
        await bob.SeesAsync("ended Bye");

        alice.Dials("103", town.Sip);
        await carol.SeesAsync("invite 101");
        Assert.Equal($"<sip:127.0.0.1:{carol.Address.Port};lr>", carol.Invited!.Text(SipHeaderName.Route));
        Assert.Equal("192.0.2.8", carol.Invited.RequestUri!.Host);
        carol.Refuses(486);
        await alice.SeesAsync("rejected 486");
    }

    [Fact]
    public async Task After_a_restart_a_telephone_that_only_its_connection_led_to_is_unreachable_at_once_and_the_forwarding_acts()
    {
        await using var town = await CallingTown.OpenAsync();
        var (alice, carol) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("103"));
        await town.PhoneAsync("102");
        Assert.True(town.Server.Service<IDirectory>().Current.TryExtension("102", out var bob));
        await town.Server.Administrator.PutAsync($"/api/v1/forwardings/{bob.Id}", new { unreachable = "103" });
        var gone = new KeptFlow(SipTransportKind.Tcp);
        Register(town, "102", gone, $"sip:102@192.0.2.7:{gone.Remote.Port};transport=tcp");
        gone.Close();
        alice.Dials("102", town.Sip);
        await carol.SeesAsync("invite 101");                // timer B would be 32 s, longer than this waits
        carol.Answers();
        await alice.SeesAsync("accepted");
        alice.HangsUp();
        await carol.SeesAsync("ended Bye");
    }

    [Theory]
    [InlineData("tcp 127.0.0.1:40000", "sip:102@127.0.0.1:5060;transport=tcp", 0, true)]      // it listens on a port of its own
    [InlineData("tcp 127.0.0.1:40000", "sip:102@127.0.0.1:40000;transport=tcp", 0, false)]    // the far end of the connection
    [InlineData("tls 127.0.0.1:40000", "sip:102@192.0.2.7:5061;transport=tls", 0, false)]     // behind a NAT
    [InlineData("tcp 127.0.0.1:40000", "sip:102@127.0.0.1:5060;transport=tcp", 1, false)]     // RFC 5626
    [InlineData("wss 127.0.0.1:40000", "sip:102@abc.invalid;transport=ws", 0, false)]
    [InlineData("udp 127.0.0.1:40000", "sip:102@192.0.2.7:5060", 0, true)]
    [InlineData("", "sip:102@192.0.2.7:5060", 0, true)]                                       // stored by a former release
    public async Task What_is_left_of_a_registration_says_whether_there_is_a_way(string source, string contact, int regId, bool way)
    {
        await using var transport = new SipTransportLayer(
            new SipTransportOptions { Listen = [new SipListenOptions { Address = "127.0.0.1", Port = 0 }] }, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        var binding = new Binding { Contact = SipUri.Parse(contact), CallId = "x", CSeq = 1, Expires = DateTimeOffset.MaxValue, RegId = regId, Source = SipSource.Read(source) };
        Assert.Equal(way, ExtensionPhones.TryWayTo(binding, transport, out _));
        Assert.Equal(source, binding.Source?.Write() ?? "");
    }

    private static void Register(CallingTown town, string number, Phone phone, string contact)
    {
        Assert.True(town.Server.Service<SipTransportLayer>().TryGetFlow(SipTransportKind.Udp, phone.Address, out var flow));
        Register(town, number, flow, contact);
    }

    private static void Register(CallingTown town, string number, SipFlow? flow, string contact, string? path = null)
    {
        Assert.True(SipMessage.TryParse(Encoding.ASCII.GetBytes($"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1;rport\r\nFrom: <sip:{number}@127.0.0.1>;tag=1\r\nTo: <sip:{number}@127.0.0.1>\r\n" +
            $"Call-ID: r{number}\r\nCSeq: 1 REGISTER\r\nContact: <{contact}>\r\n{(path is null ? "" : $"Supported: path\r\nPath: {path}\r\n")}Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"), out var register, out _));
        Assert.True(town.Server.Service<IDirectory>().Current.TryDevice(number, out var device));
        Assert.True(town.Server.Service<IRegistrations>().Register(device, register!, flow).IsSuccess);
    }
}
