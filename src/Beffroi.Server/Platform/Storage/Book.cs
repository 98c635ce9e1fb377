// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using Beffroi.Calls;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Server.Platform.Storage;

/// <summary>One immutable record of a <see cref="Book{T}"/>: what the store holds, what memory keeps and what the API shows.</summary>
public interface IPage
{
    Guid Id { get; }

    Guid OrganisationId { get; }

    /// <summary>Raised by each change; a change based on an older one is refused.</summary>
    int Version { get; }
}

/// <summary>A feature's rules of one kind, all in memory, and the way to change them: check, write with an audit row, swap. Made for thousands of records, not for millions.</summary>
/// <param name="feature">First part of refusal and audit codes: <c>calendars</c>.</param>
/// <param name="word">The thing's name in them: <c>calendar</c>.</param>
/// <remarks>Threading: readers take <see cref="Pages"/>, which is replaced and never changed; changes come one at a time (<see cref="Store"/>).</remarks>
public abstract class Book<T>(Store store, string feature, string word) : ILoadable where T : class, IPage
{
    private volatile FrozenDictionary<Guid, T> _pages = FrozenDictionary<Guid, T>.Empty;

    public FrozenDictionary<Guid, T> Pages => _pages;

    public IReadOnlyList<Type> Kept => [typeof(T)];

    public async Task LoadAsync(BeffroiDbContext db, CancellationToken stop) => Swap((await db.Set<T>().ToListAsync(stop)).ToFrozenDictionary(p => p.Id));

    /// <summary>The records within the caller's scope, by label.</summary>
    public IReadOnlyList<T> Visible(Caller caller) => [.. _pages.Values.Where(p => Covers(caller, p)).OrderBy(Label, StringComparer.CurrentCultureIgnoreCase)];

    /// <summary>One record within the caller's scope.</summary>
    public Outcome<T> Find(Caller caller, Guid id) => _pages.TryGetValue(id, out var page) && Covers(caller, page) ? page : NotThere;

    public async Task<Outcome<T>> AddAsync(Caller caller, T page, CancellationToken stop) =>
        (await AddManyAsync(caller, [page], stop)).Succeeded(out _, out var refusal) ? page : refusal;

    /// <summary>Adds all or none.</summary>
    public Task<Outcome<int>> AddManyAsync(Caller caller, IReadOnlyList<T> pages, CancellationToken stop) => store.ChangeAsync<int>(caller, change =>
    {
        var after = new Dictionary<Guid, T>(_pages);
        foreach (var page in pages)
        {
            if (!Covers(caller, page)) return Refuse<int>(OutOfScope);
            after[page.Id] = page;
            if (Check(page, after.Values) is { } refusal) return Refuse<int>(refusal);
            change.Db.Add((object)page);
            change.Audit($"{feature}.{word}-added", page.Id, Label(page), null, page);
        }

        change.OnSaved(() => Swap(after.ToFrozenDictionary()));
        return Task.FromResult<Outcome<int>>(pages.Count);
    }, stop);

    /// <summary>Replaces a record by what <paramref name="edit"/> makes of it. Refused when <paramref name="version"/> is given and older.</summary>
    public Task<Outcome<T>> EditAsync(Caller caller, Guid id, int? version, Func<T, Outcome<T>> edit, CancellationToken stop) => store.ChangeAsync<T>(caller, change =>
    {
        if (!_pages.TryGetValue(id, out var before) || !Covers(caller, before)) return Refuse<T>(NotThere);
        if (version is not null && version != before.Version) return Refuse<T>(StoreFaults.Conflict);
        if (!edit(before).Succeeded(out var after, out var refusal)) return Refuse<T>(refusal);
        if (ReferenceEquals(after, before)) return Task.FromResult<Outcome<T>>(before);
        if (!Covers(caller, after)) return Refuse<T>(OutOfScope);
        var pages = new Dictionary<Guid, T>(_pages) { [id] = after };
        if (Check(after, pages.Values) is { } wrong) return Refuse<T>(wrong);
        change.Replace(before, after);
        change.Audit($"{feature}.{word}-changed", id, Label(after), before, after);
        change.OnSaved(() => Swap(pages.ToFrozenDictionary()));
        return Task.FromResult<Outcome<T>>(after);
    }, stop);

