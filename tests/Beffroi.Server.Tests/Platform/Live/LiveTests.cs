// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Live;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Live;

public sealed class LiveTests
{
    [Fact]
    public void Metrics_are_Prometheus_text_with_one_heading_per_name_and_escaped_labels()
    {
        var metrics = new MetricWriter();
        metrics.Gauge("trunk_up", "Up.", 1, ("trunk", "A\"\\\n"));
        metrics.Gauge("trunk_up", "Up.", 0.5, ("trunk", "B"), ("kind", "static"));
        metrics.Counter("calls_total", "Calls.", 3);
        Assert.Equal("""
            # HELP beffroi_trunk_up Up.
            # TYPE beffroi_trunk_up gauge
            beffroi_trunk_up{trunk="A\"\\\n"} 1
            beffroi_trunk_up{trunk="B",kind="static"} 0.5
            # HELP beffroi_calls_total Calls.
            # TYPE beffroi_calls_total counter
            beffroi_calls_total 3

            """, metrics.ToString());
    }

    [Fact]
    public async Task The_start_page_shows_the_live_state_without_script_inline_or_personal_data()
    {
        await using var server = await TestServer.StartAsync();
        using var answer = await server.Anybody().Http.GetAsync(new Uri("/", UriKind.Relative));
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains("script-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("<style", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script>", page, StringComparison.OrdinalIgnoreCase);
        foreach (var fact in (await server.Anybody().GetAsync("/api/v1/state")).GetProperty("facts").EnumerateArray())
            Assert.Contains($"id=\"fact-{fact.Id()}\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fr", "✓ Tout fonctionne", "Aucun")]
    [InlineData("en", "✓ Everything works", "None")]
    public async Task The_start_page_of_a_quiet_town_begins_with_its_state_in_words_and_what_people_look_for(string language, string state, string none)
    {
        await using var server = await TestServer.StartAsync();
        var page = await server.Anybody().Http.GetStringAsync(new Uri("/?lang=" + language, UriKind.Relative));
        string[] order = [$"<title>{state} ", "role=\"status\"", $">{state}<", "<section id=\"notes\">", $"\"fact-calls\">{none}<", $"\"fact-registrations\">{none} ", $"\"fact-trunks\">{none}", "\"fact-disk\""];
        Assert.All(order.Zip(order.Skip(1)), two => Assert.InRange(page.IndexOf(two.First, StringComparison.Ordinal), 0, page.IndexOf(two.Second, StringComparison.Ordinal)));
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(page, "role=\"status\"|aria-live"));       // figures are not announced
    }

    [Fact]
    public async Task A_path_or_body_that_cannot_be_understood_is_a_problem_with_a_stable_type()
    {
        await using var server = await TestServer.StartAsync();
        var lost = await server.Administrator.SendAsync(HttpMethod.Get, "/api/v1/nothing", null, System.Net.HttpStatusCode.NotFound);
        Assert.Equal("urn:beffroi:request.no-such-path", lost.Text("type"));
        var broken = await server.Administrator.SendAsync(HttpMethod.Post, "/api/v1/sites", new StringContent("{", System.Text.Encoding.UTF8, "application/json"), System.Net.HttpStatusCode.BadRequest);
        Assert.Equal("urn:beffroi:request.invalid", broken.Text("type"));
        var wrong = await server.Administrator.SendAsync(HttpMethod.Post, "/api/v1/sites", new StringContent("{\"name\":{}}", System.Text.Encoding.UTF8, "application/json"), System.Net.HttpStatusCode.BadRequest);
        Assert.Contains("The field name ", wrong.Text("detail"), StringComparison.Ordinal);
    }
}
