// SPDX-License-Identifier: EUPL-1.2
using System.Security.Claims;

namespace Beffroi.Server.Platform.Identity;

/// <summary>What an account may do. See <see cref="Access"/> for which endpoints ask for which.</summary>
public enum Role
{
    /// <summary>Everything within its scope.</summary>
    Administrator,

    /// <summary>Daily work: calls, persons, devices, groups; no trunks, no accounts.</summary>
    Operator,

    /// <summary>Reads everything, the audit too; changes nothing.</summary>
    Auditor,

    /// <summary>A person of the directory: what is theirs.</summary>
    Person,
}

/// <summary>The node of the tree organisation → site → unit under which a role holds.</summary>
public enum ScopeKind
{
    /// <summary>The whole installation.</summary>
    Everything,
    Organisation,
    Site,
    Unit,
}

/// <summary>Where a role holds.</summary>
public sealed record Scope(ScopeKind Kind, Guid Id)
{
    public static Scope Everything { get; } = new(ScopeKind.Everything, Guid.Empty);

    /// <summary>True when the thing lies under the scope's node. <paramref name="units"/>: the thing's unit and the units above it.</summary>
    public bool Covers(Guid organisation, Guid? site = null, params ReadOnlySpan<Guid> units) => Kind switch
    {
        ScopeKind.Everything => true,
        ScopeKind.Organisation => Id == organisation,
        ScopeKind.Site => Id == site,
        ScopeKind.Unit => units.Contains(Id),
        _ => false,
    };
}

/// <summary>Who asks: an account, its role and scope, and the address it speaks from. A parameter of endpoint handlers.</summary>
public sealed record Caller(Guid AccountId, string Name, Role Role, Scope Scope, string Source)
{
    /// <summary>The directory's person, when the account is one's.</summary>
    public Guid? Person { get; init; }

    /// <summary>The server itself: at start, from a feature code, from a timer.</summary>
    public static Caller Itself(string what) => new(Guid.Empty, what, Role.Administrator, Scope.Everything, "local");

    /// <summary>Bound by the framework from the authenticated request.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(From(context));

    public static Caller From(HttpContext context) => context.User.FindFirst(Claims.Account) is { } account
        ? new(Guid.Parse(account.Value), context.User.Identity?.Name ?? "", context.User.Role(), context.User.Scope(), context.Connection.RemoteIpAddress?.ToString() ?? "local")
        {
            Person = context.User.Person(),
        }
        : throw new InvalidOperationException("The endpoint takes a Caller but is open to everybody.");
}

/// <summary>The claims that a signed-in request carries.</summary>
internal static class Claims
{
    internal const string Account = "beffroi:account";
    internal const string Role = "beffroi:role";
    internal const string ScopeKind = "beffroi:scope-kind";
    internal const string ScopeId = "beffroi:scope-id";
    internal const string Person = "beffroi:person";
    internal const string Token = "beffroi:token";
}

/// <summary>Reads the claims back.</summary>
internal static class ClaimsReading
{
    internal static Role Role(this ClaimsPrincipal user) => Enum.Parse<Role>(user.FindFirst(Claims.Role)!.Value);

    internal static Guid? Person(this ClaimsPrincipal user) => user.FindFirst(Claims.Person) is { } person ? Guid.Parse(person.Value) : null;

    internal static Scope Scope(this ClaimsPrincipal user) =>
        new(Enum.Parse<ScopeKind>(user.FindFirst(Claims.ScopeKind)!.Value), Guid.Parse(user.FindFirst(Claims.ScopeId)!.Value));
}
