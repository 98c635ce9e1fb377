// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json.Serialization;
using Beffroi.Calls;
using Beffroi.Server.Platform.Http;
using Beffroi.Server.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Server.Platform.Identity;

/// <summary>A login and its password.</summary>
public sealed record SignInRequest(string Login, string Password);

/// <summary>The code of the one-time administrator link.</summary>
public sealed record LinkRequest(string Code);

/// <summary>A token, shown this once.</summary>
public sealed record TokenGiven(Guid Id, string Token, DateTimeOffset ExpiresAt, Role Role)
{
    /// <summary>Masks the token.</summary>
    public override string ToString() => $"token {Id}";
}

/// <summary>Who is signed in.</summary>
public sealed record SessionView(Guid AccountId, string Name, Role Role, ScopeKind ScopeKind, Guid ScopeId, Guid? PersonId);

/// <summary>Signing in and out.</summary>
internal static class SessionApi
{
    internal static void Map(WebApplication app)
    {
        var session = app.MapApi("session", "Identity");
        session.MapPost("", SignIn).Needs(Access.Public);
        session.MapPost("administrator-link", UseLink).Needs(Access.Public);
        session.MapGet("", Who).Needs(Access.SignedIn);
        session.MapDelete("", SignOut).Needs(Access.SignedIn);
        app.MapGet("/administrator-link", OpenLink).Needs(Access.Public).ExcludeFromDescription();
    }

    /// <summary>Signs in with login and password.</summary>
    /// <remarks>Gives a token valid for 12 hours, in the answer and as a cookie. After ten failures a source address waits five minutes.</remarks>
    internal static async Task<Results<Ok<TokenGiven>, ProblemHttpResult>> SignIn(SignInRequest request, SessionService sessions, HttpContext context, CancellationToken stop)
    {
        if (new FieldErrors().Text("login", request.Login, 80).Text("password", request.Password, 200).Refused(out var wrong)) return wrong.ToProblem();
        return Give(await sessions.SignInAsync(request.Login, request.Password, context.Connection.RemoteIpAddress, stop), context);
    }

    /// <summary>Signs in with the code of the one-time administrator link.</summary>
    internal static async Task<Results<Ok<TokenGiven>, ProblemHttpResult>> UseLink(LinkRequest request, SessionService sessions, HttpContext context, CancellationToken stop) =>
        Give(await sessions.UseLinkAsync(request.Code ?? "", context.Connection.RemoteIpAddress, stop), context);

    /// <summary>Opens the one-time administrator link in a browser.</summary>
    internal static async Task<Results<RedirectHttpResult, ProblemHttpResult>> OpenLink(string? code, SessionService sessions, HttpContext context, CancellationToken stop)
    {
        var outcome = await sessions.UseLinkAsync(code ?? "", context.Connection.RemoteIpAddress, stop);
        if (!outcome.Succeeded(out var given, out var refusal)) return refusal.ToProblem();
        SetCookie(context, given);
        return TypedResults.Redirect("/");
    }

    /// <summary>Says who is signed in.</summary>
    internal static Ok<SessionView> Who(Caller caller) =>
        TypedResults.Ok(new SessionView(caller.AccountId, caller.Name, caller.Role, caller.Scope.Kind, caller.Scope.Id, caller.Person));

    /// <summary>Signs out: the token of this request is void from now on.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> SignOut(Caller caller, HttpContext context, Store store, AccountStore accounts, CancellationToken stop)
    {
        var id = Guid.Parse(context.User.FindFirst(Claims.Token)!.Value);
        context.Response.Cookies.Delete(BearerHandler.Cookie);
        var outcome = await store.ChangeAsync<Done>(caller, async change =>
        {
            if (await change.Db.Set<AccessToken>().FirstOrDefaultAsync(t => t.Id == id, stop) is not { } token) return Problems.NotFound("identity.no-such-token", "token");
            token.RevokedAt = change.Now;
            change.Audit("identity.signed-out", token.AccountId, caller.Name, TokenView.Of(token), null);
            change.OnSaved(() => accounts.Forget(token));
            return default(Done);
        }, stop);
        return outcome.ToNoContent();
    }

    private static Results<Ok<TokenGiven>, ProblemHttpResult> Give(Outcome<TokenGiven> outcome, HttpContext context)
    {
        if (!outcome.Succeeded(out var given, out var refusal))
        {
            if (refusal.Kind == RefusalKind.TooMany) context.Response.Headers.RetryAfter = SignInLimiter.Window.TotalSeconds.ToString("0", System.Globalization.CultureInfo.InvariantCulture);
            return refusal.ToProblem();
        }

        SetCookie(context, given);
        return TypedResults.Ok(given);
    }

    private static void SetCookie(HttpContext context, TokenGiven given) => context.Response.Cookies.Append(BearerHandler.Cookie, given.Token, new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = "/",
        Expires = given.ExpiresAt,
    });
}

[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(LinkRequest))]
[JsonSerializable(typeof(TokenGiven))]
[JsonSerializable(typeof(SessionView))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(IReadOnlyList<AccountView>))]
[JsonSerializable(typeof(AccountRequest))]
[JsonSerializable(typeof(TokenView))]
[JsonSerializable(typeof(IReadOnlyList<TokenView>))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(PasswordRequest))]
internal sealed partial class IdentityJson : JsonSerializerContext;
