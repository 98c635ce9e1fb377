// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;
using Beffroi.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace Beffroi.Server.Tests;

/// <summary>The whole server in this process, on loopback ports and a data folder of its own.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly bool _ownsFolder;

    private TestServer(WebApplication app, string folder, bool ownsFolder) => (App, Folder, _ownsFolder) = (app, folder, ownsFolder);

    public WebApplication App { get; }

    public string Folder { get; }

    public Uri Address => new(App.Urls.First());

    /// <summary>An administrator of the whole installation.</summary>
    public Api Administrator { get; private set; } = null!;

    public T Service<T>() where T : notnull => App.Services.GetRequiredService<T>();

    /// <summary>Starts a server. Settings are given as on the command line.</summary>
    /// <param name="clock">A clock of the test, such as one moved by hand; the system's when null.</param>
    /// <param name="folder">A data folder to go on with; a new one when null.</param>
    public static async Task<TestServer> StartAsync(TimeProvider? clock = null, string? folder = null, params string[] settings)
    {
        var server = await StartOnlyAsync(clock, folder, settings);
        server.Administrator = await server.SignInAsync(Role.Administrator);
        return server;
    }

    /// <summary>Starts a server whose store may be away: nobody is signed in.</summary>
    /// <param name="administrator">A client of a former run on the same folder; its token is used again.</param>
    public static async Task<TestServer> StartAwayAsync(string folder, Api? administrator = null, params string[] settings)
    {
        var server = await StartOnlyAsync(null, folder, settings);
        if (administrator is not null) server.Administrator = new Api(server.Address, administrator.Token);
        return server;
    }

    private static async Task<TestServer> StartOnlyAsync(TimeProvider? clock, string? folder, string[] settings)
    {
        var data = folder ?? Directory.CreateTempSubdirectory("beffroi-server-").FullName;
        string[] defaults =
        [
            "--Urls=http://127.0.0.1:0", $"--Data:Folder={data}", "--Logging:LogLevel:Default=Critical", "--Demo:Town=false",
            $"--Sip:Listen=udp://127.0.0.1:{FreePorts.Next()}",
        ];
        var store = PostgresHouse.Here is { } house ? await house.SettingsAsync(data) : [];
        var app = Program.Build([.. defaults, .. store, .. settings], builder =>
        {
            if (clock is not null) builder.Services.Replace(ServiceDescriptor.Singleton(clock));
        });
        await Program.PrepareAsync(app);
        await app.StartAsync();
        return new TestServer(app, data, folder is null);
    }

    /// <summary>A client that holds a token of a new account.</summary>
    public async Task<Api> SignInAsync(Role role, Scope? scope = null)
    {
        scope ??= Scope.Everything;
        var accounts = Service<AccountStore>();
        var login = $"{role}-{Guid.NewGuid():N}".ToLowerInvariant();
        var made = await Service<Store>().ChangeAsync<Account>(Caller.Itself("test"), change =>
        {
            var account = new Account { Id = Guid.CreateVersion7(), Login = login, Name = role.ToString(), Role = role, ScopeKind = scope.Kind, ScopeId = scope.Id, Enabled = true, CreatedAt = change.Now };
            change.Db.Add(account);
            change.OnSaved(() => accounts.Keep(account));
            return Task.FromResult<Server.Platform.Outcome<Account>>(account);
        }, default);
        Assert.True(made.Succeeded(out var known, out _));
        var token = await Service<SessionService>().MakeTokenAsync(Caller.Itself("test"), known, "test", TimeSpan.FromDays(1), session: false, default);
        Assert.True(token.Succeeded(out var given, out _));
        return new Api(Address, given.Token);
    }

    /// <summary>Somebody without a token.</summary>
    public Api Anybody() => new(Address, null);

    /// <summary>Waits until everything that happened is written.</summary>
    public Task WrittenAsync() => Service<IJournal>().FlushAsync().WaitAsync(TestTimeouts.InProcess);

    /// <summary>Ends the server and keeps its folder, for another to go on with.</summary>
    public async Task StopAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_ownsFolder) Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>A client of the HTTP API that speaks JSON.</summary>
public sealed class Api(Uri address, string? token)
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        BaseAddress = address,
        DefaultRequestHeaders = { Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token) },
    };

    public HttpClient Http => _http;

    public string? Token => token;

    public Task<JsonElement> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null, HttpStatusCode.OK);

    public Task<JsonElement> PostAsync(string path, object body, HttpStatusCode expected = HttpStatusCode.Created) => SendAsync(HttpMethod.Post, path, JsonContent.Create(body), expected);

    public Task<JsonElement> PutAsync(string path, object body, HttpStatusCode expected = HttpStatusCode.OK) => SendAsync(HttpMethod.Put, path, JsonContent.Create(body), expected);

    public Task<JsonElement> DeleteAsync(string path, HttpStatusCode expected = HttpStatusCode.NoContent) => SendAsync(HttpMethod.Delete, path, null, expected);

    public Task<JsonElement> UploadAsync(string path, string text, HttpStatusCode expected = HttpStatusCode.OK) =>
        SendAsync(HttpMethod.Post, path, new StringContent(text, Encoding.UTF8, "text/csv"), expected);

    /// <summary>The answer's JSON; fails with the answer's text when its status is another one.</summary>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, HttpContent? body, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{method} {path}: {(int)answer.StatusCode} instead of {(int)expected}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}

/// <summary>Short words for reading JSON in tests.</summary>
internal static class JsonWords
{
    internal static string Text(this JsonElement json, string name) => json.GetProperty(name).ToString();

    internal static string Id(this JsonElement json) => json.Text("id");
}
