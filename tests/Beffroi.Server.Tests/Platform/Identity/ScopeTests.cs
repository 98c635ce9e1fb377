// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Tests.Features.DialPlan;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Identity;

/// <summary>What an account limited to an organisation, a site or a unit sees of a town with two organisations.</summary>
public sealed class ScopeTests : IAsyncLifetime
{
    private const string Groups = "/api/v1/hunt-groups", Boxes = "/api/v1/voicemail/boxes", Calendars = "/api/v1/calendars", Welcomes = "/api/v1/welcome-messages", Alerts = "/api/v1/emergency/calls", Extensions = "/api/v1/extensions";
    private TownHall _hall = null!;
    private string _other = "", _unit = "";

    public async Task InitializeAsync()
    {
        _hall = await TownHall.OpenAsync();
        var admin = _hall.Admin;
        _other = (await admin.PostAsync("/api/v1/organisations", new { name = "Val-Haut" })).Id();
        var site = (await admin.PostAsync("/api/v1/sites", new { organisationId = _other, name = "Mairie de Val-Haut" })).Id();
        await _hall.ArrivesAsync("Denis", "Faure", "2001", site);
        await _hall.ArrivesAsync("Émile", "Gros", "1004", _hall.Library);
        var above = (await admin.PostAsync("/api/v1/units", new { organisationId = _hall.Town, name = "Services à la population" })).Id();
        _unit = above;
        var culture = (await admin.PostAsync("/api/v1/units", new { organisationId = _hall.Town, name = "Culture", parentId = above })).Id();
        await admin.PutAsync($"/api/v1/persons/{_hall.Persons["1003"]}", new { siteId = _hall.Library, unitId = culture, givenName = "Chloé", familyName = "Blanc" });
        await GroupAsync(_hall.Town, "610", _hall.Library, "1003");
        await GroupAsync(_hall.Town, "620", null, "1001", "1003");
        await GroupAsync(_other, "630", site, "2001");
        foreach (var (organisation, number) in new[] { (_hall.Town, "1001"), (_hall.Town, "1003"), (_hall.Town, "610"), (_other, "2001") }) await admin.PostAsync(Boxes, new { organisationId = organisation, number });
        foreach (var organisation in new[] { _hall.Town, _other })
        {
            string[] day = ["09:00-17:00"];
            await admin.PostAsync(Calendars, new { organisationId = organisation, name = "Horaires", week = new { monday = day, tuesday = day, wednesday = day, thursday = day, friday = day, saturday = day, sunday = day } });
            await admin.PostAsync(Welcomes, new { organisationId = organisation, number = organisation == _other ? "0199002000" : "0199001000", name = "Accueil" });
        }

        foreach (var (number, organisation, at) in new[] { ("1001", _hall.Town, _hall.Hall), ("1003", _hall.Town, _hall.Library), ("2001", _other, site) })
            _hall.Server.Service<IEmergency>().Alert(new EmergencyCall(Guid.NewGuid(), TownHall.Monday, "15", number, number, Guid.Parse(organisation), Guid.Parse(at), PhoneNumber.None));
        await _hall.Server.WrittenAsync();
    }

    public async Task DisposeAsync() => await _hall.DisposeAsync();

    [Fact]
    public async Task An_organisation_sees_what_is_its_own_and_nothing_of_another()
    {
        var town = await SignInAsync("organisation", _hall.Town);
        Assert.Equal(["1001", "1002", "1003", "1004"], await SeesAsync(town, Extensions, "number"));
        Assert.Equal(["610", "620"], await SeesAsync(town, Groups, "number"));
        Assert.Equal(["1001", "1003", "610"], await BoxesAsync(town));
        Assert.Single(await SeesAsync(town, Calendars, "name"));
        Assert.Single(await SeesAsync(town, Welcomes, "name"));
        Assert.Equal(["1001", "1003"], await SeesAsync(town, Alerts, "extension"));
        var other = await SignInAsync("organisation", _other);
        Assert.Equal(["630"], await SeesAsync(other, Groups, "number"));
        Assert.Equal(["2001"], await SeesAsync(other, Alerts, "extension"));
        foreach (var path in new[] { Groups, Calendars, Welcomes })
            foreach (var thing in (await town.GetAsync(path)).EnumerateArray())
            {
                await other.SendAsync(HttpMethod.Get, $"{path}/{thing.Id()}", null, HttpStatusCode.NotFound);
                await other.DeleteAsync($"{path}/{thing.Id()}", HttpStatusCode.NotFound);
            }
    }

    [Fact]
    public async Task A_site_sees_its_extensions_groups_boxes_and_emergency_calls()
    {
        var library = await SignInAsync("site", _hall.Library);
        Assert.Equal(["1003", "1004"], await SeesAsync(library, Extensions, "number"));
        Assert.Equal(["610"], await SeesAsync(library, Groups, "number"));
        Assert.Equal(["1003", "610"], await BoxesAsync(library));
        Assert.Equal(["1003"], await SeesAsync(library, Alerts, "extension"));
        await library.PostAsync(Groups, new { organisationId = _hall.Town, number = "640", name = "Ailleurs", strategy = "ringAll", siteId = _hall.Hall, members = Array.Empty<object>() }, HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_unit_sees_the_people_of_all_units_below_it_the_groups_made_of_them_their_boxes_and_emergency_calls()
    {
        var unit = await SignInAsync("unit", _unit);
        Assert.Equal(["1003"], await SeesAsync(unit, Extensions, "number"));
        Assert.Equal(["610"], await SeesAsync(unit, Groups, "number"));
        Assert.Equal(["1003"], await BoxesAsync(unit));
        Assert.Equal(["1003"], await SeesAsync(unit, Alerts, "extension"));
        var alert = (await unit.GetAsync(Alerts))[0].Id();
        var empty = await SignInAsync("unit", (await _hall.Admin.PostAsync("/api/v1/units", new { organisationId = _hall.Town, name = "Finances" })).Id());
        foreach (var path in new[] { Extensions, Groups, Boxes, Alerts }) Assert.Empty((await empty.GetAsync(path)).EnumerateArray());
        await empty.PostAsync($"{Alerts}/{alert}/seen", new { }, HttpStatusCode.NotFound);
        await unit.PostAsync($"{Alerts}/{alert}/seen", new { }, HttpStatusCode.OK);
    }

    private Task GroupAsync(string organisationId, string number, string? siteId, params string[] members) => _hall.Admin.PostAsync(Groups,
        new { organisationId, number, name = number, strategy = "ringAll", siteId, members = members.Select(m => new { extension = _hall.Extensions[m] }) });

    /// <summary>An operator whose account is made as administrators make it.</summary>
    private async Task<Api> SignInAsync(string scopeKind, string scopeId)
    {
        var account = await _hall.Admin.PostAsync("/api/v1/accounts", new { login = $"{scopeKind}-{scopeId}", name = scopeKind, role = nameof(Role.Operator).ToLowerInvariant(), scopeKind, scopeId });
        return new Api(_hall.Server.Address, (await _hall.Admin.PostAsync($"/api/v1/accounts/{account.Id()}/tokens", new { label = "essai" })).Text("token"));
    }

    private static async Task<IReadOnlyList<string>> SeesAsync(Api api, string path, string name) => [.. (await api.GetAsync(path)).EnumerateArray().Select(t => t.Text(name)).Order(StringComparer.Ordinal)];

    private static async Task<IReadOnlyList<string>> BoxesAsync(Api api) => [.. (await api.GetAsync(Boxes)).EnumerateArray().Select(b => b.GetProperty("box").Text("number")).Order(StringComparer.Ordinal)];
}
