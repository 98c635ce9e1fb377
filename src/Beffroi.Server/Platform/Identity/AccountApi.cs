// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Platform.Identity;

/// <summary>An account to make or change.</summary>
/// <param name="Login">Unique; letters, digits, dot, dash, underscore, at sign.</param>
/// <param name="ScopeId">The organisation, site or unit; empty for the whole installation.</param>
/// <param name="PersonId">The directory's person whose account it is: needed for the role person, whose scope is then the person's organisation; left out for a service.</param>
public sealed record AccountRequest(string Login, string Name, Role Role, ScopeKind ScopeKind = ScopeKind.Everything, Guid? ScopeId = null, bool Enabled = true, Guid? PersonId = null);

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
        accounts.MapGet("{id:guid}", Get).Needs(Access.ReadAll);
        accounts.MapPut("{id:guid}", Edit).Needs(Access.AdministerAll);
        accounts.MapDelete("{id:guid}", Remove).Needs(Access.AdministerAll);
        accounts.MapPut("{id:guid}/password", SetPassword).Needs(Access.AdministerAll);
        accounts.MapGet("{id:guid}/tokens", ListTokens).Needs(Access.ReadAll);
        accounts.MapPost("{id:guid}/tokens", AddToken).Needs(Access.AdministerAll);
        accounts.MapGet("{id:guid}/tokens/{token:guid}", GetToken).Needs(Access.ReadAll);
        accounts.MapDelete("{id:guid}/tokens/{token:guid}", RevokeToken).Needs(Access.AdministerAll);
    }

    /// <summary>Lists the accounts.</summary>
    internal static Ok<IReadOnlyList<AccountView>> List(AccountStore accounts) =>
        TypedResults.Ok<IReadOnlyList<AccountView>>([.. accounts.Accounts.OrderBy(a => a.Login, StringComparer.Ordinal).Select(AccountView.Of)]);

    /// <summary>Shows an account.</summary>
    internal static Results<Ok<AccountView>, ProblemHttpResult> Get(Guid id, AccountStore accounts) =>
        accounts.Find(id) is { } account ? TypedResults.Ok(AccountView.Of(account)) : NoSuchAccount.ToProblem();

    /// <summary>Makes an account. It cannot sign in before it has a token or a password.</summary>
    internal static async Task<Results<Created<AccountView>, ProblemHttpResult>> Add(
        AccountRequest request, Caller caller, Store store, AccountStore accounts, IAccountNodes nodes, CancellationToken stop)
    {
        if (Check(request, nodes, out var scope).Refused(out var wrong)) return wrong.ToProblem();
        var outcome = await store.ChangeAsync<AccountView>(caller, change =>
        {
            var account = new Account
            {
                Id = Guid.CreateVersion7(change.Now),
                Login = request.Login.Trim().ToLowerInvariant(),
                Name = request.Name.Trim(),
                Role = request.Role,
                ScopeKind = scope.Kind,
                ScopeId = scope.Id,
                PersonId = request.PersonId,
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

    /// <summary>Changes an account. The last one that administers the whole installation stays what it is.</summary>
    internal static async Task<Results<Ok<AccountView>, ProblemHttpResult>> Edit(
        Guid id, AccountRequest request, Caller caller, Store store, AccountStore accounts, IAccountNodes nodes, CancellationToken stop)
    {
        if (Check(request, nodes, out var scope).Refused(out var wrong)) return wrong.ToProblem();
        return (await ChangeAsync(id, "identity.account-changed", caller, store, accounts, account =>
        {
            account.Login = request.Login.Trim().ToLowerInvariant();
            account.Name = request.Name.Trim();
            account.Role = request.Role;
            account.ScopeKind = scope.Kind;
            account.ScopeId = scope.Id;
            account.PersonId = request.PersonId;
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

    /// <summary>Removes an account and its tokens; never the last one that administers the whole installation.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Caller caller, Store store, AccountStore accounts, CancellationToken stop)
    {
        var outcome = await store.ChangeAsync<Done>(caller, async change =>
        {
            if (await change.Db.Set<Account>().FirstOrDefaultAsync(a => a.Id == id, stop) is not { } account) return NoSuchAccount;
            if (accounts.IsLastAdministrator(id)) return LastAdministrator;
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

    /// <summary>Shows a live token by its first characters.</summary>
    internal static Results<Ok<TokenView>, ProblemHttpResult> GetToken(Guid id, Guid token, AccountStore accounts) =>
        accounts.LiveTokens.FirstOrDefault(t => t.Id == token && t.AccountId == id) is { } known ? TypedResults.Ok(TokenView.Of(known)) : NoSuchToken.ToProblem();

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
                return NoSuchToken;
            known.RevokedAt = change.Now;
            change.Audit("identity.token-revoked", id, accounts.Find(id)?.Login ?? "", TokenView.Of(known), null);
            change.OnSaved(() => accounts.Forget(known));
            return default(Done);
        }, stop);
        return outcome.ToNoContent();
    }

    private static Calls.Refusal NoSuchToken => Problems.NotFound("identity.no-such-token", "token");

    private static Calls.Refusal NoSuchAccount => Problems.NotFound("identity.no-such-account", "account");

    private static Calls.Refusal LastAdministrator { get; } =
        new("identity.last-administrator", Calls.RefusalKind.Conflict, 500, "Nobody else could administer the whole installation: make another administrator first.");

    /// <param name="scope">Where the role holds: what was asked, or for a person their organisation.</param>
    private static FieldErrors Check(AccountRequest request, IAccountNodes nodes, out Scope scope)
    {
        var errors = new FieldErrors().Text("login", request.Login, 80).Text("name", request.Name, 200)
            .Check("login", request.Login?.Trim().All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@') ?? false, "may hold letters, digits and . - _ @");
        scope = new Scope(request.ScopeKind, request.ScopeId ?? Guid.Empty);
        var organisation = request.PersonId is { } person ? nodes.OrganisationOfPerson(person) : null;
        errors.Check("personId", request.PersonId is null || organisation is not null, "is no person of the directory");
        if (request.Role == Role.Person)
        {
            var own = new Scope(ScopeKind.Organisation, organisation ?? Guid.Empty);
            errors.Check("personId", request.PersonId is not null, "is missing: the role person is that of somebody in the directory")
                .Check("scopeKind", scope == Scope.Everything || scope == own, "must be left out for the role person: it reaches what is the person's own");
            scope = own;
            return errors;
        }

        return errors.Check("scopeId", scope.Kind == ScopeKind.Everything == (scope.Id == Guid.Empty), "must name the node of the scope, and be empty for the whole installation")
            .Check("scopeId", scope.Kind == ScopeKind.Everything || nodes.IsNode(scope), $"is no {scope.Kind.ToString().ToLowerInvariant()} of the directory");
    }

    private static Task<Outcome<AccountView>> ChangeAsync(Guid id, string action, Caller caller, Store store, AccountStore accounts, Action<Account> edit, CancellationToken stop) =>
        store.ChangeAsync<AccountView>(caller, async change =>
        {
            if (await change.Db.Set<Account>().FirstOrDefaultAsync(a => a.Id == id, stop) is not { } account) return NoSuchAccount;
            var before = AccountView.Of(account);
            edit(account);
            if (account is not { Role: Role.Administrator, Enabled: true, ScopeKind: ScopeKind.Everything } && accounts.IsLastAdministrator(id)) return LastAdministrator;
            account.Version++;
            var after = AccountView.Of(account);
            change.Audit(action, id, account.Login, before, after);
            change.OnSaved(() => accounts.Keep(account));
            return after;
        }, stop);
}
