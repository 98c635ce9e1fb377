// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Beffroi.Calls;
using Beffroi.Server.Platform.Journal;
using Beffroi.Server.Platform.Storage;
using Beffroi.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Beffroi.Server.Tests.Platform.Journal;

public sealed class JournalTests
{
    private static readonly CallParty Alice = new(PartyKind.Internal, "101", "Alice");
    private static readonly CallParty Bob = new(PartyKind.Internal, "102", "Bob");

    [Fact]
    public async Task Events_wait_on_disk_while_sqlite_is_locked_and_are_written_once_in_order_after()
    {
        await using var server = await TestServer.StartAsync();
        var call = Guid.NewGuid();
        Append(server, call, 1, 3);
        await server.WrittenAsync();
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(server.Folder, "beffroi.db")};Pooling=False"))
        {
            await other.OpenAsync();
            await using var locked = other.BeginTransaction(deferred: false);
            Append(server, call, 4, 1203);
            await server.WrittenAsync();
            var state = server.Service<JournalWriter>().State;
            Assert.True(state.IsAway);
            Assert.True(state.SpooledBytes > 0);
            Assert.Equal("degraded", (await server.Anybody().GetAsync("/health/ready")).Text("status"));
            await locked.RollbackAsync();
        }

        await BackAsync(server);
        Assert.Equal(Enumerable.Range(1, 1203), await SequencesAsync(server, call));
        Assert.Equal("ok", (await server.Anybody().GetAsync("/health/ready")).Text("status"));
    }

    [Fact]
    public async Task Events_wait_on_disk_while_postgresql_is_gone_and_are_written_once_in_order_after()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var server = await TestServer.StartAsync(settings: ["--Storage:Provider=postgres", $"--Storage:Connection={postgres.Connection}"]);
        var call = Guid.NewGuid();
        Append(server, call, 1, 700);
        await postgres.StopAsync();
        Append(server, call, 701, 1400);
        await server.WrittenAsync();
        Assert.True(server.Service<JournalWriter>().State.IsAway);
        var refused = await server.Administrator.PostAsync("/api/v1/organisations", new { name = "x" }, System.Net.HttpStatusCode.ServiceUnavailable);
        Assert.Equal("urn:beffroi:storage.unavailable", refused.Text("type"));
        await postgres.RestartAsync();
        Append(server, call, 1401, 1500);
        await BackAsync(server);
        Assert.Equal(Enumerable.Range(1, 1500), await SequencesAsync(server, call));
    }

    [Fact]
    public async Task What_waits_on_disk_survives_the_end_of_the_process_and_a_torn_last_line()
    {
        var folder = Directory.CreateTempSubdirectory("beffroi-spool-").FullName;
        var call = Guid.NewGuid();
        var first = await TestServer.StartAsync(folder: folder);
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(folder, "beffroi.db")};Pooling=False"))
        {
            await other.OpenAsync();
            await using var locked = other.BeginTransaction(deferred: false);
            Append(first, call, 1, 20);
            await first.WrittenAsync();
            await first.StopAsync();
        }

        var file = Assert.Single(Directory.GetFiles(Path.Combine(folder, "spool"), "*.spool"));
        await File.AppendAllTextAsync(file, "0badc0de {\"B\":99,\"R\":{\"Kind\":\"cal");
        await using (var second = await TestServer.StartAsync(folder: folder))
        {
            await BackAsync(second);
            Assert.Equal(Enumerable.Range(1, 20), await SequencesAsync(second, call));
            Assert.Empty(Directory.GetFiles(Path.Combine(folder, "spool"), "*.spool"));
            Assert.Equal(1, second.Service<JournalWriter>().State.Damaged);
            Assert.Contains("1 lines of events kept on disk could not be read", (await second.Anybody().GetAsync("/health/ready")).ToString(), StringComparison.Ordinal);
            Assert.Contains("\nbeffroi_journal_damaged_total 1\n", await second.Anybody().Http.GetStringAsync(new Uri("/metrics", UriKind.Relative)), StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_batch_whose_commit_was_not_confirmed_is_not_written_twice()
    {
        var folder = Directory.CreateTempSubdirectory("beffroi-twice-").FullName;
        var call = Guid.NewGuid();
        var first = await TestServer.StartAsync(folder: folder);
        Append(first, call, 1, 5);
        await first.StopAsync();
        await using (var db = new SqliteConnection($"Data Source={Path.Combine(folder, "beffroi.db")};Pooling=False"))
        {
            await db.OpenAsync();
            await using var last = db.CreateCommand();
            last.CommandText = "SELECT last_batch FROM journal_writers";
            var number = (long)(await last.ExecuteScalarAsync())!;
            using var spool = new Spool(Path.Combine(folder, "spool"), 1 << 20);
            spool.Append(new(number, [.. Events(call, 1, 5).Select(CallRecords.Of)]));
        }

        await using (var second = await TestServer.StartAsync(folder: folder))
            Assert.Equal(Enumerable.Range(1, 5), await SequencesAsync(second, call));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task An_event_that_cannot_be_written_is_left_out_and_counted_and_those_beside_it_are_kept()
    {
        await using var server = await TestServer.StartAsync();
        var call = Guid.NewGuid();
        Append(server, call, 1, 3);
        server.Service<IJournal>().Append("test.measured", call, double.NaN, (JsonTypeInfo<double>)JsonSerializerOptions.Default.GetTypeInfo(typeof(double)));
        Append(server, call, 4, 6);
        Assert.Equal(Enumerable.Range(1, 6), await SequencesAsync(server, call));
        var state = server.Service<JournalWriter>().State;
        Assert.Equal((1, 0), (state.Rejected, state.Dropped));
    }

    [Fact]
    public async Task When_disk_and_memory_are_full_too_every_lost_event_is_counted_and_shown()
    {
        await using var server = await TestServer.StartAsync(settings: ["--Journal:SpoolMegabytes=1", "--Journal:MemoryEvents=1000"]);
        await using var other = new SqliteConnection($"Data Source={Path.Combine(server.Folder, "beffroi.db")};Pooling=False");
        await other.OpenAsync();
        await using var locked = other.BeginTransaction(deferred: false);
        var call = Guid.NewGuid();
        Append(server, call, 1, 8000);
        await server.WrittenAsync();
        await server.WrittenAsync();
        var state = server.Service<JournalWriter>().State;
        Assert.True(state.Dropped > 0);
        Assert.True(state.SpooledBytes <= 1 << 20);
        Assert.Contains("lost", (await server.Anybody().GetAsync("/health/ready")).ToString(), StringComparison.Ordinal);
        var dropped = (int)state.Dropped;
        await locked.RollbackAsync();
        await BackAsync(server);
        Assert.Equal(8000 - dropped, (await SequencesAsync(server, call)).Count);
    }

    [Fact]
    public async Task The_store_is_tried_again_though_nothing_happens_and_timers_fire_a_little_before_the_clock()
    {
        await using var server = await TestServer.StartAsync(new EarlyTimers());
        await using var other = new SqliteConnection($"Data Source={Path.Combine(server.Folder, "beffroi.db")};Pooling=False");
        await other.OpenAsync();
        await using (var locked = other.BeginTransaction(deferred: false))
        {
            Append(server, Guid.NewGuid(), 1, 3);
            await server.WrittenAsync();
            Assert.True(server.Service<JournalWriter>().State.IsAway);
            await locked.RollbackAsync();
        }

        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (server.Service<JournalWriter>().State.IsAway) await look.WaitForNextTickAsync(limit.Token);
    }

    /// <summary>The system's clock, with timers that fire 5 ms before it shows their due time: the kernel's clocks differ by less, but they differ.</summary>
    private sealed class EarlyTimers : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Early(base.CreateTimer(callback, state, Sooner(dueTime), period));

        private static TimeSpan Sooner(TimeSpan due) => due > TimeSpan.FromMilliseconds(5) ? due - TimeSpan.FromMilliseconds(5) : due;

        private sealed class Early(ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Sooner(dueTime), period);

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }

    private static void Append(TestServer server, Guid call, int first, int last)
    {
        foreach (var happened in Events(call, first, last)) server.Service<ICallJournal>().Append(happened);
    }

    private static IEnumerable<CallEvent> Events(Guid call, int first, int last)
    {
        for (var i = first; i <= last; i++)
        {
            yield return i == 1
                ? new CallStarted { CallId = call, Sequence = i, At = DateTimeOffset.UnixEpoch.AddSeconds(i), Caller = Alice, Called = Bob, Dialled = "102" }
                : new CallHeld { CallId = call, Sequence = i, At = DateTimeOffset.UnixEpoch.AddSeconds(i), ByLeg = call };
        }
    }

    /// <summary>Waits until nothing is kept on disk any more: the writer tries again each second.</summary>
    private static async Task BackAsync(TestServer server)
    {
        using var limit = new CancellationTokenSource(TestTimeouts.Network);
        var state = server.Service<JournalWriter>().State;
        while (state.IsAway || state.SpooledBytes > 0 || state.InMemory > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await server.Service<IJournal>().FlushAsync(limit.Token);
        }
    }

    private static async Task<List<int>> SequencesAsync(TestServer server, Guid call)
    {
        await server.WrittenAsync();
        await using var db = await server.Service<IDbContextFactory<BeffroiDbContext>>().CreateDbContextAsync();
        return await db.Database.SqlQuery<int>($"""SELECT sequence AS "Value" FROM journal WHERE subject = {call} ORDER BY position""").ToListAsync();
    }
}
