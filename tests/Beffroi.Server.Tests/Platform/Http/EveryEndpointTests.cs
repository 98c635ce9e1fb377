// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Beffroi.Media.Codecs;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Features.Voicemail;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Tests.Features.CallControl;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Http;

/// <summary>One town in which every endpoint that changes something is used once. A new endpoint fails here until somebody has written how it is used.</summary>
public sealed class EveryEndpointTests : IAsyncLifetime
{
    /// <summary>Those that leave no audit row, and why.</summary>
    private static readonly Dictionary<string, string> Unaudited = new(StringComparer.Ordinal)
    {
        ["post /api/v1/dial-plan/explain"] = "reads: a POST only because what it asks is long",
        ["put /api/v1/voicemail/messages/{id}"] = "a mark of the owner on their own message, made at each listening by telephone as well",
    };

    private CallingTown _town = null!;
    private Sweep _sweep = null!;

    public async Task InitializeAsync()
    {
        _town = await CallingTown.OpenAsync();
        _sweep = new Sweep(_town.Server, await _town.Server.Anybody().GetAsync("/openapi/v1.json"));
    }

    public async Task DisposeAsync() => await _town.DisposeAsync();

    [Fact]
    public async Task Every_thing_is_found_at_its_place_and_gone_when_removed_and_every_change_leaves_one_audit_row()
    {
        var things = new Stack<Made>();
        var extension = await StructureAsync(things);
        await DialPlanAsync(things, extension);
        await GroupsAndMessagesAsync(things, extension);
        await EmergencyAsync(things);
        await SoundsAndListsAsync();
        await AccountsAsync(things);
        await TrunksAsync(things);
        await DevicesAsync();
        await LiveCallsAsync();
        foreach (var thing in things) await _sweep.RemoveAsync(thing);
        foreach (var ofExtensions in new[] { "/api/v1/dial-plan/lines", "/api/v1/forwardings" }) Assert.Empty((await _town.Server.Administrator.GetAsync(ofExtensions)).EnumerateArray());
        Assert.Empty(_sweep.Untried);
        Assert.All(Unaudited.Keys, exempt => Assert.Contains(exempt, _sweep.Tried));
    }

    private async Task<Made> StructureAsync(Stack<Made> things)
    {
        var organisation = await MakeAsync(things, "/api/v1/organisations", new { name = "Val-Haut" }, new { name = "Val-le-Haut" });
        var site = await MakeAsync(things, "/api/v1/sites", new { organisationId = organisation.Id, name = "Mairie" }, new { organisationId = organisation.Id, name = "Hôtel de ville", address = "1 place Neuve" });
        var unit = await MakeAsync(things, "/api/v1/units", new { organisationId = organisation.Id, name = "Accueil" }, new { organisationId = organisation.Id, name = "Accueil et état civil" });
        var person = await MakeAsync(things, "/api/v1/persons", new { siteId = site.Id, givenName = "Zoé", familyName = "Faure" }, new { siteId = site.Id, unitId = unit.Id, givenName = "Zoé", familyName = "Faure-Roux" });
        var extension = await MakeAsync(things, "/api/v1/extensions", new { siteId = site.Id, number = "7001", personId = person.Id }, new { siteId = site.Id, number = "7002", personId = person.Id });
        await MakeAsync(things, "/api/v1/devices", new { extensionId = extension.Id, name = "Poste" }, new { extensionId = extension.Id, name = "Poste du hall", kind = "dect" }, answer => answer.GetProperty("device").Id());
        await _sweep.PostAsync("/api/v1/persons/import", Csv("given_name;family_name;site;extension;device\nLéo;Lang;Mairie;7010;none\n"), rows: 2);
        return extension;
    }

