// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.ServerSentEvents;
using System.Security.Claims;
using System.Text.Json;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Live;
using Beffroi.Server.Tests.Features.CallControl;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Live;

/// <summary>What happens, as those see it who follow the live channel.</summary>
public sealed class LiveEventsTests
{
    [Fact]
    public async Task Calls_registrations_and_trunks_are_told_within_the_scope_and_to_the_persons_whose_they_are()
    {
        await using var town = await CallingTown.OpenAsync();
        var (alice, bob) = (await town.RegisteredAsync("101"), await town.RegisteredAsync("102"));
        var admin = town.Server.Administrator;
        var library = await admin.PostAsync("/api/v1/sites", new { organisationId = town.Organisation, name = "Médiathèque" });
        var trunk = await admin.PostAsync("/api/v1/trunks", new { name = "Opérateur", kind = "static", host = "192.0.2.1", optionsPingSeconds = 0 });
        var persons = (await admin.GetAsync("/api/v1/persons")).GetProperty("items").EnumerateArray().ToDictionary(p => p.GetProperty("extensions")[0].GetString()!, p => p.GetProperty("person").Id());
        await using var all = await Feed.OpenAsync(admin);
        var (inHall, inLibrary) = (await town.Server.SignInAsync(Role.Operator, new(ScopeKind.Site, Guid.Parse(town.Site))), await town.Server.SignInAsync(Role.Operator, new(ScopeKind.Site, Guid.Parse(library.Id()))));
        await using var hall = await Feed.OpenAsync(inHall);
        await using var elsewhere = await Feed.OpenAsync(inLibrary);
        await using var anne = await Feed.OpenAsync(await PersonAsync(town.Server, persons["101"]));
        _ = await town.RegisteredAsync("103");
        await using var other = await Feed.OpenAsync(await PersonAsync(town.Server, (await admin.GetAsync("/api/v1/persons?search=103")).GetProperty("items")[0].GetProperty("person").Id()));

        await town.TalkAsync(alice, bob);
        var (call, _) = await town.LiveAsync("101");
        Assert.Equal(call, Assert.Single((await inHall.GetAsync("/api/v1/calls")).EnumerateArray()).Id());
        Assert.Empty((await inLibrary.GetAsync("/api/v1/calls")).EnumerateArray());
        await inLibrary.DeleteAsync($"/api/v1/calls/{call}", HttpStatusCode.NotFound);
        Assert.Equal(3, (await inHall.GetAsync("/api/v1/registrations")).GetArrayLength());
        Assert.Empty((await inLibrary.GetAsync("/api/v1/registrations")).EnumerateArray());
        alice.HangsUp();
        await bob.SeesAsync("ended Bye");
        town.Server.Service<ITrunks>().Report(Guid.Parse(trunk.GetProperty("trunk").Id()), new TrunkState(false, TrunkState.NoAnswer));

        foreach (var reader in new[] { all, hall, anne })
        {
            var phases = await reader.UntilAsync("call", e => e.Text("phase") == "ended");
            Assert.Contains("ringing", phases.Select(e => e.Text("phase")));
            Assert.Contains("talking", phases.Select(e => e.Text("phase")));
            Assert.Single(phases.Select(e => e.Id()).Distinct());
        }

        Assert.Equal("False", (await all.UntilAsync("trunk", _ => true))[0].GetProperty("state").Text("isUp"));
        foreach (var reader in new[] { all, hall }) Assert.Contains(reader.Seen, e => e.Kind == "registration" && e.Data.Text("number") == "103" && e.Data.Text("isRegistered") == "True");
        town.Server.Service<LiveEvents>().Publish(new LiveEvent("marker", new LiveWord("marker", "", ""), _ => true));
        foreach (var reader in new[] { hall, elsewhere, anne, other }) await reader.UntilAsync("marker", _ => true);
        Assert.All(new[] { elsewhere, other }, reader => Assert.DoesNotContain(reader.Seen, e => e.Kind is "call" or "registration"));
        Assert.DoesNotContain(anne.Seen, e => e.Kind == "registration");
        Assert.All(new[] { hall, elsewhere, anne, other }, reader => Assert.DoesNotContain(reader.Seen, e => e.Kind == "trunk"));
    }

