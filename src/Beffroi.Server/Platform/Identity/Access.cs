// SPDX-License-Identifier: EUPL-1.2
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Beffroi.Server.Platform.Identity;

/// <summary>Who may use an endpoint: a set of roles, and whether the role must hold for the whole installation. Every endpoint names one by <see cref="AccessSetup.Needs"/>.</summary>
public sealed record Access(string Name, bool WholeInstallation, params Role[] Roles)
{
    /// <summary>Anybody, signed in or not: health, the OpenAPI document, sign-in itself.</summary>
    public static Access Public { get; } = new("public", false);

    /// <summary>Any account, about itself.</summary>
    public static Access SignedIn { get; } = new("signed-in", false, Role.Administrator, Role.Operator, Role.Auditor, Role.Person);

    /// <summary>Reading what is managed, within the scope.</summary>
    public static Access Read { get; } = new("read", false, Role.Administrator, Role.Operator, Role.Auditor);

    /// <summary>Daily work within the scope: persons, devices, forwards, groups, calls.</summary>
    public static Access Operate { get; } = new("operate", false, Role.Administrator, Role.Operator);

    /// <summary>Structure within the scope: sites, numbers, imports.</summary>
    public static Access Administer { get; } = new("administer", false, Role.Administrator);

    /// <summary>Reading what belongs to the whole installation: trunks, accounts.</summary>
    public static Access ReadAll { get; } = new("read-all", true, Role.Administrator, Role.Operator, Role.Auditor);

    /// <summary>Changing what belongs to the whole installation: organisations, trunks, accounts, dial plan.</summary>
    public static Access AdministerAll { get; } = new("administer-all", true, Role.Administrator);

    /// <summary>Reading the audit.</summary>
    public static Access Audit { get; } = new("audit", true, Role.Administrator, Role.Auditor);

    /// <summary>All of them; each is an authorisation policy of the same name.</summary>
    public static IReadOnlyList<Access> All { get; } = [Public, SignedIn, Read, Operate, Administer, ReadAll, AdministerAll, Audit];
}

/// <summary>Plugs <see cref="Access"/> into the framework's authorisation.</summary>
public static class AccessSetup
{
    /// <summary>States who may use the endpoint or the group. An endpoint without it is closed to everybody.</summary>
    public static T Needs<T>(this T endpoint, Access access) where T : IEndpointConventionBuilder
    {
        endpoint.WithMetadata(access);
        return access == Access.Public ? endpoint.AllowAnonymous() : endpoint.RequireAuthorization(access.Name);
    }

    internal static void AddAccess(this IServiceCollection services)
    {
        var authorization = services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build());
        foreach (var access in Access.All)
            authorization.AddPolicy(access.Name, policy => policy.RequireAuthenticatedUser().RequireAssertion(context => context.User.Identity is { IsAuthenticated: true }
                && access.Roles.Contains(context.User.Role()) && (!access.WholeInstallation || context.User.Scope().Kind == ScopeKind.Everything)));
    }
}

/// <summary>Writes each endpoint's access into the OpenAPI document, where the test that tries every endpoint reads it.</summary>
internal static class AccessDocumentation
{
    internal const string Extension = "x-beffroi-access";

    internal static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken stop)
    {
        var access = context.Description.ActionDescriptor.EndpointMetadata.OfType<Access>().LastOrDefault();
        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
        operation.Extensions[Extension] = new JsonNodeExtension(access?.Name ?? "closed");
        if (access is null || access == Access.Public) return Task.CompletedTask;
        operation.Security = [new() { [new OpenApiSecuritySchemeReference("bearer", context.Document)] = [] }];
        operation.Responses ??= [];
        operation.Responses.TryAdd("401", new OpenApiResponse { Description = "No valid token." });
        operation.Responses.TryAdd("403", new OpenApiResponse { Description = $"The role or scope does not allow it: one of {string.Join(", ", access.Roles)}{(access.WholeInstallation ? " for the whole installation" : "")}." });
        return Task.CompletedTask;
    }
}
