// SPDX-License-Identifier: EUPL-1.2
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Beffroi.Calls;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Storage;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Beffroi.Server.Platform.Http;

/// <summary>Plugs in what every endpoint shares: JSON, problem details, the OpenAPI document, security headers.</summary>
public static partial class HttpSetup
{
    public static void AddHttp(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 4 << 20;
        });
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = Complete);
        // Without it a body that cannot be read is a bare 400 that says nothing.
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddExceptionHandler<FaultHandler>();
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
            options.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        });
        builder.Services.AddOpenApi("v1", options =>
        {
            options.AddDocumentTransformer(Describe);
            options.AddOperationTransformer(AccessDocumentation.Describe);
        });
    }

    /// <summary>Puts a feature's source-generated JSON in front of reflection.</summary>
    public static void AddJson(this IServiceCollection services, IJsonTypeInfoResolver resolver) =>
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, resolver));

    /// <summary>The middleware before routing; the order matters.</summary>
    public static void UseHttp(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use((context, next) =>
        {
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
            if (context.Request.Path.StartsWithSegments("/api")) headers.CacheControl = "no-store";
            return next(context);
        });
        // An address that nothing is mapped to is told so before anybody is asked who they are; an endpoint never passes here.
        app.Use((context, next) => context.GetEndpoint() is null
            ? new Refusal("request.no-such-path", RefusalKind.NotFound, 404, "There is nothing at this address: see /openapi/v1.json.").ToProblem().ExecuteAsync(context)
            : next(context));
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapOpenApi().Needs(Access.Public).ExcludeFromDescription();
    }

    /// <summary>The group of a feature's endpoints: <c>/api/v1/</c> + <paramref name="name"/>.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder app, string name, string tag) => app.MapGroup($"/api/v1/{name}").WithTags(tag);

    private static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken stop)
    {
        document.Info = new()
        {
            Title = "Beffroi",
            Version = "v1",
            Description = "Management and call control of Beffroi. Every refusal is problem details (RFC 9457) whose type, urn:beffroi:<code>, is stable.",
            License = new() { Name = "EUPL-1.2", Identifier = "EUPL-1.2" },
        };
        document.Servers?.Clear();
        document.Components ??= new();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An access token of an account: beffroi token create." };
        return Task.CompletedTask;
    }

    /// <summary>Problems that the framework makes (a route that is not there, JSON that cannot be read) get a stable type too.</summary>
    private static void Complete(ProblemDetailsContext context)
    {
        if (context.ProblemDetails.Type?.StartsWith("urn:beffroi:", StringComparison.Ordinal) == true) return;
        context.ProblemDetails.Type = "urn:beffroi:" + (context.ProblemDetails.Status switch
        {
            400 => "request.invalid",
            401 => "identity.sign-in-first",
            403 => "identity.not-allowed",
            404 => "request.no-such-path",
            405 => "request.no-such-method",
            413 => "request.too-large",
            415 => "request.media-type",
            _ => "internal.error",
        });
    }

    /// <summary>A store that is away is 503; unreadable requests are 400; anything else is a bug: logged, answered 500 without its text.</summary>
    private sealed partial class FaultHandler(IProblemDetailsService problems, ILogger<FaultHandler> log) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception fault, CancellationToken stop)
        {
            var refusal = fault switch
            {
                BadHttpRequestException bad => new Refusal(bad.StatusCode == 413 ? "request.too-large" : "request.invalid", RefusalKind.Invalid, 400, Why(bad)),
                _ when StoreFaults.IsAway(fault) => StoreFaults.Unavailable,
                _ when StoreFaults.IsBadValue(fault) => StoreFaults.ValueRefused,
                _ => null,
            };
            if (refusal is null) Broken(log, fault, context.Request.Method, context.GetEndpoint()?.DisplayName);
            context.Response.StatusCode = (fault as BadHttpRequestException)?.StatusCode ?? refusal?.Kind.Status() ?? 500;
            return await problems.TryWriteAsync(new()
            {
                HttpContext = context,
                ProblemDetails = new()
                {
                    Status = context.Response.StatusCode,
                    Type = refusal is null ? null : "urn:beffroi:" + refusal.Code,
                    Title = refusal is null ? "Something went wrong here" : Problems.Title(refusal.Kind),
                    Detail = refusal?.Detail,
                },
            });
        }

        /// <summary>Where in the body; never the name of a type of ours.</summary>
        private static string Why(BadHttpRequestException bad) => bad.InnerException is JsonException broken
            ? broken.Path is { Length: > 2 } path ? $"The field {path[2..]} of the body holds what it cannot: see /openapi/v1.json." : "The body is not the JSON that is wanted: see /openapi/v1.json."
            : bad.Message;

        [LoggerMessage(3100, LogLevel.Error, "{Method} {Endpoint} broke.")]
        private static partial void Broken(ILogger log, Exception fault, string method, string? endpoint);
    }
}
