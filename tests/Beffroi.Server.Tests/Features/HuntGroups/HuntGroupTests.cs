// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text.Json;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Tests.Features.DialPlan;
using Xunit;

namespace Beffroi.Server.Tests.Features.HuntGroups;

public sealed class HuntGroupTests : IAsyncLifetime
{
    private TownHall _hall = null!;

    public async Task InitializeAsync() => _hall = await TownHall.OpenAsync();

    public async Task DisposeAsync() => await _hall.DisposeAsync();

    private Task<JsonElement> AddAsync(string number, HttpStatusCode expected = HttpStatusCode.Created, object? overflow = null) => _hall.Admin.PostAsync("/api/v1/hunt-groups",
        new { organisationId = _hall.Town, number, name = "Accueil", strategy = "serial", members = new[] { new { extension = _hall.Extensions["1001"] }, new { extension = _hall.Extensions["1002"] } }, overflow }, expected);

    [Fact]
    public async Task A_group_is_reached_by_its_number_and_survives_a_restart()
    {
        var group = await AddAsync("600");
        Assert.Equal("huntGroup", (await _hall.ExplainAsync("1003", "600")).Outcome);
        await _hall.Server.StopAsync();
        await using var again = await TestServer.StartAsync(folder: _hall.Server.Folder);
        var kept = Assert.Single(again.Service<IHuntGroups>().Current.All);
        Assert.Equal(group.Id(), kept.Id.ToString());
        Assert.Equal(["0:True", "1:True"], kept.Members.Select(m => $"{m.Order}:{m.LoggedIn}"));
    }

    [Fact]
    public async Task A_number_is_given_once_and_never_that_of_an_emergency()
    {
        await AddAsync("600");
        Assert.Equal("urn:beffroi:hunt-groups.number-taken", (await AddAsync("600", HttpStatusCode.Conflict)).Text("type"));
        Assert.Equal("urn:beffroi:hunt-groups.number-taken", (await AddAsync("1001", HttpStatusCode.Conflict)).Text("type"));
        await AddAsync("112", HttpStatusCode.BadRequest);
        await AddAsync("601", HttpStatusCode.BadRequest, new { kind = "number", target = "601" });
    }

    [Fact]
    public async Task A_member_logs_in_and_out_and_nobody_else_does_it_for_them()
    {
        var group = await AddAsync("600");
        var anne = await _hall.SignsInAsync("1001");
        var path = $"/api/v1/hunt-groups/{group.Id()}/members/";
        await anne.PutAsync(path + _hall.Extensions["1001"], new { loggedIn = false });
        Assert.Contains("1 membre(s) présent(s) sur 2", (await _hall.ExplainAsync("1003", "600")).Steps, StringComparison.Ordinal);
        await anne.PutAsync(path + _hall.Extensions["1002"], new { loggedIn = false }, HttpStatusCode.NotFound);
        await _hall.Admin.PutAsync(path + _hall.Extensions["1003"], new { loggedIn = true }, HttpStatusCode.NotFound);
        await _hall.Admin.PutAsync(path + _hall.Extensions["1001"], new { loggedIn = true });
    }

    [Fact]
    public async Task Conflicts_between_groups_extensions_and_codes_are_listed()
    {
        await AddAsync("10");
        var conflicts = await _hall.Admin.GetAsync($"/api/v1/dial-plan/conflicts?organisation={_hall.Town}");
        Assert.Equal(3, conflicts.GetArrayLength());
        Assert.All(conflicts.EnumerateArray(), c => Assert.Equal("warning", c.Text("weight")));
    }
}
