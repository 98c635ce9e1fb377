// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Beffroi.Server.Platform.Http;

/// <summary>The one place where a <see cref="Refusal"/> becomes HTTP: problem details (RFC 9457) of type <c>urn:beffroi:</c> + code.</summary>
public static class Problems
{
    private const string Prefix = "urn:beffroi:";

    public static int Status(this RefusalKind kind) => kind switch
    {
        RefusalKind.Invalid => StatusCodes.Status400BadRequest,
        RefusalKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        RefusalKind.Forbidden => StatusCodes.Status403Forbidden,
        RefusalKind.NotFound => StatusCodes.Status404NotFound,
        RefusalKind.Conflict => StatusCodes.Status409Conflict,
        RefusalKind.TooMany => StatusCodes.Status429TooManyRequests,
        RefusalKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>The refusal as problem details.</summary>
    public static ProblemHttpResult ToProblem(this Refusal refusal) => TypedResults.Problem(
        refusal.Detail, statusCode: refusal.Kind.Status(), type: Prefix + refusal.Code, title: Title(refusal.Kind), extensions: Extensions(refusal));

    /// <summary>200 with the value, or the problem.</summary>
    public static Results<Ok<T>, ProblemHttpResult> ToOk<T>(this Outcome<T> outcome) =>
        outcome.Succeeded(out var value, out var refusal) ? TypedResults.Ok(value) : refusal.ToProblem();

    /// <summary>201 with the value and its place, or the problem.</summary>
    public static Results<Created<T>, ProblemHttpResult> ToCreated<T>(this Outcome<T> outcome, Func<T, string> place) =>
        outcome.Succeeded(out var value, out var refusal) ? TypedResults.Created(place(value), value) : refusal.ToProblem();

    /// <summary>204, or the problem.</summary>
    public static Results<NoContent, ProblemHttpResult> ToNoContent<T>(this Outcome<T> outcome) =>
        outcome.Succeeded(out _, out var refusal) ? TypedResults.NoContent() : refusal.ToProblem();

    /// <summary>The refusal for a thing that is not there, or not within the caller's scope: both look the same from outside.</summary>
    public static Refusal NotFound(string code, string what) => new(code, RefusalKind.NotFound, 404, $"There is no such {what}.");

    /// <summary>The refusal of what cannot be done just now.</summary>
    public static Refusal Unavailable(string code, string why) => new(code, RefusalKind.Unavailable, 503, why);

    internal static string Title(RefusalKind kind) => kind switch
    {
        RefusalKind.Invalid => "The request is not valid",
        RefusalKind.Unauthenticated => "Sign in first",
        RefusalKind.Forbidden => "Not allowed",
        RefusalKind.NotFound => "Not found",
        RefusalKind.Conflict => "Not possible in the present state",
        RefusalKind.TooMany => "Too many",
        RefusalKind.Unavailable => "Not available now",
        _ => "Refused",
    };

    private static Dictionary<string, object?>? Extensions(Refusal refusal) =>
        refusal.Errors is { } errors ? new() { ["errors"] = errors } : null;
}
