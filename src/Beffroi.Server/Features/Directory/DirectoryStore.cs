// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Features.Directory;

/// <summary>The directory in memory and the way to change it: check against the snapshot, write with an audit row, swap the snapshot.</summary>
/// <remarks>Threading: readers take <see cref="Current"/>; changes are one at a time (<see cref="Store"/>).</remarks>
public sealed class DirectoryStore(Store store) : IDirectory, ILoadable
{
    private volatile DirectorySnapshot _current = DirectorySnapshot.Empty;

    public event Action<DirectorySnapshot>? Changed;

    public DirectorySnapshot Current => _current;

    public IReadOnlyList<Type> Kept { get; } = [typeof(Organisation), typeof(Site), typeof(OrganisationUnit), typeof(Person), typeof(Extension), typeof(Device)];

    public async Task LoadAsync(BeffroiDbContext db, CancellationToken stop)
    {
        var items = new List<IDirectoryItem>();
        items.AddRange(await db.Set<Organisation>().ToListAsync(stop));
        items.AddRange(await db.Set<Site>().ToListAsync(stop));
        items.AddRange(await db.Set<OrganisationUnit>().ToListAsync(stop));
        items.AddRange(await db.Set<Person>().ToListAsync(stop));
        items.AddRange(await db.Set<Extension>().ToListAsync(stop));
        items.AddRange(await db.Set<Device>().ToListAsync(stop));
        _current = DirectorySnapshot.Of(items);
        Changed?.Invoke(_current);
    }

    /// <summary>One item within the caller's scope.</summary>
    internal Outcome<T> Find<T>(Caller caller, IReadOnlyDictionary<Guid, T> table, Guid id) where T : class, IDirectoryItem =>
        table.TryGetValue(id, out var item) && _current.Covers(caller.Scope, item) ? item : NotThere<T>();

    /// <summary>Adds what <paramref name="make"/> makes of the snapshot at that moment.</summary>
    internal Task<Outcome<T>> AddAsync<T>(Caller caller, Func<DirectorySnapshot, Change, Outcome<T>> make, CancellationToken stop) where T : class, IDirectoryItem =>
        store.ChangeAsync<T>(caller, change =>
        {
            if (!make(_current, change).Succeeded(out var item, out var refusal)) return Task.FromResult<Outcome<T>>(refusal);
            if (!_current.Covers(caller.Scope, item)) return Task.FromResult<Outcome<T>>(OutOfScope);
            Add(change, item);
            change.OnSaved(() => Swap([item], []));
            return Task.FromResult<Outcome<T>>(item);
        }, stop);

    /// <summary>Replaces an item by what <paramref name="edit"/> makes of it. Refused when <paramref name="version"/> is given and older.</summary>
    /// <param name="also">What must change with it, or why it cannot change.</param>
    internal Task<Outcome<T>> EditAsync<T>(
        Caller caller, IReadOnlyDictionary<Guid, T> table, Guid id, int? version, Func<T, DirectorySnapshot, Change, Outcome<T>> edit, CancellationToken stop,
        Func<T, T, Change, Task<Refusal?>>? also = null)
        where T : class, IDirectoryItem =>
        store.ChangeAsync<T>(caller, async change =>
        {
            if (!table.TryGetValue(id, out var before) || !_current.Covers(caller.Scope, before)) return NotThere<T>();
            if (version is not null && version != before.Version) return StoreFaults.Conflict;
            if (!edit(before, _current, change).Succeeded(out var after, out var refusal)) return refusal;
            if (!_current.Covers(caller.Scope, after)) return OutOfScope;
            if (also is not null && await also(before, after, change) is { } hindered) return hindered;
            change.Replace(before, after);
            change.Audit(ActionOf<T>("changed"), id, after.Label, before, after);
            change.OnSaved(() => Swap([after], []));
            return after;
        }, stop);

    /// <summary>Removes an item unless something still hangs on it.</summary>
    /// <param name="also">What must go with it, or why it cannot go.</param>
    internal Task<Outcome<T>> RemoveAsync<T>(
        Caller caller, IReadOnlyDictionary<Guid, T> table, Guid id, Func<T, DirectorySnapshot, string?> stillUsedBy, CancellationToken stop, Func<T, Change, Task<Refusal?>>? also = null)
        where T : class, IDirectoryItem =>
        store.ChangeAsync<T>(caller, async change =>
        {
            if (!table.TryGetValue(id, out var item) || !_current.Covers(caller.Scope, item)) return NotThere<T>();
            if (stillUsedBy(item, _current) is { } user)
                return new Refusal("directory.still-used", RefusalKind.Conflict, 500, $"It still has {user}: remove or move them first.");
            if (also is not null && await also(item, change) is { } hindered) return hindered;
            change.Db.Remove(item);
            change.Audit(ActionOf<T>("removed"), id, item.Label, item, null);
            change.OnSaved(() => Swap([], [item]));
            return item;
        }, stop);

    /// <summary>Adds many items in one transaction with one audit row each.</summary>
    internal Task<Outcome<int>> AddManyAsync(Caller caller, Func<DirectorySnapshot, Change, Outcome<IReadOnlyList<IDirectoryItem>>> make, CancellationToken stop) =>
        store.ChangeAsync<int>(caller, change =>
        {
            if (!make(_current, change).Succeeded(out var items, out var refusal)) return Task.FromResult<Outcome<int>>(refusal);
            foreach (var item in items) Add(change, item);
            change.OnSaved(() => Swap(items, []));
            return Task.FromResult<Outcome<int>>(items.Count);
        }, stop);

    /// <summary>Puts items that are in the store already into memory: after a bulk load.</summary>
    internal void Swap(IReadOnlyList<IDirectoryItem> kept, IReadOnlyList<IDirectoryItem> gone)
    {
        _current = _current.With(kept, gone);
        Changed?.Invoke(_current);
    }

    private static void Add(Change change, IDirectoryItem item)
    {
        change.Db.Add((object)item);
        change.Audit($"directory.{Word(item.GetType())}-added", item.Id, item.Label, null, item);
    }

    private static Refusal OutOfScope { get; } = new("identity.out-of-scope", RefusalKind.Forbidden, 403, "This account's scope does not reach there.");

    private static Refusal NotThere<T>() => Problems.NotFound($"directory.no-such-{Word(typeof(T))}", Word(typeof(T)));

    private static string ActionOf<T>(string what) => $"directory.{Word(typeof(T))}-{what}";

    private static string Word(Type type) => type == typeof(OrganisationUnit) ? "unit" : type.Name.ToLowerInvariant();
}
