// SPDX-License-Identifier: EUPL-1.2
using System.Net;
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
}
