// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Tests.Features.CallControl;
using Xunit;

namespace Beffroi.Server.Tests.Features.Audit;

public sealed class AuditTests
{
    [Fact]
    public async Task Every_change_says_who_what_before_after_when_and_from_where_and_a_refused_one_says_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var town = (await server.Administrator.PostAsync("/api/v1/organisations", new { name = "Bourg" })).Id();
        await server.Administrator.PutAsync($"/api/v1/organisations/{town}", new { name = "Vieux-Bourg" });
        await server.Administrator.PutAsync($"/api/v1/organisations/{town}", new { name = "Nouveau-Bourg", version = 0 }, HttpStatusCode.Conflict);
        var page = await server.Administrator.GetAsync($"/api/v1/audit?subject={town}");
        var entries = page.GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal(["directory.organisation-changed", "directory.organisation-added"], entries.Select(e => e.Text("action")));
        Assert.Equal("Bourg", entries[0].GetProperty("before").Text("name"));
        Assert.Equal("Vieux-Bourg", entries[0].GetProperty("after").Text("name"));
        Assert.Equal("127.0.0.1", entries[0].Text("source"));
        Assert.Equal("Administrator", entries[0].Text("account"));
        Assert.False(entries[1].TryGetProperty("before", out _));
    }

    [Fact]
    public async Task The_audit_is_read_page_by_page()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i < 5; i++) await server.Administrator.PostAsync("/api/v1/organisations", new { name = $"Bourg {i}" });
        var first = await server.Administrator.GetAsync("/api/v1/audit?action=directory&take=3");
        Assert.Equal(3, first.GetProperty("entries").GetArrayLength());
        var second = await server.Administrator.GetAsync($"/api/v1/audit?action=directory&take=3&after={first.Text("next")}");
        Assert.Equal(2, second.GetProperty("entries").GetArrayLength());
        Assert.False(second.TryGetProperty("next", out _));
    }

    [Fact]
    public async Task All_rows_of_one_change_are_read_though_they_share_a_moment()
    {
        await using var server = await TestServer.StartAsync();
        var town = (await server.Administrator.PostAsync("/api/v1/organisations", new { name = "Bourg" })).Id();
        var made = await server.Administrator.PostAsync("/api/v1/direct-numbers/ranges", new { organisationId = town, first = "0199001000", count = 250 }, HttpStatusCode.OK);
        Assert.Equal(250, made.GetProperty("added").GetInt32());
        var (seen, pages, after) = (new HashSet<string>(), 0, "");
        do
        {
            var page = await server.Administrator.GetAsync($"/api/v1/audit?action=direct-numbers&take=100&after={after}");
            foreach (var entry in page.GetProperty("entries").EnumerateArray()) Assert.True(seen.Add(entry.Id()), "a row came twice");
            after = page.TryGetProperty("next", out var next) ? next.ToString() : "";
        }
        while (after.Length > 0 && ++pages < 10);
        Assert.Equal(250, seen.Count);
        var wrong = await server.Administrator.SendAsync(HttpMethod.Get, "/api/v1/audit?after=2026-01-01", null, HttpStatusCode.BadRequest);
        Assert.Equal("urn:beffroi:request.invalid", wrong.Text("type"));
    }

    [Fact]
    public async Task What_somebody_sets_by_telephone_carries_the_telephone_as_its_author()
    {
        await using var town = await CallingTown.OpenAsync();
        var alice = await town.RegisteredAsync("101");
        Assert.True(town.Server.Service<IDirectory>().Current.TryExtension("101", out var extension));
        await town.Server.Administrator.PostAsync("/api/v1/hunt-groups", new
        {
            organisationId = town.Organisation,
            number = "600",
            name = "Accueil",
            strategy = "ringAll",
            members = new[] { new { extension = extension.Id } },
        });
        var codes = town.Server.Service<IDialPlans>().Codes(Guid.Parse(town.Organisation));
        foreach (var (action, argument) in new[] { (FeatureAction.ForwardImmediateSet, "0199009999"), (FeatureAction.DoNotDisturbOn, ""), (FeatureAction.GroupLogOut, "600") })
        {
            var code = codes.All.First(c => c.Action == action && c.HasArgument == argument.Length > 0);
            alice.Dials(code.Prefix + argument + (code.Pattern.EndsWith('#') && !code.Prefix.EndsWith('#') ? "#" : ""), town.Sip);
            await alice.SeesAsync("ended Bye");
        }

        await town.Server.WrittenAsync();
        var rows = (await town.Server.Administrator.GetAsync("/api/v1/audit")).GetProperty("entries").EnumerateArray().Where(e => e.Text("account") == "telephone 101").ToList();
        Assert.Equal(["hunt-groups.group-changed", "forwarding.rules-changed", "forwarding.rules-added"], rows.Select(r => r.Text("action")));
        Assert.All(rows, r => Assert.Equal("local", r.Text("source")));
    }

    [Fact]
    public async Task What_changes_nothing_in_the_store_is_noted_with_what_was_asked()
    {
        await using var server = await TestServer.StartAsync();
        server.Service<AuditTrail>().Note(Caller.Itself("essai"), "call.held", Guid.NewGuid(), new string('x', 300), new { on = true });
        await server.WrittenAsync();
        var row = Assert.Single((await server.Administrator.GetAsync("/api/v1/audit?action=call")).GetProperty("entries").EnumerateArray());
        Assert.Equal((200, "True"), (row.Text("subject").Length, row.GetProperty("after").Text("on")));
    }
}
