// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using Beffroi.Server.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Platform.Identity;

/// <summary>Accounts and live tokens in memory, so that a request is authenticated without the store.</summary>
/// <remarks>Threading: any thread reads; written in <see cref="Change.OnSaved"/>, one change at a time.</remarks>
public sealed class AccountStore(TimeProvider time) : ILoadable
{
    private readonly ConcurrentDictionary<Guid, Account> _accounts = [];
    private readonly ConcurrentDictionary<string, AccessToken> _tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Guid> _logins = new(StringComparer.Ordinal);

    public IReadOnlyList<Type> Kept { get; } = [typeof(Account), typeof(AccessToken)];

    public async Task LoadAsync(BeffroiDbContext db, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var accounts = await db.Set<Account>().ToListAsync(stop);
        var tokens = await db.Set<AccessToken>().Where(t => t.RevokedAt == null && t.ExpiresAt > now).ToListAsync(stop);
        foreach (var gone in _accounts.Keys.Except(accounts.Select(a => a.Id)).ToList()) Forget(_accounts[gone]);
        foreach (var gone in _tokens.Keys.Except(tokens.Select(t => t.Hash)).ToList()) Forget(_tokens[gone]);
        foreach (var account in accounts) Keep(account);
        foreach (var token in tokens) Keep(token);
    }

    public Account? Find(Guid id) => _accounts.GetValueOrDefault(id);

    public Account? FindLogin(string login) => _logins.TryGetValue(login.Trim().ToLowerInvariant(), out var id) ? Find(id) : null;

    public IEnumerable<Account> Accounts => _accounts.Values;

    /// <summary>Tokens that are neither expired nor revoked.</summary>
    public IEnumerable<AccessToken> LiveTokens => _tokens.Values.Where(IsLive);

    /// <summary>The enabled account that a token speaks for, or null.</summary>
    public (Account Account, AccessToken Token)? Authenticate(string token) =>
        token.StartsWith(Tokens.Mark, StringComparison.Ordinal) && token.Length < 100
        && _tokens.TryGetValue(Tokens.Hash(token), out var known) && IsLive(known)
        && _accounts.TryGetValue(known.AccountId, out var account) && account.Enabled ? (account, known) : null;

    /// <summary>False: nobody could administer, and the start prints a one-time link.</summary>
    public bool HasAdministrator => Accounts.Any(a => Administers(a)
        && (a.PasswordHash is not null || LiveTokens.Any(t => t.AccountId == a.Id && !t.IsSession)));

    /// <summary>True when the account administers the whole installation and no other that can sign in does.</summary>
    public bool IsLastAdministrator(Guid id) => Find(id) is { } account && Administers(account)
        && !Accounts.Any(a => a.Id != id && Administers(a) && (a.PasswordHash is not null || LiveTokens.Any(t => t.AccountId == a.Id)));

    private static bool Administers(Account account) => account is { Role: Role.Administrator, Enabled: true, ScopeKind: ScopeKind.Everything };

    internal void Keep(Account account)
    {
        if (_accounts.TryGetValue(account.Id, out var old) && old.Login != account.Login) _logins.TryRemove(old.Login, out _);
        _accounts[account.Id] = account;
        _logins[account.Login] = account.Id;
    }

    internal void Keep(AccessToken token)
    {
        foreach (var (hash, old) in _tokens)
            if (!IsLive(old)) _tokens.TryRemove(hash, out _);
        _tokens[token.Hash] = token;
    }

    internal void Forget(Account account)
    {
        _accounts.TryRemove(account.Id, out _);
        _logins.TryRemove(account.Login, out _);
        foreach (var token in _tokens.Values.Where(t => t.AccountId == account.Id)) Forget(token);
    }

    internal void Forget(AccessToken token) => _tokens.TryRemove(token.Hash, out _);

    private bool IsLive(AccessToken token) => token.RevokedAt is null && token.ExpiresAt > time.GetUtcNow();
}
