// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text.Json;
using Xunit;

namespace Beffroi.Server.Tests.Features.DialPlan;

/// <summary>A number that collides is refused at once, whichever feature gives it.</summary>
public sealed class NumberCheckTests : IAsyncLifetime
{
    private const string Conflict = "urn:beffroi:dial-plan.number-conflict";
    private TownHall _hall = null!;

    public async Task InitializeAsync() => _hall = await TownHall.OpenAsync();

    public async Task DisposeAsync() => await _hall.DisposeAsync();

    private Task<JsonElement> ExtensionAsync(string number, HttpStatusCode expected = HttpStatusCode.Conflict) => _hall.Admin.PostAsync("/api/v1/extensions", new { siteId = _hall.Hall, number }, expected);

    private Task<JsonElement> GroupAsync(string number, HttpStatusCode expected = HttpStatusCode.Conflict) => _hall.Admin.PostAsync("/api/v1/hunt-groups",
        new { organisationId = _hall.Town, number, name = "Accueil", strategy = "serial", members = Array.Empty<object>() }, expected);

    private Task<JsonElement> PlanAsync(object plan, HttpStatusCode expected = HttpStatusCode.Conflict) => _hall.Admin.PutAsync($"/api/v1/dial-plan/organisations/{_hall.Town}", plan, expected);

    [Theory]
    [InlineData("1001")]            // an extension's
    [InlineData("600")]             // a group's
    [InlineData("112")]             // an emergency number
    [InlineData("015")]             // an emergency number behind the outside prefix
    public async Task Neither_an_extension_nor_a_group_gets_a_number_that_is_taken(string number)
    {
        await GroupAsync("600", HttpStatusCode.Created);
        var direct = await _hall.HasDirectNumberAsync("0199001000", "1001");
        Assert.Equal(Conflict, (await ExtensionAsync(number)).Text("type"));
        Assert.Equal(Conflict, (await GroupAsync(number)).Text("type"));
        var again = await _hall.Admin.PostAsync("/api/v1/direct-numbers", new { organisationId = _hall.Town, number = direct.Text("number") }, HttpStatusCode.Conflict);
        Assert.Equal(Conflict, again.Text("type"));
    }

    [Fact]
    public async Task A_changed_number_is_checked_and_an_unchanged_one_is_not()
    {
        var group = await GroupAsync("600", HttpStatusCode.Created);
        var path = $"/api/v1/extensions/{_hall.Extensions["1002"]}";
        Assert.Equal(Conflict, (await _hall.Admin.PutAsync(path, new { siteId = _hall.Hall, number = "600" }, HttpStatusCode.Conflict)).Text("type"));
        await _hall.Admin.PutAsync(path, new { siteId = _hall.Hall, number = "1002", name = "Etat civil" });
        object Renamed(string number) => new { organisationId = _hall.Town, number, name = "Standard", strategy = "serial", members = Array.Empty<object>() };
        Assert.Equal(Conflict, (await _hall.Admin.PutAsync($"/api/v1/hunt-groups/{group.Id()}", Renamed("1001"), HttpStatusCode.Conflict)).Text("type"));
        await _hall.Admin.PutAsync($"/api/v1/hunt-groups/{group.Id()}", Renamed("600"));
    }

    [Fact]
    public async Task A_code_or_a_prefix_that_hides_a_number_is_refused_and_a_conflict_of_before_stops_nothing()
    {
        object[] Codes(string pattern) => [new { action = "park", pattern, fr = "Parcage", en = "Park" }];
        Assert.Equal(Conflict, (await PlanAsync(new { outsidePrefix = "0", codes = Codes("1003") })).Text("type"));
        Assert.Equal(Conflict, (await PlanAsync(new { outsidePrefix = "0", codes = Codes("112") })).Text("type"));
        await ExtensionAsync("915", HttpStatusCode.Created);
        Assert.Equal(Conflict, (await PlanAsync(new { outsidePrefix = "9" })).Text("type"));
        await PlanAsync(new { outsidePrefix = "0", codes = Codes("*68") }, HttpStatusCode.OK);
        Assert.Empty((await _hall.Admin.GetAsync($"/api/v1/dial-plan/conflicts?organisation={_hall.Town}")).EnumerateArray());
    }

    [Fact]
    public async Task An_emergency_number_that_comes_later_by_a_file_is_shown_until_its_owner_gets_another_number()
    {
        await _hall.Server.StopAsync();
        var list = Path.Combine(_hall.Server.Folder, "numbers.json");
        await File.WriteAllTextAsync(list, """[{"number":"112","fr":"Urgences","en":"Emergency","text":false},{"number":"1003","fr":"Nouveau","en":"New","text":false}]""");
        await using var again = await TestServer.StartAsync(folder: _hall.Server.Folder, settings: [$"--Emergency:Numbers={list}"]);
        Assert.Contains("1003 collides with the emergency number 1003", (await again.Anybody().GetAsync("/health/ready")).ToString(), StringComparison.Ordinal);
        var conflicts = await again.Administrator.GetAsync($"/api/v1/dial-plan/conflicts?organisation={_hall.Town}");
        Assert.Equal("error", Assert.Single(conflicts.EnumerateArray()).Text("weight"));
        await again.Administrator.PutAsync($"/api/v1/extensions/{_hall.Extensions["1003"]}", new { siteId = _hall.Library, number = "1013" });
        Assert.DoesNotContain("1003", (await again.Anybody().GetAsync("/health/ready")).ToString(), StringComparison.Ordinal);
    }
}
