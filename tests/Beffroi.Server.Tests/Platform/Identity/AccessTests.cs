// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Beffroi.Server.Platform.Identity;
using Beffroi.TestKit;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Identity;

public sealed partial class AccessTests
{
    /// <summary>The only endpoints open to everybody; a new one has to be written down here.</summary>
    private static readonly string[] OpenToAll = ["post /api/v1/session", "post /api/v1/session/administrator-link", "get /health/live", "get /health/ready", "get /metrics", "get /api/v1/state", "get /api/v1/live"];

    [Fact]
    public async Task Every_endpoint_answers_401_without_a_token_and_403_to_each_role_that_is_not_allowed()
    {
        await using var server = await TestServer.StartAsync();
        var anybody = server.Anybody();
        var roles = new Dictionary<Role, Api>();
        foreach (var role in Enum.GetValues<Role>()) roles[role] = await server.SignInAsync(role);
        var scoped = await server.SignInAsync(Role.Administrator, new(ScopeKind.Site, Guid.NewGuid()));
        var document = await anybody.GetAsync("/openapi/v1.json");
        var tried = 0;
        foreach (var (method, path, operation) in Operations(document))
        {
            var name = $"{method} {path}";
            var access = Access.All.SingleOrDefault(a => a.Name == operation.Text("x-beffroi-access"));
            Assert.True(access is not null, $"{name} states no access (Needs)");
            if (access == Access.Public)
            {
                Assert.Contains(name, OpenToAll);
                continue;
            }

            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(anybody, method, path));
            foreach (var (role, api) in roles)
                if (!access.Roles.Contains(role)) Assert.True(await StatusAsync(api, method, path) == HttpStatusCode.Forbidden, $"{name} is open to {role}");
            if (access.WholeInstallation) Assert.True(await StatusAsync(scoped, method, path) == HttpStatusCode.Forbidden, $"{name} is open to the administrator of one site");
            tried++;
        }

