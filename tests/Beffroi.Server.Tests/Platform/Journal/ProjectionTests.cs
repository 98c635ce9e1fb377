// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Beffroi.Calls;
using Beffroi.Server.Features.Registration;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;
using Beffroi.TestKit;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Journal;

/// <summary>What the journal does with events that somebody cannot take, on both stores.</summary>
[Collection(nameof(OnPostgres))]
public sealed class ProjectionTests(PostgresHouse house)
{
    private static readonly DateTimeOffset Noon = new(2026, 9, 14, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_dialled_NUL_and_a_name_whose_last_character_does_not_fit_stand_in_the_history_like_any_call(string store)
    {
        await using var server = await StartAsync(store);
        var emoji = new string('x', 119) + "\U0001F514\U0001F514";
        Tell(server, Call("\0", new CallParty(PartyKind.External, "+33639980000", emoji)));
        Tell(server, Call("9\U0001F514".PadLeft(121, '1'), new CallParty(PartyKind.External, "12\0", "Cloche\ud83d")));
        Tell(server, Call("101", new CallParty(PartyKind.External, "+33639980001", "Anne")));
        var calls = await CallsAsync(server);
        Assert.Equal([("101", "Anne"), (new string('1', 118) + "9", "Cloche\uFFFD"), ("\uFFFD", new string('x', 119))], calls.Select(c => (c.Text("dialled"), c.Text("callerName"))));
        Assert.Equal(0, server.Service<JournalWriter>().State.Skipped);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task An_event_that_the_history_cannot_take_is_left_out_of_it_counted_and_shown_and_never_stops_the_start(string store)
    {
        string[] settings = store == "postgres" ? await house.SettingsAsync() : [];
        var folder = Directory.CreateTempSubdirectory("beffroi-skip-").FullName;
        await using (var server = await TestServer.StartAsync(folder: folder, settings: settings))
        {
            Tell(server, Call("101", Anne));
            server.Service<IJournal>().Append("call.held", Guid.NewGuid(), "no event of a call", (JsonTypeInfo<string>)JsonSerializerOptions.Default.GetTypeInfo(typeof(string)));
            Tell(server, Call("102", Anne));
            Assert.Equal(["101", "102"], (await CallsAsync(server)).Select(c => c.Text("dialled")));
            Assert.Equal((1, 0), (server.Service<JournalWriter>().State.Skipped, server.Service<JournalWriter>().State.Rejected));
            Assert.Contains("1 events could not be taken into the history", (await server.Anybody().GetAsync("/health/ready")).ToString(), StringComparison.Ordinal);
            Assert.Contains("\nbeffroi_projection_skipped_total 1\n", await server.Anybody().Http.GetStringAsync(new Uri("/metrics", UriKind.Relative)), StringComparison.Ordinal);
            await using var db = await server.Service<IDbContextFactory<BeffroiDbContext>>().CreateDbContextAsync();
            await db.Database.ExecuteSqlRawAsync("DELETE FROM journal_marks");
            await db.Database.ExecuteSqlRawAsync("DELETE FROM history_calls");
        }

        await using (var again = await TestServer.StartAsync(folder: folder, settings: settings))
        {
            Assert.Equal(["101", "102"], (await CallsAsync(again)).Select(c => c.Text("dialled")));
            Assert.Equal(1, again.Service<JournalWriter>().State.Skipped);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task An_event_whose_state_cannot_be_written_is_not_in_the_journal_either(string store)
    {
        await using var server = await StartAsync(store);
        var (unheard, heard) = (Guid.NewGuid(), Guid.NewGuid());
        Tell(server, Call("101", Anne, heard));
        server.Service<IJournal>().Append(BindingWriter.Added, unheard, "no binding", (JsonTypeInfo<string>)JsonSerializerOptions.Default.GetTypeInfo(typeof(string)));
        Tell(server, Call("102", Anne));
        Assert.Equal(2, (await CallsAsync(server)).Count);
        Assert.Equal(1, server.Service<JournalWriter>().State.Rejected);
        await using var db = await server.Service<IDbContextFactory<BeffroiDbContext>>().CreateDbContextAsync();
        Assert.Equal((0, 2), (await CountAsync(db, $"""SELECT COUNT(*) AS "Value" FROM journal WHERE subject = {unheard}"""), await CountAsync(db, $"""SELECT COUNT(*) AS "Value" FROM journal WHERE subject = {heard}""")));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_change_that_the_store_refuses_leaves_no_line_in_the_audit(string store)
    {
        await using var server = await StartAsync(store);
        var box = Guid.NewGuid();
        var outcome = await server.Service<Store>().ChangeAsync<Done>(Caller.Itself("test"), change =>
        {
            change.Audit("test.refused", box, "a message of a box that is not there", null, null);
            change.Db.Add(new Server.Features.Voicemail.VoicemailMessage(Guid.NewGuid(), box, Noon, "", "", 1, false));
            return Task.FromResult<Outcome<Done>>(default(Done));
        }, default);
        Assert.False(outcome.Succeeded(out _, out var refusal));
        Assert.Equal("storage.conflict", refusal.Code);
        await using var db = await server.Service<IDbContextFactory<BeffroiDbContext>>().CreateDbContextAsync();
        Assert.Equal((0, 0), (await db.Set<AuditEntry>().CountAsync(a => a.SubjectId == box), await db.Set<Server.Features.Voicemail.VoicemailMessage>().CountAsync()));
    }

    [Fact]
    public async Task A_text_that_PostgreSQL_cannot_hold_is_refused_with_a_problem_of_its_own()
    {
        await using var server = await StartAsync("postgres");
        foreach (var (name, id) in new[] { (new string('x', 300), Guid.NewGuid()), ("\0", Guid.NewGuid()), ("\ud83d", Guid.NewGuid()) })
        {
            var outcome = await server.Service<Store>().ChangeAsync<Done>(Caller.Itself("test"), change =>
            {
                change.Db.Add(new Server.Features.Directory.Contract.Organisation { Id = id, Name = name });
                return Task.FromResult<Outcome<Done>>(default(Done));
            }, default);
            Assert.False(outcome.Succeeded(out _, out var refusal));
            Assert.Equal(("storage.value-refused", RefusalKind.Invalid), (refusal.Code, refusal.Kind));
        }
    }

    /// <summary>With lock_timeout or statement_timeout set by whoever runs the database, a lock is SQLSTATE 55P03 or 57014 instead of a silence.</summary>
    [Theory]
    [InlineData("lock_timeout")]
    [InlineData("statement_timeout")]
    public async Task Events_wait_on_disk_while_PostgreSQL_gives_up_on_a_lock_and_are_written_once_after(string limit)
    {
        var settings = await house.SettingsAsync();
        var connection = settings[1].Split('=', 2)[1];
        await using var server = await TestServer.StartAsync(settings: [settings[0], $"--Storage:Connection={connection};Options=-c {limit}=400"]);
        await using var other = new NpgsqlConnection(connection);
        await other.OpenAsync();
        await using (var locked = await other.BeginTransactionAsync())
        {
            await using (var take = new NpgsqlCommand("LOCK TABLE journal", other)) await take.ExecuteNonQueryAsync();
            Tell(server, Call("101", Anne));
            await server.WrittenAsync();
            Assert.True(server.Service<JournalWriter>().State.IsAway);
            await locked.RollbackAsync();
        }

        using var patience = new CancellationTokenSource(TestTimeouts.Network);
        var state = server.Service<JournalWriter>().State;
        while (state.IsAway || state.SpooledBytes > 0) await server.Service<IJournal>().FlushAsync(patience.Token);
        Assert.Single(await CallsAsync(server));
        Assert.Equal((0, 0), (state.Rejected, state.Dropped));
    }

    private static CallParty Anne { get; } = new(PartyKind.Internal, "1001", "Anne");

    private async Task<TestServer> StartAsync(string store) => await TestServer.StartAsync(settings: store == "postgres" ? await house.SettingsAsync() : []);

    private static void Tell(TestServer server, IEnumerable<CallEvent> events)
    {
        foreach (var happened in events) server.Service<ICallJournal>().Append(happened);
    }

    private static IEnumerable<CallEvent> Call(string dialled, CallParty caller, Guid? id = null)
    {
        var call = id ?? Guid.CreateVersion7();
        yield return new CallStarted { CallId = call, Sequence = 1, At = Noon, Caller = caller, Called = new CallParty(PartyKind.External, dialled, ""), Dialled = dialled };
        yield return new CallCleared { CallId = call, Sequence = 2, At = Noon, Outcome = CallOutcome.Refused, Status = 404, Cause = "dial-plan.no-such-number", Seconds = 0, TalkSeconds = 0 };
    }

    /// <summary>By what was dialled.</summary>
    private static async Task<List<JsonElement>> CallsAsync(TestServer server)
    {
        await server.WrittenAsync();
        return [.. (await server.Administrator.GetAsync("/api/v1/history")).GetProperty("calls").EnumerateArray().OrderBy(c => c.Text("dialled"), StringComparer.Ordinal)];
    }

    private static Task<int> CountAsync(BeffroiDbContext db, FormattableString sql) => db.Database.SqlQuery<int>(sql).SingleAsync();
}
