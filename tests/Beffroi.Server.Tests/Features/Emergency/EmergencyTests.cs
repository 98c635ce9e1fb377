// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text.Json;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Emergency;
using Beffroi.Server.Features.Emergency.Contract;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Tests.Features.DialPlan;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Features.Emergency;

public class EmergencyTests
{
    [Fact]
    public async Task A_route_shows_only_a_number_of_the_town()
    {
        await using var hall = await TownHall.OpenAsync();
        await hall.Admin.PostAsync("/api/v1/emergency/routes", new { siteId = hall.Hall, presented = "0142000000" }, HttpStatusCode.BadRequest);
        await hall.HasDirectNumberAsync("0199001000", null);
        await hall.Admin.PostAsync("/api/v1/emergency/routes", new { siteId = hall.Hall, presented = "0199001000" });
        await hall.Admin.PostAsync("/api/v1/emergency/routes", new { siteId = hall.Hall, presented = "0199001000" }, HttpStatusCode.Conflict);
        await hall.Admin.PostAsync("/api/v1/emergency/routes", new { siteId = hall.Hall, presented = "0199001000", number = "3631" }, HttpStatusCode.BadRequest);
        var problem = await hall.Admin.PostAsync("/api/v1/emergency/routes", new { siteId = hall.Hall, presented = "0199001000", number = "18", trunk = Guid.NewGuid() }, HttpStatusCode.BadRequest);
        Assert.Equal("is no trunk", Assert.Single(problem.GetProperty("errors").GetProperty("trunk").EnumerateArray()).ToString());
    }

    [Fact]
    public async Task An_emergency_call_is_written_down_told_and_seen()
    {
        await using var hall = await TownHall.OpenAsync();
        var call = Guid.NewGuid();
        hall.Server.Service<IEmergency>().Alert(new EmergencyCall(call, TownHall.Monday, "15", "1003", "Chloé Blanc", Guid.Parse(hall.Town), Guid.Parse(hall.Library), PhoneNumber.Of("+33199001030")));
        await hall.Server.WrittenAsync();
        var library = await hall.SignsInAtAsync(hall.Library);
        var told = Assert.Single((await library.GetAsync("/api/v1/emergency/calls?unseen=true")).EnumerateArray());
        Assert.Equal(("15", "1003"), (told.Text("number"), told.Text("extension")));
        var elsewhere = await hall.SignsInAtAsync(hall.Hall);
        Assert.Equal(0, (await elsewhere.GetAsync("/api/v1/emergency/calls")).GetArrayLength());
        await elsewhere.PostAsync($"/api/v1/emergency/calls/{call}/seen", new { }, HttpStatusCode.NotFound);
        await library.PostAsync($"/api/v1/emergency/calls/{call}/seen", new { }, HttpStatusCode.OK);
        Assert.Equal(0, (await library.GetAsync("/api/v1/emergency/calls?unseen=true")).GetArrayLength());
    }

    [Fact]
    public async Task Who_looks_at_the_live_state_is_told_at_once_and_until_somebody_looks_after_it_within_the_scope_and_after_a_restart()
    {
        await using var hall = await TownHall.OpenAsync();
        var (library, elsewhere, auditor) = (await hall.SignsInAtAsync(hall.Library), await hall.SignsInAtAsync(hall.Hall), await hall.Server.SignInAsync(Role.Auditor));
        await using var watching = await LiveReader.OpenAsync(library);
        await using var stranger = await LiveReader.OpenAsync(hall.Server.Anybody());
        Assert.Empty((await watching.NextAsync()).GetProperty("notices").EnumerateArray());
        await stranger.NextAsync();

        var call = Guid.NewGuid();
        hall.Server.Service<IEmergency>().Alert(new EmergencyCall(call, TownHall.Monday, "15", "1003", "Chloé Blanc", Guid.Parse(hall.Town), Guid.Parse(hall.Library), PhoneNumber.None));
        var told = Assert.Single((await watching.NextAsync()).GetProperty("notices").EnumerateArray());
        Assert.Equal("Appel au 15 à 10:00:00 par Chloé Blanc (poste 1003), Médiathèque", told.Text("french"));
        var seen = await stranger.NextAsync();
        Assert.False(seen.TryGetProperty("notices", out _));
        Assert.DoesNotContain("Chloé", seen.ToString(), StringComparison.Ordinal);
        Assert.Contains(seen.GetProperty("facts").EnumerateArray(), f => f.Id() == "emergency" && f.Text("englishValue") == "1" && !f.GetProperty("isWell").GetBoolean());
        Assert.Empty((await elsewhere.GetAsync("/api/v1/state")).GetProperty("notices").EnumerateArray());
        Assert.False(Assert.Single((await auditor.GetAsync("/api/v1/state")).GetProperty("notices").EnumerateArray()).TryGetProperty("acknowledge", out _));

        Assert.Contains("Appel au 15 à 10:00:00", await library.Http.GetStringAsync(new Uri("/?lang=fr", UriKind.Relative)), StringComparison.Ordinal);
        Assert.DoesNotContain("Chloé", await hall.Server.Anybody().Http.GetStringAsync(new Uri("/?lang=fr", UriKind.Relative)), StringComparison.Ordinal);
        await hall.Server.WrittenAsync();
        await hall.Server.StopAsync();
        await using var again = await TestServer.StartAsync(folder: hall.Server.Folder);
        var still = Assert.Single((await again.Administrator.GetAsync("/api/v1/state")).GetProperty("notices").EnumerateArray());
        await using var page = await LiveReader.OpenAsync(again.Administrator);
        await page.NextAsync();
        await (await again.SignInAsync(Role.Auditor)).PostAsync(still.Text("acknowledge"), new { }, HttpStatusCode.Forbidden);
        await again.Administrator.SendAsync(HttpMethod.Post, still.Text("acknowledge"), null, HttpStatusCode.OK);
        while ((await page.NextAsync()).GetProperty("notices").GetArrayLength() > 0) await Task.Yield();      // a round of the clock may come first
        Assert.Contains("emergency.seen", (await again.Administrator.GetAsync("/api/v1/audit")).ToString(), StringComparison.Ordinal);
    }

    /// <summary>Reads the live channel as a browser does.</summary>
    private sealed class LiveReader(HttpResponseMessage answer, Stream stream) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<System.Net.ServerSentEvents.SseItem<string>> _items = System.Net.ServerSentEvents.SseParser.Create(stream).EnumerateAsync().GetAsyncEnumerator();

        public static async Task<LiveReader> OpenAsync(Api api)
        {
            var answer = await api.Http.GetAsync(new Uri("/api/v1/live", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
            return new(answer, await answer.Content.ReadAsStreamAsync());
        }

        public async Task<JsonElement> NextAsync()
        {
            Assert.True(await _items.MoveNextAsync().AsTask().WaitAsync(TestTimeouts.Network));
            Assert.Equal("state", _items.Current.EventType);
            return JsonDocument.Parse(_items.Current.Data).RootElement;
        }

        public async ValueTask DisposeAsync()
        {
            answer.Dispose();
            await stream.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""[{"number":"15","fr":"","en":"","text":false}]""")]
    [InlineData("""[{"number":"112"},{"number":"112"}]""")]
    [InlineData("""[{"number":"112"},{"number":"1x"}]""")]
    public void A_list_that_would_lose_emergency_numbers_stops_the_start(string text)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, text);
        var stopped = Assert.Throws<SettingsException>(() => EmergencySetup.Read(path));
        File.Delete(path);
        Assert.Contains("Emergency:Numbers", stopped.Message, StringComparison.Ordinal);
    }
}
