// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>A prefix that leads to one trunk: another PBX of the town, a site that has not moved yet. Immutable.</summary>
/// <param name="Prefix">The first digits dialled, 1 to 6.</param>
/// <param name="MinDigits">How many digits follow the prefix at least.</param>
/// <param name="MaxDigits">How many digits follow the prefix at most.</param>
/// <param name="Strip">How many leading digits are taken off before the number is sent.</param>
/// <param name="Prepend">Digits put before what is left; empty: none.</param>
/// <param name="Trunk">The trunk, and no other: the digits mean nothing elsewhere.</param>
/// <param name="Label">Where it leads, as people call it: "Ancien autocommutateur".</param>
public sealed record PrefixRoute(
    Guid Id, Guid OrganisationId, string Prefix, int MinDigits, int MaxDigits, int Strip, string Prepend, Guid Trunk, string Label, int Version) : IPage
{
    /// <summary>Most digits of <see cref="Prefix"/>.</summary>
    public const int LongestPrefix = 6;

    /// <summary>Most digits of <see cref="Prepend"/>.</summary>
    public const int LongestPrepend = 10;

    /// <summary>Most digits behind the prefix, as E.164 has them.</summary>
    public const int MostDigits = 15;

    /// <summary>Whether the digits dialled are this prefix and as many digits as follow it.</summary>
    public bool Matches(ReadOnlySpan<char> dialled) =>
        dialled.Length >= Prefix.Length + MinDigits && dialled.Length <= Prefix.Length + MaxDigits
        && dialled.StartsWith(Prefix, StringComparison.Ordinal) && !dialled.ContainsAnyExceptInRange('0', '9');

    /// <summary>The number as it goes to the trunk. <paramref name="dialled"/> must match.</summary>
    public PhoneNumber Sent(string dialled) => PhoneNumber.Of(string.Concat(Prepend, dialled.AsSpan(Strip)));
}
