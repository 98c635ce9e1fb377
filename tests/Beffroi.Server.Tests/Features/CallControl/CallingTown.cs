// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;

namespace Beffroi.Server.Tests.Features.CallControl;

/// <summary>The whole server with some people who have telephones.</summary>
internal sealed class CallingTown : IAsyncDisposable
{
    private readonly List<Phone> _phones = [];

    private CallingTown(TestServer server, string organisation, string site) => (Server, Organisation, Site) = (server, organisation, site);

    public TestServer Server { get; private set; }

    public string Organisation { get; }

    public string Site { get; }

    public IPEndPoint Sip => Server.Service<SipTransportLayer>().ListenPoints[0].EndPoint;

    public static Task<CallingTown> OpenAsync(params string[] settings) => OpenAsync(null, settings);

    /// <param name="clock">Moved by hand, for the server alone: telephones live in real time.</param>
    public static async Task<CallingTown> OpenAsync(TimeProvider? clock, params string[] settings)
    {
        var server = await TestServer.StartAsync(clock, null, [$"--Media:Ports={Ports()}", "--Calls:StopPatience=0", .. settings]);
        var organisation = await server.Administrator.PostAsync("/api/v1/organisations", new { name = "Saint-Aubin" });
        var site = await server.Administrator.PostAsync("/api/v1/sites", new { organisationId = organisation.Id(), name = "Mairie" });
        return new CallingTown(server, organisation.Id(), site.Id());
    }

    /// <summary>A person, an extension and a telephone that knows its secret but has not registered yet.</summary>
    /// <param name="site">Of another organisation, perhaps; left out: the town hall.</param>
    /// <param name="nobodys">The extension is no person's: a meeting room, a counter.</param>
    public async Task<Phone> PhoneAsync(string number, string? site = null, bool nobodys = false, string? unit = null)
    {
        var api = Server.Administrator;
        var siteId = site ?? Site;
        var person = nobodys ? null : (await api.PostAsync("/api/v1/persons", new { siteId, givenName = "Agent", familyName = number, unitId = unit })).Id();
        var extension = await api.PostAsync("/api/v1/extensions", new { siteId, number, personId = person });
        var device = await api.PostAsync("/api/v1/devices", new { extensionId = extension.Id(), name = "Poste", kind = "DeskPhone" });
        var phone = await Phone.StartAsync(number);
        phone.Credentials = new DigestCredentials(device.GetProperty("device").Text("sipUsername"), device.Text("sipSecret"));
        phone.Account = phone.Credentials.Username;
        _phones.Add(phone);
        return phone;
    }

    public async Task<Phone> RegisteredAsync(string number, string? site = null, bool nobodys = false, string? unit = null)
    {
        var phone = await PhoneAsync(number, site, nobodys, unit);
        var outcome = await phone.RegistersAsync(Sip);
        Xunit.Assert.Equal(200, outcome.Status);
        return phone;
    }

    /// <summary>Another registered telephone of an extension that has one.</summary>
    public async Task<Phone> BesideAsync(string number)
    {
        Xunit.Assert.True(Server.Service<IDirectory>().Current.TryExtension(number, out var extension));
        var device = await Server.Administrator.PostAsync("/api/v1/devices", new { extensionId = extension.Id, name = "Autre poste", kind = "DeskPhone" });
        var username = device.GetProperty("device").Text("sipUsername");
        var phone = await Phone.StartAsync(username);
        phone.Credentials = new DigestCredentials(username, device.Text("sipSecret"));
        _phones.Add(phone);
        Xunit.Assert.Equal(200, (await phone.RegistersAsync(Sip)).Status);
        return phone;
    }

    /// <summary>One calls the other, who answers; the caller's sound arrives.</summary>
    public async Task TalkAsync(Phone caller, Phone callee)
    {
        caller.Dials(callee.Number, Sip);
        await callee.SeesAsync($"invite {caller.Number}");
        callee.Answers();
        await caller.SeesAsync("accepted");
        await caller.SpeaksToAsync(callee);
    }

    /// <summary>The server ends and another one goes on with its data. Telephones notice nothing.</summary>
    public async Task RestartAsync(params string[] settings)
    {
        var folder = Server.Folder;
        await Server.StopAsync();
        Server = await TestServer.StartAsync(null, folder, [$"--Media:Ports={Ports()}", "--Calls:StopPatience=0", .. settings]);
    }

    /// <summary>The one live call and the leg of this number in it, as the API shows them.</summary>
    public async Task<(string Call, string Leg)> LiveAsync(string number)
    {
        var call = Xunit.Assert.Single((await Server.Administrator.GetAsync("/api/v1/calls")).EnumerateArray());
        return (call.Id(), call.GetProperty("legs").EnumerateArray().Single(l => l.GetProperty("party").Text("number") == number).Id());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var phone in _phones) await phone.DisposeAsync();
        await Server.DisposeAsync();
        if (System.IO.Directory.Exists(Server.Folder)) System.IO.Directory.Delete(Server.Folder, recursive: true);      // of a server that was started anew
    }

    private static string Ports()
    {
        var first = (FreePorts.NextRange(41) + 1) & ~1;
        return $"{first}-{first + 39}";
    }
}
