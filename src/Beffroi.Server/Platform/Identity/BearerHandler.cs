// SPDX-License-Identifier: EUPL-1.2
using System.Security.Claims;
using System.Text.Encodings.Web;
using Beffroi.Calls;
using Beffroi.Server.Platform.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Beffroi.Server.Platform.Identity;

/// <summary>Authenticates a request by <c>Authorization: Bearer</c> (RFC 6750 §2.1), or by the session cookie of a browser on our own pages.</summary>
internal sealed class BearerHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, AccountStore accounts)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    internal const string Name = "beffroi";
    internal const string Cookie = "beffroi_session";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        string? token = null;
        if (Request.Headers.Authorization.ToString() is { Length: > 0 } header)
        {
            if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return Task.FromResult(AuthenticateResult.NoResult());
            token = header[7..].Trim();
        }
        else if (Request.Cookies.TryGetValue(Cookie, out var cookie) && IsOurOwnPage())
        {
            token = cookie;
        }

        if (token is null) return Task.FromResult(AuthenticateResult.NoResult());
        if (accounts.Authenticate(token) is not var (account, known)) return Task.FromResult(AuthenticateResult.Fail("unknown, expired or revoked token"));
        var identity = new ClaimsIdentity(
        [
            new(ClaimTypes.Name, account.Name),
            new(Claims.Account, account.Id.ToString()),
            new(Claims.Role, account.Role.ToString()),
            new(Claims.ScopeKind, account.ScopeKind.ToString()),
            new(Claims.ScopeId, account.ScopeId.ToString()),
            new(Claims.Token, known.Id.ToString()),
        ], Name);
        if (account.PersonId is { } person) identity.AddClaim(new(Claims.Person, person.ToString()));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return new Refusal("identity.sign-in-first", RefusalKind.Unauthenticated, 401, "Give a valid access token: Authorization: Bearer bft_...").ToProblem().ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        new Refusal("identity.not-allowed", RefusalKind.Forbidden, 403, "This account's role or scope does not allow it.").ToProblem().ExecuteAsync(Context);

    /// <summary>A cookie is sent by the browser whoever made the page: a change is taken only from our own origin. The cookie is SameSite=Strict beside.</summary>
    private bool IsOurOwnPage() => HttpMethods.IsGet(Request.Method) || HttpMethods.IsHead(Request.Method)
        || (Uri.TryCreate(Request.Headers.Origin, UriKind.Absolute, out var origin) && origin.Authority == Request.Host.Value);
}
