// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Authentication;

public enum DigestOutcome
{
    /// <summary>No Digest credentials for us: challenge.</summary>
    NoCredentials,
    Valid,
    /// <summary>The secret is right, the nonce old, unknown or used before: challenge with stale=true.</summary>
    Stale,
    /// <summary>Challenge again, count it against the source.</summary>
    Wrong,
    /// <summary>Answer exactly as for <see cref="Wrong"/>: nobody shall learn who exists.</summary>
    UnknownUser,
    /// <summary>Answer 400.</summary>
    Malformed
}

/// <summary>What the credentials of a request are worth. <paramref name="Username"/> is the claimed one, "" without credentials; it is proven only if <see cref="IsValid"/>.</summary>
public readonly record struct DigestVerdict(DigestOutcome Outcome, string Username, DigestAlgorithm Algorithm)
{
    public bool IsValid => Outcome == DigestOutcome.Valid;
    public bool IsStale => Outcome == DigestOutcome.Stale;

    /// <summary>True for a wrong secret or user: what a limit per source address counts.</summary>
    public bool IsRefused => Outcome is DigestOutcome.Wrong or DigestOutcome.UnknownUser;

    public override string ToString() => Outcome.ToString();
}
