// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Live;
using Beffroi.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
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
        string[] order = [$"<title>{state} ", "role=\"status\"", $">{state}<", "<section id=\"notes\" ", $"\"fact-calls\">{none}<", $"\"fact-registrations\">{none} ", $"\"fact-trunks\">{none}", "\"fact-disk\""];
        Assert.All(order.Zip(order.Skip(1)), two => Assert.InRange(page.IndexOf(two.First, StringComparison.Ordinal), 0, page.IndexOf(two.Second, StringComparison.Ordinal)));
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(page, "role=\"status\"|aria-live"));       // figures are not announced
    }

    [Fact]
    public async Task Health_tells_everybody_what_is_wrong_and_administrators_alone_why()
    {
        await using var server = await TestServer.StartAsync();
        server.Service<JournalWriter>().LiveWithout("Failed to connect to 192.0.2.7:5432");
        var operators = await server.SignInAsync(Role.Operator);
        foreach (var reader in new[] { server.Anybody(), operators, server.Administrator })
        {
            var (isOne, health) = (reader == server.Administrator, (await reader.GetAsync("/health/ready")).ToString());
            var page = await reader.Http.GetStringAsync(new Uri("/?lang=fr", UriKind.Relative));
            Assert.Contains("The store takes nothing since", health, StringComparison.Ordinal);
            Assert.Contains("La base de données ne prend plus rien depuis", page, StringComparison.Ordinal);
            Assert.Equal((isOne, isOne), (health.Contains("192.0.2.7", StringComparison.Ordinal), page.Contains("192.0.2.7", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_second_trouble_is_told_to_the_page_that_shows_the_first()
    {
        await using var server = await TestServer.StartAsync();
        server.Service<JournalWriter>().State.CountRejected();
        var first = await server.Anybody().GetAsync("/api/v1/state");
        var page = await server.Anybody().Http.GetStringAsync(new Uri("/", UriKind.Relative));
        Assert.Contains($"data-trouble=\"{first.Text("trouble")}\"", page, StringComparison.Ordinal);
        server.Service<JournalWriter>().State.CountSkipped();
        using var limit = new CancellationTokenSource(TestTimeouts.InProcess);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var second = first;
        for (; second.Text("trouble") == first.Text("trouble"); second = await server.Anybody().GetAsync("/api/v1/state")) await look.WaitForNextTickAsync(limit.Token);
        Assert.Equal(("degraded", "degraded"), (first.Text("status"), second.Text("status")));
        Assert.Contains("dataset.trouble !== state.trouble", await server.Anybody().Http.GetStringAsync(new Uri("/start.js", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_loop_that_broke_is_shown_and_the_server_goes_on()
    {
        await using var services = new ServiceCollection().AddSingleton<IHostedService, Breaks>().BuildServiceProvider();
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            var loop = (BackgroundService)services.GetRequiredService<IHostedService>();
            await loop.StartAsync(default);
            await loop.ExecuteTask!;
        });
        var note = Assert.Single(await new LoopHealth(services).CheckAsync(default));
        Assert.Contains("The part Breaks broke", note.Text, StringComparison.Ordinal);
        await using var server = await TestServer.StartAsync();
        Assert.Equal(BackgroundServiceExceptionBehavior.Ignore, server.Service<IOptions<HostOptions>>().Value.BackgroundServiceExceptionBehavior);
    }

    private sealed class Breaks : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            throw new InvalidOperationException("broken");
        }
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
