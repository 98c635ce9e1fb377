// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Journal;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Server.Platform.Storage;

/// <summary>Does something once everything is loaded from the store: fills an empty one with the demo town.</summary>
public interface IAfterTakeUp
{
    Task TakenUpAsync(CancellationToken stop);
}

/// <summary>Takes the store up: at start when it answers within <see cref="Patience"/>; else the server lives from the last known copy, and this goes on trying. Never ends the server.</summary>
/// <remarks>
/// Taking up: schema, then what the journal kept on disk, then everything that is loaded, in the order of registration. Threading: at start the thread that prepares the server;
/// afterwards one loop. While it loads, calls go on with what memory holds: every snapshot is swapped whole.
/// </remarks>
internal sealed partial class StoreTakeUp(
    IDbContextFactory<BeffroiDbContext> contexts, SchemaMigrator migrator, JournalWriter journal, IEnumerable<ILoadable> loaded, IEnumerable<IAfterTakeUp> after, LastKnown copy,
    StoreState state, TimeProvider time, ILogger<StoreTakeUp> log) : BackgroundService
{
    /// <summary>How long the start waits for the store to open a connection.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1), LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>Loads everything, from the store or from the copy.</summary>
    /// <exception cref="SettingsException">The store answers and refuses us: the settings are wrong, and waiting would not mend them.</exception>
    internal async Task PrepareAsync(CancellationToken stop)
    {
        try
        {
            await TakeUpAsync(stop);
        }
        catch (InvalidOperationException newer) when (!StoreFaults.IsAway(newer))
        {
            throw new SettingsException(newer.Message);
        }
        catch (Exception refused) when (RefusesUs(refused))
        {
            throw new SettingsException($"The store of Storage:Connection refuses us ({refused.Message}): correct Storage:Connection, or make the database and its user.");
        }
        catch (Exception away) when (IsAway(away, stop))
        {
            await LiveWithoutAsync(away.Message, stop);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wait = FirstWait;
        while (!state.IsComplete)
        {
            try
            {
                await Task.Delay(wait, time, stoppingToken);
                await TakeUpAsync(stoppingToken);
                Back(log);
                state.SayTakenUp();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (IsAway(fault, stoppingToken) || fault is InvalidOperationException || RefusesUs(fault))
            {
                state.LivesFrom(state.Source, fault.Message, state.CopyOf);
                StillAway(log, fault.Message);
                wait = wait * 2 > LongestWait ? LongestWait : wait * 2;
            }
        }
    }

    private async Task TakeUpAsync(CancellationToken stop)
    {
        await using var db = await contexts.CreateDbContextAsync(stop);
        _ = db.Model;                           // takes seconds on a busy machine, which are not the store's
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(stop))
        {
            if (!db.Database.IsSqlite()) limit.CancelAfter(Patience);
            await db.Database.OpenConnectionAsync(limit.Token);
        }

        foreach (var step in await migrator.MigrateAsync(db, stop)) StepTaken(log, step);
        if (db.Database.IsSqlite()) File.SetUnixFileMode(db.Database.GetDbConnection().DataSource, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await journal.TakeUpAsync(stop);
        foreach (var loadable in loaded) await loadable.LoadAsync(db, stop);
        state.LivesFrom(StoreSource.Store, "");
        state.SettingsChanged();
        foreach (var part in after) await part.TakenUpAsync(stop);
        state.IsComplete = true;
    }

    private async Task LiveWithoutAsync(string because, CancellationToken stop)
    {
        journal.LiveWithout(because);
        var at = await copy.ReadAsync(async db =>
        {
            foreach (var loadable in loaded) await loadable.LoadAsync(db, stop);
        }, stop);
        state.LivesFrom(at is null ? StoreSource.Nothing : StoreSource.Copy, because, at ?? default);
        if (at is null) NothingKnown(log, because);
        else LivesFromCopy(log, because, at.Value);
    }

    private static bool IsAway(Exception fault, CancellationToken stop) => StoreFaults.IsAway(fault) || (fault is OperationCanceledException && !stop.IsCancellationRequested);

    /// <summary>PostgreSQL's class 28 (who we say we are) and 3D (no such database), and 42501 (not allowed).</summary>
    private static bool RefusesUs(Exception fault) => fault is PostgresException postgres
        ? postgres.SqlState[..2] is "28" or "3D" || postgres.SqlState == "42501"
        : fault.InnerException is { } inner && RefusesUs(inner);

    [LoggerMessage(3000, LogLevel.Information, "Schema step {Step} taken.")]
    private static partial void StepTaken(ILogger log, string step);

    [LoggerMessage(3001, LogLevel.Error, "The store does not answer ({Reason}). Calls are served from the copy of {At:u}; changes of settings are refused until the store is back.")]
    private static partial void LivesFromCopy(ILogger log, string reason, DateTimeOffset at);

    [LoggerMessage(3002, LogLevel.Critical, "The store does not answer ({Reason}) and there is no copy of the settings: nothing is served until it is back.")]
    private static partial void NothingKnown(ILogger log, string reason);

    [LoggerMessage(3003, LogLevel.Information, "The store is back and taken up.")]
    private static partial void Back(ILogger log);

    [LoggerMessage(3004, LogLevel.Warning, "The store is still away: {Reason}")]
    private static partial void StillAway(ILogger log, string reason);
}
