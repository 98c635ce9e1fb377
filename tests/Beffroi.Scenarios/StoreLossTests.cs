// SPDX-License-Identifier: EUPL-1.2
using System.Data.Common;
using System.Globalization;
using Beffroi.Scenarios.Peers;
using Beffroi.TestKit;
using Beffroi.TestKit.Peers;
using Microsoft.Data.Sqlite;
using Npgsql;
using Xunit;

namespace Beffroi.Scenarios;

/// <summary>The store is lost, locked or full while people talk: no call ends, new calls go through, and what happened is written once when the store is back.</summary>
[Collection(nameof(RealPeers))]
public sealed class StoreLossTests
{
    private const double Low = 440, High = 1000, Third = 1600, Fourth = 2200;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1);

    /// <summary>What /health/ready must not say any more.</summary>
    private static readonly string[] Words = ["The store", "cannot be kept", "lost", "refused"];

    [Fact]
    public async Task Calls_go_on_and_begin_while_PostgreSQL_is_gone_and_nothing_of_them_is_lost()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var town = await Town.OpenAsync("--Storage:Provider=postgres", $"--Storage:Connection={postgres.Connection}");
        await CallsWithoutStoreAsync(town, postgres.StopAsync, postgres.RestartAsync);
        await AllIsWrittenOnceAsync(town, new NpgsqlConnection(postgres.Connection));
    }

    [Fact]
    public async Task Calls_go_on_and_begin_while_another_process_holds_the_embedded_store()
    {
        await using var town = await Town.OpenAsync();
        var path = Path.Combine(town.DataFolder, "beffroi.db");
        await using var other = new SqliteConnection($"Data Source={path};Pooling=False");
        await other.OpenAsync();
        await CallsWithoutStoreAsync(town, () => SayAsync(other, "BEGIN EXCLUSIVE"), () => SayAsync(other, "ROLLBACK"));
        await AllIsWrittenOnceAsync(town, new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False"));
    }

    [FactOnSmallDisk]
    public async Task Calls_go_on_and_begin_while_the_disk_is_full()
    {
        await using var disk = await SmallDisk.MountAsync(64);
        await using var town = await Town.OpenAsync($"--Data:Folder={disk.Path}");
        await CallsWithoutStoreAsync(town, () => Do(disk.Fill), () => Do(disk.MakeRoom), fullDisk: true);
        await AllIsWrittenOnceAsync(town, new SqliteConnection($"Data Source={Path.Combine(disk.Path, "beffroi.db")};Mode=ReadOnly;Pooling=False"));
    }

    /// <summary>One call stands when the store is lost, another begins without it; both end before it is back.</summary>
    private static async Task CallsWithoutStoreAsync(Town town, Func<Task> lose, Func<Task> bringBack, bool fullDisk = false)
    {
        var (alice, bob) = (await town.BaresipAsync(0, Low), await town.BaresipAsync(1, High));
        var (carol, dave) = (await town.BaresipAsync(2, Third), await town.BaresipAsync(3, Fourth));
        await ConnectAsync(town, alice, bob, 1);
        await bob.HearsAsync(Low, Enough);
        await lose();
        await ConnectAsync(town, carol, dave, 3);
        await TheStoreIsSaidToBeGoneAsync(town, fullDisk);
        await dave.HearsAsync(Third, Enough);
        await carol.HearsAsync(Fourth, Enough);
        await bob.HearsMoreAsync(Low, Enough);
        await alice.HearsMoreAsync(High, Enough);
        await alice.HangsUpAsync();
        await bob.SeesTheEndAsync();
        await dave.HangsUpAsync();
        await carol.SeesTheEndAsync();
        await bringBack();
    }

    private static async Task ConnectAsync(Town town, SoftPhone caller, SoftPhone called, int calledPerson)
    {
        await caller.DialsAsync(town.Accounts[calledPerson].Extension);
        await called.RingsAsync();
        await called.AnswersAsync();
        await caller.TalksAsync();
        await called.TalksAsync();
    }

    private static async Task TheStoreIsSaidToBeGoneAsync(Town town, bool fullDisk)
    {
        await town.ReadsAsync("health/ready", text => text.Contains("\"degraded\"", StringComparison.Ordinal) && text.Contains("The store takes nothing since", StringComparison.Ordinal), "that the store is away");
        await town.ReadsAsync("?lang=fr", text => text.Contains("Indisponible : les appels continuent", StringComparison.Ordinal), "that the store is away");
        if (fullDisk) await town.ReadsAsync("health/ready", text => text.Contains("cannot be kept on disk", StringComparison.Ordinal), "that the disk is full");
    }

    /// <summary>Both calls are in the history, and the journal has each of their events once, from the first to the last.</summary>
    private static async Task AllIsWrittenOnceAsync(Town town, DbConnection store)
    {
        await town.ReadsAsync("?lang=fr", text => text.Contains("En service", StringComparison.Ordinal), "that the store is back");
        await town.ReadsAsync("health/ready", text => Words.All(word => !text.Contains(word, StringComparison.Ordinal)), "that all is well");
        await town.SeesAsync("history", told => told.GetProperty("calls").GetArrayLength() == 2, "both calls");
        foreach (var call in (await town.GetAsync("history")).GetProperty("calls").EnumerateArray())
        {
            Assert.Equal("answered", call.GetProperty("outcome").GetString());
            Assert.Equal(2, (await town.GetAsync($"history/{call.GetProperty("id").GetString()}")).GetProperty("legs").GetArrayLength());
        }

        await using (store)
        {
            await store.OpenAsync();
            var calls = (await JournalAsync(store)).GroupBy(row => row.Call).ToList();
            Assert.Equal(2, calls.Count);
            foreach (var events in calls)
            {
                Assert.Equal(Enumerable.Range(1, events.Count()), events.Select(row => row.Sequence));
                Assert.Equal(("call.started", "call.cleared"), (events.First().Kind, events.Last().Kind));
            }
        }
    }

    private static async Task<List<(string Call, int Sequence, string Kind)>> JournalAsync(DbConnection store)
    {
        var rows = new List<(string, int, string)>();
        await using var ask = store.CreateCommand();
        ask.CommandText = "SELECT subject, sequence, kind FROM journal WHERE kind LIKE 'call.%' ORDER BY position";
        await using var answer = await ask.ExecuteReaderAsync();
        while (await answer.ReadAsync()) rows.Add((Convert.ToString(answer.GetValue(0), CultureInfo.InvariantCulture)!, answer.GetInt32(1), answer.GetString(2)));
        return rows;
    }

    private static async Task SayAsync(DbConnection store, string sql)
    {
        await using var command = store.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static Task Do(Action act)
    {
        act();
        return Task.CompletedTask;
    }

    private sealed class FactOnSmallDiskAttribute : FactAttribute
    {
        public FactOnSmallDiskAttribute() => Skip = SmallDisk.WhyNot;
    }
}
