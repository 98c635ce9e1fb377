// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Identity;
using Beffroi.TestKit;

namespace Beffroi.Server.Tests.Features.DialPlan;

/// <summary>A server with a small town: a town hall and a library, Anne (1001) and Bruno (1002) at the hall, Chloé (1003) at the library.</summary>
internal sealed class TownHall : IAsyncDisposable
{
    /// <summary>A Monday, 10:00 in Paris.</summary>
    public static readonly DateTimeOffset Monday = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    private TownHall(TestServer server) => Server = server;

    public TestServer Server { get; }

    public ManualTime Clock { get; private init; } = null!;

    public Api Admin => Server.Administrator;

    public string Town { get; private set; } = "";

    public string Hall { get; private set; } = "";

    public string Library { get; private set; } = "";

    public Dictionary<string, string> Extensions { get; } = [];

    public Dictionary<string, string> Persons { get; } = [];

    public static async Task<TownHall> OpenAsync(params string[] settings)
    {
        var clock = new ManualTime(Monday);
        var hall = new TownHall(await TestServer.StartAsync(clock, null, settings)) { Clock = clock };
        hall.Town = (await hall.Admin.PostAsync("/api/v1/organisations", new { name = "Saint-Aubin" })).Id();
        hall.Hall = (await hall.Admin.PostAsync("/api/v1/sites", new { organisationId = hall.Town, name = "Mairie" })).Id();
        hall.Library = (await hall.Admin.PostAsync("/api/v1/sites", new { organisationId = hall.Town, name = "Médiathèque" })).Id();
        await hall.ArrivesAsync("Anne", "Petit", "1001", hall.Hall);
        await hall.ArrivesAsync("Bruno", "Roux", "1002", hall.Hall);
        await hall.ArrivesAsync("Chloé", "Blanc", "1003", hall.Library);
        return hall;
    }

    public async Task ArrivesAsync(string givenName, string familyName, string number, string site)
    {
        Persons[number] = (await Admin.PostAsync("/api/v1/persons", new { siteId = site, givenName, familyName })).Id();
        Extensions[number] = (await Admin.PostAsync("/api/v1/extensions", new { siteId = site, number, personId = Persons[number] })).Id();
    }

    /// <summary>A direct number that leads to an internal one.</summary>
    public Task<JsonElement> HasDirectNumberAsync(string number, string? to, string presentation = "own", string? site = null) => Admin.PostAsync("/api/v1/direct-numbers",
        new { organisationId = Town, number, destination = to is null ? null : new { kind = "number", target = to }, presentation, siteId = site, label = to ?? "" });

    /// <summary>The steps of a call in French, and where it leads.</summary>
    public async Task<(string Outcome, string Refusal, string Steps, JsonElement Whole)> ExplainAsync(string? extension, string number, DateTimeOffset? at = null, string? from = null, string? trunk = null)
    {
        var told = await Admin.PostAsync("/api/v1/dial-plan/explain",
            new { number, extension = extension is null ? null : Extensions[extension], from, at, trunk }, System.Net.HttpStatusCode.OK);
        var steps = string.Join('\n', told.GetProperty("steps").EnumerateArray().Select(s => s.Text("fr")));
        return (told.Text("outcome"), told.TryGetProperty("refusal", out var refusal) ? refusal.ToString() : "", steps, told);
    }

    /// <summary>The account of a person of the directory.</summary>
    public async Task<Api> SignsInAsync(string number)
    {
        var account = await Admin.PostAsync("/api/v1/accounts", new { login = $"p{number}", name = $"p{number}", role = "person", personId = Persons[number] });
        var token = await Admin.PostAsync($"/api/v1/accounts/{account.Id()}/tokens", new { label = "test", days = 1 });
        return new Api(Server.Address, token.Text("token"));
    }

    public Extension Extension(string number) => Server.Service<IDirectory>().Current.Extensions[Guid.Parse(Extensions[number])];

    public Task<Api> SignsInAtAsync(string site, Role role = Role.Operator) => Server.SignInAsync(role, new Scope(ScopeKind.Site, Guid.Parse(site)));

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
