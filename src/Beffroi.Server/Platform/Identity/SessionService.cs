// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Calls;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Platform.Identity;

/// <summary>Signing in and out, and making tokens.</summary>
public sealed class SessionService(Store store, AccountStore accounts, SignInLimiter limiter, AdministratorLink link)
{
    public static TimeSpan SessionLifetime => TimeSpan.FromHours(12);

    private static readonly Refusal Wrong = new("identity.wrong-credentials", RefusalKind.Unauthenticated, 403, "The login or password is wrong.");

    /// <summary>A session for a login and password. A wrong one counts against the source.</summary>
    public async Task<Outcome<TokenGiven>> SignInAsync(string login, string password, IPAddress? source, CancellationToken stop)
    {
        if (Waits(source) is { } tooMany) return tooMany;
        var account = accounts.FindLogin(login);
        if (!Passwords.Verify(account?.PasswordHash, password) || account is not { Enabled: true })
        {
            limiter.Failed(source);
            return Wrong;
        }

        limiter.Succeeded(source);
        return await OpenAsync(account, source, stop);
    }

    /// <summary>A session for the one-time link. Makes the account <c>administrator</c> when it is not there.</summary>
    public async Task<Outcome<TokenGiven>> UseLinkAsync(string code, IPAddress? source, CancellationToken stop)
    {
        if (Waits(source) is { } tooMany) return tooMany;
        if (!link.Use(code))
        {
            limiter.Failed(source);
            return new Refusal("identity.link-used", RefusalKind.Unauthenticated, 403, "This link is wrong, used or older than 24 hours: restart the server for another one.");
        }

        var account = accounts.FindLogin("administrator");
        if (account is not { Role: Role.Administrator, Enabled: true })
        {
            var made = await store.ChangeAsync<Account>(From("one-time link", source), change => Task.FromResult<Outcome<Account>>(MakeAdministrator(change)), stop);
            if (!made.Succeeded(out account, out var refusal)) return refusal;
        }

        return await OpenAsync(account, source, stop);
    }

    /// <summary>A token of an account; shown once, here.</summary>
    public Task<Outcome<TokenGiven>> MakeTokenAsync(Caller caller, Account account, string label, TimeSpan lifetime, bool session, CancellationToken stop) =>
        store.ChangeAsync<TokenGiven>(caller, change =>
        {
            var text = Tokens.Make();
            var token = new AccessToken
            {
                Id = Guid.CreateVersion7(change.Now),
                AccountId = account.Id,
                Label = label,
                Prefix = text[..Tokens.PrefixLength],
                Hash = Tokens.Hash(text),
                IsSession = session,
                CreatedAt = change.Now,
                ExpiresAt = change.Now + lifetime,
            };
            change.Db.Add(token);
            change.Audit(session ? "identity.signed-in" : "identity.token-made", account.Id, account.Login, null, TokenView.Of(token));
            change.OnSaved(() => accounts.Keep(token));
            return Task.FromResult<Outcome<TokenGiven>>(new TokenGiven(token.Id, text, token.ExpiresAt, account.Role));
        }, stop);

    private Task<Outcome<TokenGiven>> OpenAsync(Account account, IPAddress? source, CancellationToken stop) =>
        MakeTokenAsync(From(account.Name, source) with { AccountId = account.Id }, account, "session", SessionLifetime, session: true, stop);

    private Account MakeAdministrator(Change change)
    {
        var account = new Account
        {
            Id = Guid.CreateVersion7(change.Now),
            Login = "administrator",
            Name = "Administrator",
            Role = Role.Administrator,
            ScopeKind = ScopeKind.Everything,
            ScopeId = Guid.Empty,
            Enabled = true,
            CreatedAt = change.Now,
        };
        change.Db.Add(account);
        change.Audit("identity.account-added", account.Id, account.Login, null, AccountView.Of(account));
        change.OnSaved(() => accounts.Keep(account));
        return account;
    }

    private Refusal? Waits(IPAddress? source) => limiter.MustWait(source) is { } wait
        ? new Refusal("identity.too-many-failures", RefusalKind.TooMany, 403, $"Too many failed sign-ins from this address: wait {Math.Ceiling(wait.TotalSeconds)} seconds.")
        : null;

    private static Caller From(string name, IPAddress? source) => Caller.Itself(name) with { Source = source?.ToString() ?? "local" };
}
