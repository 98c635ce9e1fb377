// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using Beffroi.Calls;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Beffroi.Server.Platform.Storage;

/// <summary>The way in for changes made by people: one transaction with its audit rows, then the in-memory snapshots.</summary>
/// <remarks>Threading: any thread. Changes run one at a time in this process, so that snapshots are swapped in the order of the commits.</remarks>
public sealed class Store(IDbContextFactory<BeffroiDbContext> contexts, IOptions<JsonOptions> json, StoreState state, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>A context for reading; the caller disposes it.</summary>
    /// <exception cref="StoreNotTakenUpException">The store was not taken up since the start; <see cref="StoreFaults.IsAway"/> says so too.</exception>
    public Task<BeffroiDbContext> ReadAsync(CancellationToken stop) =>
        state.IsTakenUp ? contexts.CreateDbContextAsync(stop) : Task.FromException<BeffroiDbContext>(new StoreNotTakenUpException(state.Because));

    /// <summary>Does <paramref name="work"/>; saves what it changed and its audit rows in one transaction unless it refused; then runs what it left with <see cref="Change.OnSaved"/>.</summary>
    /// <returns>The work's outcome, or a refusal when the store is away or another change came first: nothing is changed then.</returns>
    public async Task<Outcome<T>> ChangeAsync<T>(Caller caller, Func<Change, Task<Outcome<T>>> work, CancellationToken stop)
    {
        if (!state.IsTakenUp) return StoreFaults.Unavailable;
        await _one.WaitAsync(stop);
        try
        {
            await using var db = await contexts.CreateDbContextAsync(stop);
            db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.TrackAll;
            var change = new Change(db, caller, json.Value.SerializerOptions, time.GetUtcNow());
            var outcome = await work(change);
            if (!outcome.Succeeded(out _, out var refusal)) return refusal;
            await db.SaveChangesAsync(stop);
            change.Saved();
            state.SettingsChanged();
            return outcome;
        }
        catch (Exception fault) when (StoreFaults.IsConflict(fault))
        {
            return StoreFaults.Conflict;
        }
        catch (Exception fault) when (StoreFaults.IsBadValue(fault))
        {
            return StoreFaults.ValueRefused;
        }
        catch (Exception fault) when (StoreFaults.IsAway(fault))
        {
            return StoreFaults.Unavailable;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();
}

/// <summary>One change in the making: the context, who makes it, and its audit rows.</summary>
/// <remarks>Threading: belongs to the work given to <see cref="Store.ChangeAsync{T}"/>.</remarks>
public sealed class Change(BeffroiDbContext db, Caller caller, JsonSerializerOptions json, DateTimeOffset now)
{
    private readonly List<Action> _onSaved = [];

    /// <summary>Tracks what is read and added.</summary>
    public BeffroiDbContext Db { get; } = db;

    public Caller Caller { get; } = caller;

    /// <summary>The one moment of the change, UTC.</summary>
    public DateTimeOffset Now { get; } = now;

    /// <summary>Adds an audit row to the transaction. The views must not hold secrets: they are read by auditors.</summary>
    /// <param name="action">Stable, <c>feature.what</c>: <c>directory.person-added</c>.</param>
    /// <param name="subject">What was changed.</param>
    /// <param name="name">How people call it; kept so that the row can be read after the thing is gone.</param>
    /// <param name="before">Its view before; null when it is new.</param>
    /// <param name="after">Its view after; null when it was removed.</param>
    public void Audit(string action, Guid subject, string name, object? before, object? after) => Db.Add(new AuditEntry
    {
        Id = Guid.CreateVersion7(Now),
        At = Now,
        AccountId = Caller.AccountId,
        AccountName = Caller.Name,
        Source = Caller.Source,
        Action = action,
        SubjectId = subject,
        SubjectName = PlainText.Of(name, 200),
        Before = Text(before),
        After = Text(after),
    });

    /// <summary>Writes <paramref name="after"/> over <paramref name="before"/>; refused at saving when the store's version is no longer that of <paramref name="before"/>.</summary>
    /// <remarks>For immutable records: neither is changed.</remarks>
    public void Replace<T>(T before, T after) where T : class
    {
        var entry = Db.Attach(after);
        entry.State = EntityState.Modified;
        entry.OriginalValues.SetValues(before);
    }

    /// <summary>Runs after the commit and before the next change: swap the snapshot here. Must not throw nor wait.</summary>
    public void OnSaved(Action act) => _onSaved.Add(act);

    internal void Saved()
    {
        foreach (var act in _onSaved) act();
    }

    private string? Text(object? view) => view is null ? null : JsonSerializer.Serialize(view, json.GetTypeInfo(view.GetType()));
}