    private async Task DialPlanAsync(Stack<Made> things, Made extension)
    {
        var organisation = _town.Organisation;
        var calendar = await MakeAsync(things, "/api/v1/calendars", new { organisationId = organisation, name = "Mairie", week = Week() }, new { organisationId = organisation, name = "Guichet", week = Week() });
        await _sweep.PutAsync($"{calendar.Place}/override", new { open = true });
        var rules = new[] { new { prefix = "0199", allowed = true } };
        await MakeAsync(things, "/api/v1/dial-plan/calling-classes", new { organisationId = organisation, name = "Interne", allowedByDefault = false, rules },
            new { organisationId = organisation, name = "Restreinte", allowedByDefault = false, rules });
        await _sweep.PutAsync($"/api/v1/dial-plan/organisations/{organisation}", new { outsidePrefix = "0" });
        await _sweep.PutAsync($"/api/v1/dial-plan/lines/{extension.Id}", new { withhold = true });
        await _sweep.PutAsync($"/api/v1/dial-plan/lines/{extension.Id}/pin", new { pin = "4271" }, HttpStatusCode.NoContent);
        var line = Assert.Single((await _town.Server.Administrator.GetAsync("/api/v1/dial-plan/lines")).EnumerateArray());
        Assert.Equal(extension.Id, line.Id());
        await _sweep.PostAsync("/api/v1/dial-plan/explain", new { number = "112", extension = extension.Id }, rows: 0);
        await _sweep.PutAsync($"/api/v1/forwardings/{extension.Id}", new { doNotDisturb = true });
        await MakeAsync(things, "/api/v1/direct-numbers", new { organisationId = organisation, number = "0199002000" }, new { organisationId = organisation, number = "0199002000", label = "Standard" });
        await _sweep.PostAsync("/api/v1/direct-numbers/ranges", new { organisationId = organisation, first = "0199002010", count = 3 }, rows: 3);
        await MakeAsync(things, "/api/v1/welcome-messages", new { organisationId = organisation, number = "0199002000", name = "Accueil" },
            new { organisationId = organisation, number = "0199002000", name = "Accueil de la mairie", calendar = calendar.Id });
    }

    private async Task GroupsAndMessagesAsync(Stack<Made> things, Made extension)
    {
        var organisation = (await _town.Server.Administrator.GetAsync($"/api/v1/extensions/{extension.Id}")).Text("organisationId");
        var members = new[] { new { extension = extension.Id } };
        var group = await MakeAsync(things, "/api/v1/hunt-groups", new { organisationId = organisation, number = "7000", name = "Accueil", strategy = "ringAll", members },
            new { organisationId = organisation, number = "7000", name = "Accueil", strategy = "serial", members });
        await _sweep.PutAsync($"{group.Place}/members/{extension.Id}", new { loggedIn = false });
        var box = await MakeAsync(things, "/api/v1/voicemail/boxes", new { organisationId = organisation, number = "7002" }, new { organisationId = organisation, number = "7002", keepDays = 30 });
        await _sweep.PutAsync($"{box.Place}/pin", new { pin = "4271" }, HttpStatusCode.NoContent);
        await _sweep.PostAsync($"{box.Place}/greeting", Wav(), HttpStatusCode.NoContent);
        await _sweep.DeleteAsync($"{box.Place}/greeting");

        var server = _town.Server;
        var message = new VoicemailMessage(Guid.CreateVersion7(), Guid.Parse(box.Id), DateTimeOffset.UnixEpoch.AddYears(56), "+33639980000", "", 1, false);
        var path = Path.Combine(server.Folder, "voicemail", "recording", $"{message.Id:N}.wav");
        WavFile.Write(path, new short[8000], 8000);
        await server.Service<VoicemailStore>().DepositAsync(message, path, default);
        var person = (await server.Administrator.GetAsync($"/api/v1/extensions/{extension.Id}")).Text("personId");
        var account = await server.Administrator.PostAsync("/api/v1/accounts", new { login = "zoe", name = "Zoé", role = "person", personId = person });
        var zoe = new Api(server.Address, (await server.Administrator.PostAsync($"/api/v1/accounts/{account.Id()}/tokens", new { label = "essai" })).Text("token"));
        await _sweep.PutAsync($"/api/v1/voicemail/messages/{message.Id}", new { heard = true }, rows: 0, by: zoe);
        await _sweep.DeleteAsync($"/api/v1/voicemail/messages/{message.Id}", by: zoe);
        await server.Administrator.DeleteAsync($"/api/v1/accounts/{account.Id()}");
    }

