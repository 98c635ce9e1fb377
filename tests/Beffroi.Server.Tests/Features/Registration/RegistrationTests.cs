// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Text;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Registration.Contract;
using Beffroi.Sip.Messages;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.Registration;

public sealed class RegistrationTests
{
    [Fact]
    public async Task A_registration_is_listed_survives_a_restart_and_ends_when_it_runs_out()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("beffroi-bindings-").FullName;
        var clock = new ManualTime();
        var first = await TestServer.StartAsync(clock, folder);
        var device = await DeviceAsync(first);
        Assert.True(first.Service<IRegistrations>().Register(device, Request("a", 1, 600), null).IsSuccess);
        Assert.True(first.Service<IRegistrations>().Register(device, Request("b", 1, 3600), null).IsSuccess);
        Assert.Equal(2, (await first.Administrator.GetAsync("/api/v1/registrations")).GetArrayLength());
        await first.WrittenAsync();
        await first.StopAsync();

        await using (var second = await TestServer.StartAsync(clock, folder))
        {
            var registrations = second.Service<IRegistrations>();
            Assert.Equal(2, registrations.BindingsOf(device.Id).Count);
            var seen = new List<RegistrationChanged>();
            registrations.Changed += seen.Add;
            clock.Advance(TimeSpan.FromMinutes(11));
            Assert.Equal("sip:101@192.0.2.1;x=b", Assert.Single(registrations.BindingsOf(device.Id)).Contact.Reveal());
            Assert.True(Assert.Single(seen).IsRegistered);
            clock.Advance(TimeSpan.FromMinutes(60));
            Assert.Empty(registrations.BindingsOf(device.Id));
            Assert.False(seen[^1].IsRegistered);
        }

        System.IO.Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_removed_or_disabled_device_is_reached_no_more()
    {
        await using var server = await TestServer.StartAsync();
        var device = await DeviceAsync(server);
        var registrations = server.Service<IRegistrations>();
        registrations.Register(device, Request("a", 1, 600), null);
        await server.Administrator.DeleteAsync($"/api/v1/registrations/{device.Id}");
        Assert.Empty(registrations.BindingsOf(device.Id));
        registrations.Register(device, Request("a", 2, 600), null);
        await server.Administrator.PutAsync($"/api/v1/devices/{device.Id}", new { extensionId = device.ExtensionId, name = "x", enabled = false });
        Assert.Empty(registrations.BindingsOf(device.Id));
        Assert.Equal(0, registrations.Count);
    }

    [Fact]
    public async Task A_storm_of_refreshes_writes_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var device = await DeviceAsync(server);
        var registrations = server.Service<IRegistrations>();
        registrations.Register(device, Request("a", 1, 3600), null);
        await server.WrittenAsync();
        var written = server.Service<Server.Platform.Journal.JournalWriter>().State.Written;
        for (var i = 2; i < 500; i++) Assert.True(registrations.Register(device, Request("a", i, 3600), null).IsSuccess);
        await server.WrittenAsync();
        Assert.Equal(written, server.Service<Server.Platform.Journal.JournalWriter>().State.Written);
    }

    private static async Task<Device> DeviceAsync(TestServer server)
    {
        var town = (await server.Administrator.PostAsync("/api/v1/organisations", new { name = "Bourg" })).Id();
        var site = (await server.Administrator.PostAsync("/api/v1/sites", new { organisationId = town, name = "Mairie" })).Id();
        var extension = (await server.Administrator.PostAsync("/api/v1/extensions", new { siteId = site, number = "101" })).Id();
        await server.Administrator.PostAsync("/api/v1/devices", new { extensionId = extension, name = "Poste" });
        Assert.True(server.Service<IDirectory>().Current.TryDevice("101", out var device));
        return device;
    }

    private static SipMessage Request(string which, int cseq, int expires)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{which}{cseq}\r\nMax-Forwards: 70\r\nFrom: <sip:101@127.0.0.1>;tag={which}\r\nTo: <sip:101@127.0.0.1>\r\nCall-ID: {which}@192.0.2.1\r\nCSeq: {cseq} REGISTER\r\nContact: <sip:101@192.0.2.1;x={which}>\r\nExpires: {expires}\r\nContent-Length: 0\r\n\r\n");
        Assert.True(SipMessage.TryParse(Encoding.ASCII.GetBytes(text), out var message, out _));
        return message!;
    }
}
