// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Platform.Identity;

/// <summary>An account to make or change.</summary>
/// <param name="Login">Unique; letters, digits, dot, dash, underscore, at sign.</param>
/// <param name="ScopeId">The organisation, site or unit; empty for the whole installation.</param>
public sealed record AccountRequest(string Login, string Name, Role Role, ScopeKind ScopeKind = ScopeKind.Everything, Guid? ScopeId = null, bool Enabled = true);

public sealed record AccountView(Guid Id, string Login, string Name, Role Role, ScopeKind ScopeKind, Guid ScopeId, Guid? PersonId, bool Enabled, bool HasPassword, DateTimeOffset CreatedAt)
{
    internal static AccountView Of(Account a) => new(a.Id, a.Login, a.Name, a.Role, a.ScopeKind, a.ScopeId, a.PersonId, a.Enabled, a.PasswordHash is not null, a.CreatedAt);
}

/// <summary>A token to make.</summary>
/// <param name="Label">What it is for.</param>
/// <param name="Days">How long it is valid, 1 to 730 days.</param>
public sealed record TokenRequest(string Label, int Days = 365);

public sealed record TokenView(Guid Id, Guid AccountId, string Label, string Prefix, bool IsSession, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    internal static TokenView Of(AccessToken t) => new(t.Id, t.AccountId, t.Label, t.Prefix, t.IsSession, t.CreatedAt, t.ExpiresAt);
}

/// <summary>A password of at least 12 characters (ANSSI, recommandations relatives à l'authentification multifacteur et aux mots de passe).</summary>
public sealed record PasswordRequest(string Password);

/// <summary>Accounts and their tokens.</summary>
internal static class AccountApi
{
    internal static void Map(WebApplication app)
    {
        var accounts = app.MapApi("accounts", "Identity");
        accounts.MapGet("", List).Needs(Access.ReadAll);
        accounts.MapPost("", Add).Needs(Access.AdministerAll);
        accounts.MapPut("{id:guid}", Edit).Needs(Access.AdministerAll);
        accounts.MapDelete("{id:guid}", Remove).Needs(Access.AdministerAll);
        accounts.MapPut("{id:guid}/password", SetPassword).Needs(Access.AdministerAll);
        accounts.MapGet("{id:guid}/tokens", ListTokens).Needs(Access.ReadAll);
        accounts.MapPost("{id:guid}/tokens", AddToken).Needs(Access.AdministerAll);
        accounts.MapDelete("{id:guid}/tokens/{token:guid}", RevokeToken).Needs(Access.AdministerAll);
    }

    /// <summary>Lists the accounts.</summary>
    internal static Ok<IReadOnlyList<AccountView>> List(AccountStore accounts) =>
        TypedResults.Ok<IReadOnlyList<AccountView>>([.. accounts.Accounts.OrderBy(a => a.Login, StringComparer.Ordinal).Select(AccountView.Of)]);

    /// <summary>Makes an account. It cannot sign in before it has a token or a password.</summary>
    internal static async Task<Results<Created<AccountView>, ProblemHttpResult>> Add(AccountRequest request, Caller caller, Store store, AccountStore accounts, CancellationToken stop)
    {
        if (Check(request).Refused(out var wrong)) return wrong.ToProblem();
        var outcome = await store.ChangeAsync<AccountView>(caller, change =>
        {
            var account = new Account
            {
                Id = Guid.CreateVersion7(change.Now),
                Login = request.Login.Trim().ToLowerInvariant(),
                Name = request.Name.Trim(),
                Role = request.Role,
                ScopeKind = request.ScopeKind,
                ScopeId = request.ScopeId ?? Guid.Empty,
                Enabled = request.Enabled,
                CreatedAt = change.Now,
            };
            var view = AccountView.Of(account);
            change.Db.Add(account);
            change.Audit("identity.account-added", account.Id, account.Login, null, view);
            change.OnSaved(() => accounts.Keep(account));
            return Task.FromResult<Outcome<AccountView>>(view);
        }, stop);
        return outcome.ToCreated(v => $"/api/v1/accounts/{v.Id}");
    }

    /// <summary>Changes an account.</summary>
    internal static async Task<Results<Ok<AccountView>, ProblemHttpResult>> Edit(Guid id, AccountRequest request, Caller caller, Store store, AccountStore accounts, CancellationToken stop)
    {
        if (Check(request).Refused(out var wrong)) return wrong.ToProblem();
        return (await ChangeAsync(id, "identity.account-changed", caller, store, accounts, account =>
        {
            account.Login = request.Login.Trim().ToLowerInvariant();
            account.Name = request.Name.Trim();
            account.Role = request.Role;
            account.ScopeKind = request.ScopeKind;
            account.ScopeId = request.ScopeId ?? Guid.Empty;
            account.Enabled = request.Enabled;
        }, stop)).ToOk();
    }