    private async Task EmergencyAsync(Stack<Made> things)
    {
        await MakeAsync(things, "/api/v1/emergency/routes", new { siteId = _town.Site, presented = "0199002000" }, new { siteId = _town.Site, presented = "0199002010" });
        var call = Guid.NewGuid();
        _town.Server.Service<IEmergency>().Alert(new EmergencyCall(call, DateTimeOffset.UnixEpoch.AddYears(56), "15", "7002", "Zoé", Guid.Parse(_town.Organisation), Guid.Parse(_town.Site), PhoneNumber.None));
        await _town.Server.WrittenAsync();
        await _sweep.PostAsync($"/api/v1/emergency/calls/{call}/seen", null);
    }

    private async Task SoundsAndListsAsync()
    {
        await _sweep.PutAsync("/api/v1/prompts/fr/goodbye", Wav());
        await _sweep.DeleteAsync("/api/v1/prompts/fr/goodbye");
        await _sweep.PostAsync("/api/v1/history/rebuild", null, HttpStatusCode.NoContent);
        await _sweep.DoAsync(HttpMethod.Get, "/api/v1/history/export.csv", null, HttpStatusCode.OK);
    }

    private async Task AccountsAsync(Stack<Made> things)
    {
        var account = await MakeAsync(things, "/api/v1/accounts", new { login = "claire", name = "Claire", role = "operator" },
            new { login = "claire", name = "Claire Dumont", role = "operator", scopeKind = "site", scopeId = _town.Site });
        await _sweep.PutAsync($"{account.Place}/password", new { password = "correct horse battery" });
        await MakeAsync(things, $"{account.Place}/tokens", new { label = "essai" }, null);
        var session = await _sweep.PostAsync("/api/v1/session", new { login = "claire", password = "correct horse battery" });
        await _sweep.DeleteAsync("/api/v1/session", by: new Api(_town.Server.Address, session.Text("token")));
        await _sweep.PostAsync("/api/v1/session/administrator-link", new { code = _town.Server.Service<AdministratorLink>().Make() }, rows: 2);      // the account, and that it signed in
    }

    private async Task TrunksAsync(Stack<Made> things)
    {
        await using var far = await Phone.StartAsync("operator");                                   // answers OPTIONS
        var operatorPort = far.Address.Port;
        var trunk = await MakeAsync(things, "/api/v1/trunks", new { name = "Opérateur", kind = "static", host = "127.0.0.1", port = operatorPort, optionsPingSeconds = 0 },
            new { name = "Opérateur", kind = "static", host = "127.0.0.1", port = operatorPort, optionsPingSeconds = 0, channelLimit = 30 }, answer => answer.GetProperty("trunk").Id());
        await _sweep.PostAsync($"{trunk.Place}/test", null);
        object Prefix(int maxDigits) => new { organisationId = _town.Organisation, prefix = "8", minDigits = 4, maxDigits, strip = 1, trunk = trunk.Id, label = "Ancien autocommutateur" };
        await MakeAsync(things, "/api/v1/dial-plan/prefixes", Prefix(4), Prefix(5));
    }

    private async Task DevicesAsync()
    {
        var phone = await _town.RegisteredAsync("105");
        var device = Device("105");
        var renewed = await _sweep.PostAsync($"/api/v1/devices/{device.Id}/secret", null);
        Assert.Equal(401, (await phone.RegistersAsync(_town.Sip)).Status);
        phone.Credentials = new DigestCredentials(device.SipUsername, renewed.Text("sipSecret"));
        Assert.Equal(200, (await phone.RegistersAsync(_town.Sip)).Status);
        await _sweep.DeleteAsync($"/api/v1/registrations/{device.Id}");
        Assert.Empty((await _town.Server.Administrator.GetAsync("/api/v1/registrations?extension=105")).EnumerateArray());
        await _sweep.DeleteAsync($"/api/v1/devices/{device.Id}");
        Assert.Equal(401, (await phone.RegistersAsync(_town.Sip)).Status);
    }