    /// <summary>Edits the record, or adds it when it is not there yet: for settings that exist for everything of some kind.</summary>
    public Task<Outcome<T>> PutAsync(Caller caller, Guid id, Func<T?, Outcome<T>> make, CancellationToken stop)
    {
        if (_pages.ContainsKey(id)) return EditAsync(caller, id, null, before => make(before), stop);
        return make(null).Succeeded(out var page, out var refusal) ? AddAsync(caller, page, stop) : Refuse<T>(refusal);
    }

    public Task<Outcome<T>> RemoveAsync(Caller caller, Guid id, CancellationToken stop) => store.ChangeAsync<T>(caller, change =>
    {
        if (!_pages.TryGetValue(id, out var page) || !Covers(caller, page)) return Refuse<T>(NotThere);
        if (StillUsedBy(page) is { } user)
            return Refuse<T>(new Refusal($"{feature}.still-used", RefusalKind.Conflict, 500, $"It is still used by {user}: change that first."));
        change.Db.Remove((object)page);
        change.Audit($"{feature}.{word}-removed", id, Label(page), page, null);
        change.OnSaved(() => Swap(_pages.Where(p => p.Key != id).ToFrozenDictionary(p => p.Key, p => p.Value)));
        return Task.FromResult<Outcome<T>>(page);
    }, stop);

    /// <summary>Inside a change that another feature began: one record goes, another comes, or one takes the place of the other. Whoever calls has checked that it may be so.</summary>
    protected void Exchange(Change change, T? gone, T? comes)
    {
        if (gone is not null && comes is not null && gone.Id == comes.Id)
        {
            change.Replace(gone, comes);
            change.Audit($"{feature}.{word}-changed", comes.Id, Label(comes), gone, comes);
        }
        else
        {
            if (gone is not null)
            {
                change.Db.Remove((object)gone);
                change.Audit($"{feature}.{word}-removed", gone.Id, Label(gone), gone, null);
            }

            if (comes is not null)
            {
                change.Db.Add((object)comes);
                change.Audit($"{feature}.{word}-added", comes.Id, Label(comes), null, comes);
            }
        }

        change.OnSaved(() =>
        {
            var after = _pages.Where(p => p.Key != gone?.Id).ToDictionary();
            if (comes is not null) after[comes.Id] = comes;
            Swap(after.ToFrozenDictionary());
        });
    }

    /// <summary>How people call it, for lists and for the audit.</summary>
    protected abstract string Label(T page);

    /// <summary>Whether the record lies within the caller's scope; a feature with sites or persons says more.</summary>
    protected virtual bool Covers(Caller caller, T page) => caller.Scope.Covers(page.OrganisationId);

    /// <summary>Whether the record may stand beside the others (which hold it already), or why not.</summary>
    protected virtual Refusal? Check(T page, IReadOnlyCollection<T> all) => null;

    /// <summary>What still needs the record, in words, or null.</summary>
    protected virtual string? StillUsedBy(T page) => null;

    /// <summary>Called with each new state, before anybody can read it: build what is looked up here. Must not wait.</summary>
    protected virtual void Swapped(FrozenDictionary<Guid, T> pages)
    {
    }

    /// <summary>Called after each new state can be read: tell others here. Must not wait.</summary>
    protected virtual void Shown(FrozenDictionary<Guid, T> before, FrozenDictionary<Guid, T> after)
    {
    }

    private Refusal NotThere => Problems.NotFound($"{feature}.no-such-{word}", word.Replace('-', ' '));

    private static Refusal OutOfScope { get; } = new("identity.out-of-scope", RefusalKind.Forbidden, 403, "This account's scope does not reach there.");

    private static Task<Outcome<TOut>> Refuse<TOut>(Refusal refusal) => Task.FromResult<Outcome<TOut>>(refusal);

    private void Swap(FrozenDictionary<Guid, T> pages)
    {
        var before = _pages;
        Swapped(pages);
        _pages = pages;
        Shown(before, pages);
    }
}

/// <summary>How the records of a <see cref="Book{T}"/> are mapped.</summary>
public static class BookSetup
{
    /// <summary>Table, key and version.</summary>
    public static EntityTypeBuilder<T> Page<T>(this ModelBuilder model, string table) where T : class, IPage
    {
        var page = model.Entity<T>();
        page.ToTable(table).HasKey(p => p.Id);
        page.Property(p => p.Id).ValueGeneratedNever();
        page.Property(p => p.Version).IsConcurrencyToken();
        return page;
    }
}
