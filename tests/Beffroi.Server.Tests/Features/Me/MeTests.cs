// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Tests.Features.DialPlan;
using Xunit;

namespace Beffroi.Server.Tests.Features.Me;

public sealed class MeTests
{
    [Fact]
    public async Task A_person_finds_the_ids_of_what_is_theirs_and_uses_them_and_nothing_of_anybody_else()
    {
        await using var hall = await TownHall.OpenAsync();
        var group = await hall.Admin.PostAsync("/api/v1/hunt-groups", new
        {
            organisationId = hall.Town,
            number = "1000",
            name = "Accueil",
            strategy = "ringAll",
            members = new[] { new { extension = hall.Extensions["1001"] } },
        });
        foreach (var number in new[] { "1000", "1001", "1002" }) await hall.Admin.PostAsync("/api/v1/voicemail/boxes", new { organisationId = hall.Town, number });
        var anne = await hall.SignsInAsync("1001");

        var me = await anne.GetAsync("/api/v1/me");
        Assert.Equal(("person", "organisation", hall.Town), (me.Text("role"), me.Text("scopeKind"), me.Text("scopeId")));
        Assert.Equal("Petit", me.GetProperty("person").Text("familyName"));
        var mine = Assert.Single(me.GetProperty("extensions").EnumerateArray()).GetProperty("extension");
        Assert.Equal("1001", mine.Text("number"));
        await anne.PutAsync($"/api/v1/forwardings/{mine.Id()}", new { immediate = "1002" });
        Assert.Equal("1002", Assert.Single((await anne.GetAsync("/api/v1/forwardings")).EnumerateArray()).GetProperty("immediate").Text("target"));
        var member = Assert.Single(me.GetProperty("groups").EnumerateArray());
        Assert.Equal((group.Id(), "True"), (member.Id(), member.Text("loggedIn")));
        await anne.PutAsync($"/api/v1/hunt-groups/{member.Id()}/members/{member.Text("extension")}", new { loggedIn = false });
        Assert.Equal("False", Assert.Single((await anne.GetAsync("/api/v1/me")).GetProperty("groups").EnumerateArray()).Text("loggedIn"));
        var boxes = me.GetProperty("boxes").EnumerateArray().ToList();
        Assert.Equal(["1001", "1000"], boxes.Select(b => b.Text("number")));
        foreach (var box in boxes) await anne.GetAsync($"/api/v1/voicemail/boxes/{box.Id()}/messages");

        var bruno = await (await hall.SignsInAsync("1002")).GetAsync("/api/v1/me");
        Assert.Equal(0, bruno.GetProperty("groups").GetArrayLength());
        var his = Assert.Single(bruno.GetProperty("boxes").EnumerateArray());
        await anne.SendAsync(HttpMethod.Get, $"/api/v1/voicemail/boxes/{his.Id()}", null, HttpStatusCode.NotFound);
        await anne.SendAsync(HttpMethod.Get, $"/api/v1/forwardings/{hall.Extensions["1002"]}", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_service_has_no_person_and_nothing_of_its_own()
    {
        await using var hall = await TownHall.OpenAsync();
        var me = await hall.Admin.GetAsync("/api/v1/me");
        Assert.False(me.TryGetProperty("person", out _));
        Assert.Equal(0, me.GetProperty("extensions").GetArrayLength());
    }

    [Fact]
    public async Task The_person_of_an_account_is_one_of_the_directory_and_stays_while_the_account_does()
    {
        await using var hall = await TownHall.OpenAsync();
        var accounts = "/api/v1/accounts";
        await hall.Admin.PostAsync(accounts, new { login = "a", name = "A", role = "person" }, HttpStatusCode.BadRequest);
        await hall.Admin.PostAsync(accounts, new { login = "a", name = "A", role = "person", personId = Guid.NewGuid() }, HttpStatusCode.BadRequest);
        await hall.Admin.PostAsync(accounts, new { login = "a", name = "A", role = "person", personId = hall.Persons["1003"], scopeKind = "site", scopeId = hall.Library }, HttpStatusCode.BadRequest);
        var account = await hall.Admin.PostAsync(accounts, new { login = "chloe", name = "Chloé", role = "person", personId = hall.Persons["1003"] });
        await hall.Admin.DeleteAsync($"/api/v1/extensions/{hall.Extensions["1003"]}");
        var used = await hall.Admin.DeleteAsync($"/api/v1/persons/{hall.Persons["1003"]}", HttpStatusCode.Conflict);
        Assert.Contains("account", used.Text("detail"), StringComparison.Ordinal);
        await hall.Admin.DeleteAsync($"{accounts}/{account.Id()}");
        await hall.Admin.DeleteAsync($"/api/v1/persons/{hall.Persons["1003"]}");
    }
}
