// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Features.Registration.Contract;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;
using Beffroi.Sip.Transport;
using Beffroi.Sip.UserAgent;
using Beffroi.TestKit;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Storage;

/// <summary>A start while the store is down.</summary>
public sealed class StoreTakeUpTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("beffroi-away-").FullName;
    private Phone _alice = null!;
    private Phone _bob = null!;

    public async Task InitializeAsync() => (_alice, _bob) = (await Phone.StartAsync("101"), await Phone.StartAsync("102"));

    public async Task DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _bob.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task With_sqlite_locked_calls_go_through_from_the_copy_and_the_store_is_taken_up_when_it_is_free()
    {
        var administrator = await FirstRunAsync();
        TestServer server;
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(_folder, "beffroi.db")};Pooling=False"))
        {
            await other.OpenAsync();
            await using var locked = other.BeginTransaction(deferred: false);
            server = await TestServer.StartAwayAsync(_folder, administrator, "--Media:Ports=" + Ports());
            await ServesFromTheCopyAsync(server);
            await locked.RollbackAsync();
        }

        await using (server) await IsTakenUpAsync(server);
    }

    [Fact]
    public async Task With_postgresql_gone_calls_go_through_from_the_copy_and_the_store_is_taken_up_when_it_is_back()
    {
        await using var postgres = await PostgresServer.StartAsync();
        string[] settings = ["--Storage:Provider=postgres", $"--Storage:Connection={postgres.Connection}"];
        var administrator = await FirstRunAsync(settings);
        await postgres.StopAsync();
        await using var server = await TestServer.StartAwayAsync(_folder, administrator, [.. settings, "--Media:Ports=" + Ports()]);
        await ServesFromTheCopyAsync(server);
        await postgres.RestartAsync();
        await IsTakenUpAsync(server);
    }

    [Fact]
    public async Task Without_a_copy_the_server_starts_says_why_it_serves_nothing_and_serves_when_the_store_comes()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await postgres.StopAsync();
        await using var server = await TestServer.StartAwayAsync(_folder, null, "--Storage:Provider=postgres", $"--Storage:Connection={postgres.Connection}");
        var health = await server.Anybody().SendAsync(HttpMethod.Get, "/health/ready", null, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("down", health.Text("status"));
        Assert.Contains("no copy", health.ToString(), StringComparison.Ordinal);
        _alice.Credentials = new DigestCredentials("nobody", "nothing");
        var refused = await _alice.RegistersAsync(Sip(server));
        Assert.Equal(503, refused.Status);
        Assert.Equal(30, refused.Response!.Number(Beffroi.Sip.Messages.SipHeaderName.RetryAfter));
        await postgres.RestartAsync();
        await UntilAsync(() => server.Service<StoreState>().IsComplete);
        Assert.NotNull(await server.SignInAsync(Server.Platform.Identity.Role.Administrator));
        Assert.Equal(401, (await _alice.RegistersAsync(Sip(server))).Status);
    }

    [Fact]
    public async Task A_copy_that_was_changed_or_cut_or_sealed_under_another_key_is_not_read()
    {
        await FirstRunAsync();
        var path = Path.Combine(_folder, "last-known.sealed");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        var whole = await File.ReadAllBytesAsync(path);
        Assert.True(whole.AsSpan().IndexOf("Agent"u8) < 0);
        await using var server = await TestServer.StartAwayAsync(_folder);
        var copy = server.Service<LastKnown>();
        await server.App.StopAsync();
        Assert.NotNull(await copy.ReadAsync(_ => Task.CompletedTask, default));
        var lastBox = 4;
        while (lastBox + 4 + BitConverter.ToInt32(whole, lastBox) is var next && next < whole.Length) lastBox = next;
        foreach (var spoilt in new[] { whole[..^1], whole[..lastBox], [.. whole[..^5], (byte)(whole[^5] ^ 1), .. whole[^4..]], "BFLK"u8.ToArray(), [] })
        {
            await File.WriteAllBytesAsync(path, spoilt);
            Assert.Null(await copy.ReadAsync(_ => throw new InvalidOperationException("loaded"), default));
        }
    }

    [Fact]
    public async Task Settings_that_the_store_refuses_stop_the_start_with_one_sentence()
    {
        await using var postgres = await PostgresServer.StartAsync();
        var wrong = postgres.Connection.Replace("Database=postgres", "Database=nowhere", StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<Server.Platform.Configuration.SettingsException>(
            () => TestServer.StartAwayAsync(_folder, null, "--Storage:Provider=postgres", $"--Storage:Connection={wrong}"));
        Assert.Contains("Storage:Connection", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A town with two telephones that are registered, then the end of the process.</summary>
    private async Task<Api> FirstRunAsync(params string[] settings)
    {
        await using var server = await TestServer.StartAsync(folder: _folder, settings: settings);
        var api = server.Administrator;
        var organisation = await api.PostAsync("/api/v1/organisations", new { name = "Saint-Aubin" });
        var site = await api.PostAsync("/api/v1/sites", new { organisationId = organisation.Id(), name = "Mairie" });
        foreach (var phone in new[] { _alice, _bob })
        {
            var person = await api.PostAsync("/api/v1/persons", new { siteId = site.Id(), givenName = "Agent", familyName = phone.Number });
            var extension = await api.PostAsync("/api/v1/extensions", new { siteId = site.Id(), number = phone.Number, personId = person.Id() });
            var device = await api.PostAsync("/api/v1/devices", new { extensionId = extension.Id(), name = "Poste", kind = "DeskPhone" });
            phone.Credentials = new DigestCredentials(device.GetProperty("device").Text("sipUsername"), device.Text("sipSecret"));
            Assert.Equal(200, (await phone.RegistersAsync(Sip(server))).Status);
        }

        return api;
    }

    /// <summary>Alice calls Bob, who registered with the former process; Alice registers anew; the API reads and refuses changes.</summary>
    private async Task ServesFromTheCopyAsync(TestServer server)
    {
        Assert.Equal(StoreSource.Copy, server.Service<StoreState>().Source);
        Assert.Equal(200, (await _alice.RegistersAsync(Sip(server))).Status);
        _alice.Dials("102", Sip(server));
        await _bob.SeesAsync("invite");
        _bob.Answers();
        await _alice.SeesAsync("accepted");
        await _alice.SpeaksToAsync(_bob);
        _alice.HangsUp();
        await _bob.SeesAsync("ended Bye");
        await server.WrittenAsync();
        Assert.True(server.Service<JournalWriter>().State.SpooledBytes > 0);

        Assert.Single((await server.Administrator.GetAsync("/api/v1/organisations")).EnumerateArray());
        var refused = await server.Administrator.PostAsync("/api/v1/organisations", new { name = "x" }, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("urn:beffroi:storage.unavailable", refused.Text("type"));
        Assert.Equal("urn:beffroi:storage.unavailable", (await server.Administrator.SendAsync(HttpMethod.Get, "/api/v1/history", null, HttpStatusCode.ServiceUnavailable)).Text("type"));
        var health = await server.Anybody().GetAsync("/health/ready");
        Assert.Equal("degraded", health.Text("status"));
        Assert.Contains("copy of", health.ToString(), StringComparison.Ordinal);
        Assert.Contains("Indisponible depuis le démarrage", await server.Anybody().Http.GetStringAsync(new Uri("/?lang=fr", UriKind.Relative)), StringComparison.Ordinal);
    }

    /// <summary>Changes are taken, the call that went through is in the history once, and both telephones are registered still.</summary>
    private static async Task IsTakenUpAsync(TestServer server)
    {
        await UntilAsync(() => server.Service<StoreState>().IsComplete);
        Assert.Equal("ok", (await server.Anybody().GetAsync("/health/ready")).Text("status"));
        await server.Administrator.PostAsync("/api/v1/organisations", new { name = "Une autre" });
        var call = Assert.Single((await server.Administrator.GetAsync("/api/v1/history")).GetProperty("calls").EnumerateArray());
        Assert.Equal("102", call.Text("dialled"));
        var bindings = server.Service<IRegistrations>();
        Assert.All(server.Service<IDirectory>().Current.Devices.Keys, device => Assert.Single(bindings.BindingsOf(device)));
        Assert.Equal(0, server.Service<JournalWriter>().State.SpooledBytes);
        Assert.Equal(0, server.Service<JournalWriter>().State.Rejected);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Call);
        while (!holds()) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
    }

    private static IPEndPoint Sip(TestServer server) => server.Service<SipTransportLayer>().ListenPoints[0].EndPoint;

    private static string Ports()
    {
        var first = (FreePorts.NextRange(41) + 1) & ~1;
        return $"{first}-{first + 39}";
    }
}