    /// <summary>Sets the password of an account.</summary>
    internal static async Task<Results<Ok<AccountView>, ProblemHttpResult>> SetPassword(Guid id, PasswordRequest request, Caller caller, Store store, AccountStore accounts, CancellationToken stop)
    {
        if (new FieldErrors().Text("password", request.Password, 200).Check("password", request.Password.Length >= 12, "must have at least 12 characters").Refused(out var wrong)) return wrong.ToProblem();
        var hash = Passwords.HashChosen(request.Password);
        return (await ChangeAsync(id, "identity.password-set", caller, store, accounts, account => account.PasswordHash = hash, stop)).ToOk();
    }

    /// <summary>Removes an account and its tokens.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Caller caller, Store store, AccountStore accounts, CancellationToken stop)
    {
        var outcome = await store.ChangeAsync<Done>(caller, async change =>
        {
            if (await change.Db.Set<Account>().FirstOrDefaultAsync(a => a.Id == id, stop) is not { } account) return NoSuchAccount;
            change.Db.Remove(account);
            change.Audit("identity.account-removed", id, account.Login, AccountView.Of(account), null);
            change.OnSaved(() => accounts.Forget(account));
            return default(Done);
        }, stop);
        return outcome.ToNoContent();
    }

    /// <summary>Lists the live tokens of an account by their first characters.</summary>
    internal static Results<Ok<IReadOnlyList<TokenView>>, ProblemHttpResult> ListTokens(Guid id, AccountStore accounts) => accounts.Find(id) is null
        ? NoSuchAccount.ToProblem()
        : TypedResults.Ok<IReadOnlyList<TokenView>>([.. accounts.LiveTokens.Where(t => t.AccountId == id).OrderBy(t => t.CreatedAt).Select(TokenView.Of)]);

    /// <summary>Makes a token. It is shown in this answer and never again.</summary>
    internal static async Task<Results<Created<TokenGiven>, ProblemHttpResult>> AddToken(Guid id, TokenRequest request, Caller caller, SessionService sessions, AccountStore accounts, CancellationToken stop)
    {
        if (new FieldErrors().Text("label", request.Label, 200).Range("days", request.Days, 1, 730).Refused(out var wrong)) return wrong.ToProblem();
        if (accounts.Find(id) is not { } account) return NoSuchAccount.ToProblem();
        var outcome = await sessions.MakeTokenAsync(caller, account, request.Label.Trim(), TimeSpan.FromDays(request.Days), session: false, stop);
        return outcome.ToCreated(t => $"/api/v1/accounts/{id}/tokens/{t.Id}");
    }

    /// <summary>Revokes a token at once.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> RevokeToken(Guid id, Guid token, Caller caller, Store store, AccountStore accounts, CancellationToken stop)
    {
        var outcome = await store.ChangeAsync<Done>(caller, async change =>
        {
            if (await change.Db.Set<AccessToken>().FirstOrDefaultAsync(t => t.Id == token && t.AccountId == id && t.RevokedAt == null, stop) is not { } known)
                return Problems.NotFound("identity.no-such-token", "token");
            known.RevokedAt = change.Now;
            change.Audit("identity.token-revoked", id, accounts.Find(id)?.Login ?? "", TokenView.Of(known), null);
            change.OnSaved(() => accounts.Forget(known));
            return default(Done);
        }, stop);
        return outcome.ToNoContent();
    }

    private static Calls.Refusal NoSuchAccount => Problems.NotFound("identity.no-such-account", "account");

    private static FieldErrors Check(AccountRequest request) => new FieldErrors()
        .Text("login", request.Login, 80).Text("name", request.Name, 200)
        .Check("login", request.Login?.Trim().All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@') ?? false, "may hold letters, digits and . - _ @")
        .Check("scopeId", request.ScopeKind == ScopeKind.Everything == (request.ScopeId is null || request.ScopeId == Guid.Empty), "must name the node of the scope, and be empty for the whole installation");

    private static Task<Outcome<AccountView>> ChangeAsync(Guid id, string action, Caller caller, Store store, AccountStore accounts, Action<Account> edit, CancellationToken stop) =>
        store.ChangeAsync<AccountView>(caller, async change =>
        {
            if (await change.Db.Set<Account>().FirstOrDefaultAsync(a => a.Id == id, stop) is not { } account) return NoSuchAccount;
            var before = AccountView.Of(account);
            edit(account);
            account.Version++;
            var after = AccountView.Of(account);
            change.Audit(action, id, account.Login, before, after);
            change.OnSaved(() => accounts.Keep(account));
            return after;
        }, stop);
}
