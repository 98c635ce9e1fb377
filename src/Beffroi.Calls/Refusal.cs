// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Calls;

/// <summary>What sort of wish was refused; HTTP maps it to a status once, in the server's Http folder.</summary>
public enum RefusalKind
{
    /// <summary>The request itself is wrong: HTTP 400.</summary>
    Invalid,

    /// <summary>Nobody has said who asks: HTTP 401.</summary>
    Unauthenticated,

    /// <summary>Who asks may not: HTTP 403.</summary>
    Forbidden,

    /// <summary>The thing named does not exist: HTTP 404.</summary>
    NotFound,

    /// <summary>The thing's present state does not allow it: HTTP 409.</summary>
    Conflict,

    /// <summary>A limit is reached for now: HTTP 429.</summary>
    TooMany,

    /// <summary>A part that is needed is down: HTTP 503.</summary>
    Unavailable,
}

/// <summary>A wish that was understood and refused: a value, never an exception.</summary>
/// <param name="Code">Stable, lower case, <c>feature.reason</c>: <c>dial-plan.no-such-number</c>. HTTP shows it as <c>urn:beffroi:</c> + code.</param>
/// <param name="Kind">How HTTP answers.</param>
/// <param name="SipStatus">How SIP answers: a final status, 300 to 699.</param>
/// <param name="Detail">One English sentence for the person who reads the log or the problem details; no personal data.</param>
public sealed record Refusal(string Code, RefusalKind Kind, int SipStatus, string Detail)
{
    /// <summary>Q.850 cause for the Reason header (RFC 3326, RFC 8606), or 0 when none fits.</summary>
    public int Cause { get; init; }

    /// <summary>What is wrong with each field, or with each line of an import (<c>line 12</c>); null when the detail says all.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }
}