    private async Task LiveCallsAsync()
    {
        var (alice, bob, carol) = (await _town.RegisteredAsync("101"), await _town.RegisteredAsync("102"), await _town.RegisteredAsync("103"));
        await _town.TalkAsync(alice, bob);
        var (call, legOfBob) = await _town.LiveAsync("102");
        await _sweep.PostAsync($"/api/v1/calls/{call}/hold", new { leg = legOfBob, on = true }, HttpStatusCode.NoContent);
        await _sweep.PostAsync($"/api/v1/calls/{call}/hold", new { leg = legOfBob, on = false }, HttpStatusCode.NoContent);
        var consultation = (await _sweep.PostAsync("/api/v1/calls", new { extension = "102", number = "103" }, HttpStatusCode.Created)).Id();
        await bob.SeesAsync("invite");
        bob.Answers();
        await carol.SeesAsync("invite 102");
        carol.Answers();
        await carol.SeesAsync("ack");
        var second = (await _town.Server.Administrator.GetAsync($"/api/v1/calls/{consultation}")).GetProperty("legs").EnumerateArray().Single(l => l.GetProperty("party").Text("number") == "102").Id();
        await _sweep.PostAsync($"/api/v1/calls/{call}/join", new { leg = legOfBob, otherCall = consultation, otherLeg = second }, HttpStatusCode.NoContent);
        await alice.SpeaksToAsync(carol);

        var (joined, legOfCarol) = await _town.LiveAsync("103");
        await _sweep.PostAsync($"/api/v1/calls/{joined}/transfer", new { leg = legOfCarol, number = "102" }, HttpStatusCode.NoContent);
        await bob.SeesAsync("invite");
        bob.Rings("talk");
        await WaitAsync(() => _town.Server.Administrator.GetAsync($"/api/v1/calls/{joined}"), c => c.GetProperty("legs").EnumerateArray().Any(l => l.Text("state") == "Ringing"));
        await _sweep.PostAsync($"/api/v1/calls/{joined}/answer", new { }, HttpStatusCode.NoContent);
        bob.AnswersRinging();
        await bob.SpeaksToAsync(alice);
        var (last, leg) = await _town.LiveAsync("102");
        await _sweep.PostAsync($"/api/v1/calls/{last}/park", new { leg }, HttpStatusCode.NoContent);
        await bob.SeesAsync("ended Bye");
        await _sweep.DeleteAsync($"/api/v1/calls/{last}");
        await alice.SeesAsync("ended Bye");
        await _sweep.DoAsync(HttpMethod.Get, $"/api/v1/calls/{last}", null, HttpStatusCode.NotFound, 0);

        var rows = (await _town.Server.Administrator.GetAsync($"/api/v1/audit?subject={last}")).GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal("call.hung-up", rows[0].Text("action"));
        Assert.Equal(("Administrator", "127.0.0.1"), (rows[0].Text("account"), rows[0].Text("source")));
    }

    private Device Device(string number)
    {
        var now = _town.Server.Service<IDirectory>().Current;
        Assert.True(now.TryExtension(number, out var extension));
        return now.DevicesOf(extension.Id)[0];
    }

    private async Task<Made> MakeAsync(Stack<Made> things, string path, object body, object? change, Func<System.Text.Json.JsonElement, string>? id = null)
    {
        var made = await _sweep.MakeAsync(path, body, change);
        Assert.Equal(made.Id, id is null ? made.Answer.Id() : id(made.Answer));
        things.Push(made);
        return made;
    }

    private static async Task WaitAsync(Func<Task<System.Text.Json.JsonElement>> ask, Func<System.Text.Json.JsonElement, bool> so)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        while (!so(await ask())) limit.Token.ThrowIfCancellationRequested();
    }

    private static StringContent Csv(string text) => new(text, Encoding.UTF8, "text/csv");

    private static ByteArrayContent Wav()
    {
        var path = Path.GetTempFileName();
        WavFile.Write(path, new short[8000], 8000);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("audio/wav") } };
    }

    private static object Week()
    {
        string[] open = ["09:00-17:00"], closed = [];
        return new { monday = open, tuesday = open, wednesday = open, thursday = open, friday = open, saturday = closed, sunday = closed };
    }
}