    [Fact]
    public async Task Who_does_not_keep_up_gets_what_was_kept_then_is_told_and_let_go()
    {
        await using var server = await TestServer.StartAsync();
        var (channel, events) = (server.Service<LiveChannel>(), server.Service<LiveEvents>());
        var before = events.Readers;
        await using var slow = channel.Follow(Auditor(), withEvents: true, default)!.GetAsyncEnumerator();
        Assert.Equal("state", await NextAsync(slow));
        Assert.Equal("resync", await NextAsync(slow));
        for (var i = 0; i <= LiveEvents.MostWaiting; i++) events.Publish(Marker);
        for (var i = 0; i < LiveEvents.MostWaiting; i++) Assert.Contains(await NextAsync(slow), new[] { "marker", "state" });
        Assert.Equal("lost", await NextAsync(slow));
        Assert.Null(await NextAsync(slow));
        Assert.Equal(before, events.Readers);
    }

    [Fact]
    public async Task Who_is_not_signed_in_or_did_not_ask_gets_the_state_alone()
    {
        await using var server = await TestServer.StartAsync(new ManualTime());
        var (channel, events) = (server.Service<LiveChannel>(), server.Service<LiveEvents>());
        foreach (var (reader, asks) in new[] { (new ClaimsPrincipal(new ClaimsIdentity()), true), (Auditor(), false) })
        {
            await using var feed = channel.Follow(reader, asks, default)!.GetAsyncEnumerator();
            Assert.Equal("state", await NextAsync(feed));
            events.Publish(Marker);
            channel.Changed();
            channel.Changed();
            Assert.Equal("state", await NextAsync(feed));
        }
    }

    private static LiveEvent Marker { get; } = new("marker", new LiveWord("marker", "", ""), _ => true);

    private static ClaimsPrincipal Auditor() => new(new ClaimsIdentity(
        [new(Claims.Account, Guid.NewGuid().ToString()), new(Claims.Role, nameof(Role.Auditor)), new(Claims.ScopeKind, nameof(ScopeKind.Everything)), new(Claims.ScopeId, Guid.Empty.ToString())], "test"));

    private static async Task<string?> NextAsync(IAsyncEnumerator<SseItem<object>> feed) => await feed.MoveNextAsync().AsTask().WaitAsync(TestTimeouts.InProcess) ? feed.Current.EventType : null;

    private static async Task<Api> PersonAsync(TestServer server, string personId)
    {
        var account = await server.Administrator.PostAsync("/api/v1/accounts", new { login = personId, name = "Agent", role = "person", personId });
        return new Api(server.Address, (await server.Administrator.PostAsync($"/api/v1/accounts/{account.Id()}/tokens", new { label = "test" })).Text("token"));
    }

    /// <summary>The live channel over HTTP.</summary>
    private sealed class Feed(HttpResponseMessage answer, Stream stream) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<SseItem<string>> _items = SseParser.Create(stream).EnumerateAsync().GetAsyncEnumerator();

        public List<(string Kind, JsonElement Data)> Seen { get; } = [];

        /// <summary>Open once it has read that it may follow from here on.</summary>
        public static async Task<Feed> OpenAsync(Api api)
        {
            var answer = await api.Http.GetAsync(new Uri("/api/v1/live?events=true", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            var feed = new Feed(answer, await answer.Content.ReadAsStreamAsync());
            await feed.UntilAsync("resync", _ => true);
            return feed;
        }

        /// <summary>The events of a kind up to the one that is wanted.</summary>
        public async Task<IReadOnlyList<JsonElement>> UntilAsync(string kind, Func<JsonElement, bool> wanted)
        {
            while (!Seen.Any(e => e.Kind == kind && wanted(e.Data)))
            {
                Assert.True(await _items.MoveNextAsync().AsTask().WaitAsync(TestTimeouts.Network));
                Seen.Add((_items.Current.EventType, JsonDocument.Parse(_items.Current.Data).RootElement));
            }

            return [.. Seen.Where(e => e.Kind == kind).Select(e => e.Data)];
        }

        public async ValueTask DisposeAsync()
        {
            answer.Dispose();
            await stream.DisposeAsync();
        }
    }
}