        Assert.True(tried > 25, $"only {tried} endpoints in the OpenAPI document");
    }

    [Fact]
    public async Task Every_operation_and_every_refusal_is_described()
    {
        await using var server = await TestServer.StartAsync();
        var document = await server.Anybody().GetAsync("/openapi/v1.json");
        var silent = Operations(document).Where(o => !o.Operation.TryGetProperty("summary", out _)).Select(o => $"{o.Method} {o.Path}").ToList();
        Assert.Empty(silent);
    }

    [Fact]
    public async Task The_one_time_link_opens_one_session_and_no_second()
    {
        await using var server = await TestServer.StartAsync();
        var code = server.Service<AdministratorLink>().Make();
        var given = await server.Anybody().PostAsync("/api/v1/session/administrator-link", new { code }, HttpStatusCode.OK);
        var session = new Api(server.Address, given.Text("token"));
        Assert.Equal("administrator", (await session.GetAsync("/api/v1/session")).Text("role"));
        await server.Anybody().PostAsync("/api/v1/session/administrator-link", new { code }, HttpStatusCode.Unauthorized);
        await session.DeleteAsync("/api/v1/session");
        await session.SendAsync(HttpMethod.Get, "/api/v1/session", null, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_link_opened_in_a_browser_gives_a_session_cookie_once()
    {
        await using var server = await TestServer.StartAsync();
        var link = new Uri($"/administrator-link?code={server.Service<AdministratorLink>().Make()}", UriKind.Relative);
        using var opened = await server.Anybody().Http.GetAsync(link);
        Assert.Equal((HttpStatusCode.Redirect, "/"), (opened.StatusCode, opened.Headers.Location?.OriginalString));
        var cookie = opened.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/session");
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        using var who = await server.Anybody().Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, who.StatusCode);
        using var again = await server.Anybody().Http.GetAsync(link);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
    }

    [Fact]
    public async Task The_last_administrator_is_neither_removed_nor_made_less()
    {
        await using var server = await TestServer.StartAsync();
        var admin = server.Administrator;
        var self = (await admin.GetAsync("/api/v1/session")).Text("accountId");
        var site = await admin.PostAsync("/api/v1/sites", new { organisationId = (await admin.PostAsync("/api/v1/organisations", new { name = "Bourg" })).Id(), name = "Mairie" });
        await admin.PostAsync("/api/v1/accounts", new { login = "mairie", name = "Mairie", role = "administrator", scopeKind = "site", scopeId = site.Id() });
        await admin.PostAsync("/api/v1/accounts", new { login = "nobody", name = "Without password or token", role = "administrator" });
        var refused = await admin.DeleteAsync($"/api/v1/accounts/{self}", HttpStatusCode.Conflict);
        Assert.Equal("urn:beffroi:identity.last-administrator", refused.Text("type"));
        await admin.PutAsync($"/api/v1/accounts/{self}", new { login = "me", name = "Me", role = "operator" }, HttpStatusCode.Conflict);
        await admin.PutAsync($"/api/v1/accounts/{self}", new { login = "me", name = "Me", role = "administrator", enabled = false }, HttpStatusCode.Conflict);
        await admin.PutAsync($"/api/v1/accounts/{self}", new { login = "me", name = "Me", role = "administrator", scopeKind = "site", scopeId = site.Id() }, HttpStatusCode.Conflict);
        await admin.PutAsync($"/api/v1/accounts/{self}", new { login = "me", name = "Me", role = "administrator" });
        var other = await server.SignInAsync(Role.Administrator);
        await other.DeleteAsync($"/api/v1/accounts/{self}");
        await admin.SendAsync(HttpMethod.Get, "/api/v1/session", null, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_scope_is_a_node_of_the_directory()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var scopeKind in new[] { "organisation", "site", "unit" })
        {
            var wrong = await server.Administrator.PostAsync("/api/v1/accounts", new { login = "a", name = "A", role = "operator", scopeKind, scopeId = Guid.NewGuid() }, HttpStatusCode.BadRequest);
            Assert.Contains(scopeKind, wrong.GetProperty("errors").GetProperty("scopeId")[0].GetString(), StringComparison.Ordinal);
        }

        await server.Administrator.PostAsync("/api/v1/accounts", new { login = "a", name = "A", role = "operator", scopeKind = "site" }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_one_time_link_is_void_after_24_hours()
    {
        var clock = new ManualTime();
        await using var server = await TestServer.StartAsync(clock);
        var code = server.Service<AdministratorLink>().Make();
        clock.Advance(TimeSpan.FromHours(24.1));
        await server.Anybody().PostAsync("/api/v1/session/administrator-link", new { code }, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_token_is_shown_once_kept_as_a_hash_and_refused_once_revoked_or_expired()
    {
        var clock = new ManualTime();
        await using var server = await TestServer.StartAsync(clock);
        var account = await server.Administrator.PostAsync("/api/v1/accounts", new { login = "Supervision", name = "Supervision", role = "auditor" });
        Assert.Equal("supervision", account.Text("login"));
        var tokens = $"/api/v1/accounts/{account.Id()}/tokens";
        var first = await server.Administrator.PostAsync(tokens, new { label = "Zabbix", days = 2 });
        var second = await server.Administrator.PostAsync(tokens, new { label = "Nagios", days = 30 });
        Assert.DoesNotContain(first.Text("token"), (await server.Administrator.GetAsync(tokens)).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(first.Text("token")[4..], Encoding.Latin1.GetString(await ReadSharedAsync(Path.Combine(server.Folder, "beffroi.db-wal"))), StringComparison.Ordinal);
        var zabbix = new Api(server.Address, first.Text("token"));
        await zabbix.GetAsync("/api/v1/persons");
        clock.Advance(TimeSpan.FromDays(2.5));
        await zabbix.SendAsync(HttpMethod.Get, "/api/v1/persons", null, HttpStatusCode.Unauthorized);
        var admin = await server.SignInAsync(Role.Administrator);
        var nagios = new Api(server.Address, second.Text("token"));
        await nagios.GetAsync("/api/v1/persons");
        await admin.DeleteAsync($"{tokens}/{second.Id()}");
        await nagios.SendAsync(HttpMethod.Get, "/api/v1/persons", null, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task After_ten_wrong_passwords_an_address_waits_even_with_the_right_one()
    {
        var clock = new ManualTime();
        await using var server = await TestServer.StartAsync(clock);
        var account = await server.Administrator.PostAsync("/api/v1/accounts", new { login = "claire", name = "Claire", role = "operator" });
        await server.Administrator.PutAsync($"/api/v1/accounts/{account.Id()}/password", new { password = "correct horse battery" });
        for (var i = 0; i < SignInLimiter.Most; i++)
            await server.Anybody().PostAsync("/api/v1/session", new { login = "claire", password = "wrong" }, HttpStatusCode.Unauthorized);
        var refused = await server.Anybody().PostAsync("/api/v1/session", new { login = "claire", password = "correct horse battery" }, HttpStatusCode.TooManyRequests);
        Assert.Equal("urn:beffroi:identity.too-many-failures", refused.Text("type"));
        clock.Advance(SignInLimiter.Window + TimeSpan.FromSeconds(1));
        await server.Anybody().PostAsync("/api/v1/session", new { login = "claire", password = "correct horse battery" }, HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_session_cookie_changes_nothing_for_a_page_of_another_origin()
    {
        await using var server = await TestServer.StartAsync();
        var given = await server.Anybody().PostAsync("/api/v1/session/administrator-link", new { code = server.Service<AdministratorLink>().Make() }, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, await PostWithCookieAsync(server, given.Text("token"), "https://evil.example"));
        Assert.Equal(HttpStatusCode.Created, await PostWithCookieAsync(server, given.Text("token"), server.Address.GetLeftPart(UriPartial.Authority)));
    }

    private static async Task<HttpStatusCode> PostWithCookieAsync(TestServer server, string token, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/organisations") { Content = new StringContent("""{"name":"Bourg"}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("Cookie", $"beffroi_session={token}");
        request.Headers.Add("Origin", origin);
        using var answer = await server.Anybody().Http.SendAsync(request);
        return answer.StatusCode;
    }

    private static IEnumerable<(string Method, string Path, JsonElement Operation)> Operations(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select (operation.Name, path.Name, operation.Value);

    private static async Task<HttpStatusCode> StatusAsync(Api api, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Parameter().Replace(path, "00000000-0000-0000-0000-000000000001"));
        if (method is "post" or "put" or "patch") request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var answer = await api.Http.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes);
        return bytes;
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
