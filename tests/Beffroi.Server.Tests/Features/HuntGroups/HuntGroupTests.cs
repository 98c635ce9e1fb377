// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text.Json;
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.HuntGroups;
using Beffroi.Server.Features.HuntGroups.Contract;
using Beffroi.Server.Tests.Features.DialPlan;
using Xunit;

namespace Beffroi.Server.Tests.Features.HuntGroups;

public class HuntGroupTests : IAsyncLifetime
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

    [Theory]
    [InlineData("circular")]
    [InlineData("leastRecent")]
    public async Task Whose_turn_it_is_survives_a_restart(string strategy)
    {
        await _hall.Admin.PostAsync("/api/v1/hunt-groups", new
        {
            organisationId = _hall.Town,
            number = "600",
            name = "Accueil",
            strategy,
            memberRingS = 10,
            timeoutS = 30,
            members = new[] { new { extension = _hall.Extensions["1001"] }, new { extension = _hall.Extensions["1002"] }, new { extension = _hall.Extensions["1003"] } },
        });
        Call(_hall.Server, "1001", _hall.Clock.GetUtcNow());
        Call(_hall.Server, "1002", _hall.Clock.GetUtcNow().AddMinutes(1));
        Assert.Equal("1003 1001 1002", Turns(_hall.Server));
        await _hall.Server.StopAsync();
        await using (var second = await TestServer.StartAsync(folder: _hall.Server.Folder))
        {
            Assert.Equal("1003 1001 1002", Turns(second));
            Call(second, "1003", _hall.Clock.GetUtcNow().AddMinutes(2));
            Assert.Equal("1001 1002 1003", Turns(second));
        }

        await using var third = await TestServer.StartAsync(folder: _hall.Server.Folder);
        Assert.Equal("1001 1002 1003", Turns(third));
    }

    /// <summary>The member is rung alone and answers.</summary>
    private static void Call(TestServer server, string number, DateTimeOffset at)
    {
        var (desk, group) = (server.Service<HuntDesk>(), Assert.Single(server.Service<IHuntGroups>().Current.All));
        desk.Rung(group, desk.Turns(group, Citizen, Guid.Empty).First(member => server.Service<IDirectory>().Current.Extensions[member].Number == number), at);
        desk.Answered(group, new CallParty(PartyKind.Internal, number, ""), at);
    }

    private static string Turns(TestServer server) => string.Join(' ', server.Service<HuntDesk>().Turns(server.Service<IHuntGroups>().Current.All[0], Citizen, Guid.Empty)
        .Select(member => server.Service<IDirectory>().Current.Extensions[member].Number));

    private static CallParty Citizen { get; } = new(PartyKind.External, "+33639980000", "");

    [Fact]
    public async Task A_number_is_given_once_and_never_that_of_an_emergency()
    {
        await AddAsync("600");
        Assert.Equal("urn:beffroi:dial-plan.number-conflict", (await AddAsync("600", HttpStatusCode.Conflict)).Text("type"));
        Assert.Equal("urn:beffroi:dial-plan.number-conflict", (await AddAsync("1001", HttpStatusCode.Conflict)).Text("type"));
        Assert.Equal("urn:beffroi:dial-plan.number-conflict", (await AddAsync("112", HttpStatusCode.Conflict)).Text("type"));
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
