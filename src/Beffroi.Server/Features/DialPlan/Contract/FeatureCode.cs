// SPDX-License-Identifier: EUPL-1.2
using System.Buffers;

namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>What a feature code does. Names are stable: they are stored and shown by the API.</summary>
public enum FeatureAction
{
    PickupDirected,
    PickupGroup,
    Park,
    Retrieve,
    ForwardImmediateSet,
    ForwardImmediateClear,
    ForwardBusySet,
    ForwardBusyClear,
    ForwardNoAnswerSet,
    ForwardNoAnswerClear,
    ForwardUnreachableSet,
    ForwardUnreachableClear,
    ForwardAllClear,
    DoNotDisturbOn,
    DoNotDisturbOff,
    GroupLogIn,
    GroupLogOut,
    VoicemailConsult,
    VoicemailDeposit,
    WithholdNumber,
    ShowNumber,
    CallWithPin,
}

/// <summary>A code that a telephone dials to ask for a service.</summary>
/// <param name="Pattern">Digits with at most one argument in braces: <c>*8{extension}</c>, <c>*21*{number}#</c>, <c>#21#</c>.
/// A '#' at the end may be left out when dialled: many sets take it as "send".</param>
public sealed record FeatureCode(FeatureAction Action, string Pattern, string Fr, string En)
{
    private static readonly SearchValues<char> Signs = SearchValues.Create("0123456789*#");
    private static readonly SearchValues<char> Digits = SearchValues.Create("+0123456789");
    private readonly (string Before, string After, bool HasArgument) _parts = Split(Pattern);

    /// <summary>The digits before the argument: what decides between two codes that both fit.</summary>
    public string Prefix => _parts.Before;

    public bool HasArgument => _parts.HasArgument;

    /// <summary>False for a pattern with other signs than digits, '*', '#' and one argument in braces.</summary>
    public static bool IsValid(string pattern)
    {
        var (before, after, _) = Split(pattern);
        return before.Length > 0 && before.Length + after.Length <= 12 && !before.AsSpan().ContainsAnyExcept(Signs) && !after.AsSpan().ContainsAnyExcept("*#");
    }

    /// <summary>Whether <paramref name="dialled"/> is this code, and the argument it carries.</summary>
    public bool Matches(ReadOnlySpan<char> dialled, out ReadOnlySpan<char> argument)
    {
        argument = default;
        var (before, after, hasArgument) = _parts;
        if (!hasArgument) return dialled.SequenceEqual(before) || (before[^1] == '#' && dialled.SequenceEqual(before.AsSpan(0, before.Length - 1)));
        if (!dialled.StartsWith(before, StringComparison.Ordinal)) return false;
        var rest = dialled[before.Length..];
        if (after.Length > 0 && rest.EndsWith(after, StringComparison.Ordinal)) rest = rest[..^after.Length];
        if (rest.IsEmpty || rest.Length > PhoneNumber.MaxLength || rest.ContainsAnyExcept(Digits)) return false;
        argument = rest;
        return true;
    }

    private static (string Before, string After, bool HasArgument) Split(string pattern)
    {
        var open = pattern.IndexOf('{', StringComparison.Ordinal);
        var close = pattern.IndexOf('}', StringComparison.Ordinal);
        return open < 0 || close < open ? (pattern, "", false) : (pattern[..open], pattern[(close + 1)..], true);
    }
}
