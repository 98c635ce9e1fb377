// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;

namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>One line of a calling class ("discrimination").</summary>
/// <param name="Prefix">First digits as people of the country dial them: "06", "0033899", "3", "0044". Empty: the line is for a whole <paramref name="Class"/>.</param>
public sealed record CallingRule(string Prefix, NumberClass? Class, bool Allowed);

/// <summary>What may be called outside: longest prefix first, then the number's class, then the default. Emergency numbers never come here: they are always allowed.</summary>
/// <remarks>Threading: immutable.</remarks>
public sealed class CallingRights
{
    private readonly DigitTree<bool> _prefixes = new();
    private readonly FrozenDictionary<NumberClass, bool> _classes;
    private readonly bool _allowedByDefault;

    public CallingRights(Guid id, string name, bool allowedByDefault, IEnumerable<CallingRule> rules, NumberingPlan plan)
    {
        (Id, Name, _allowedByDefault) = (id, name, allowedByDefault);
        var classes = new Dictionary<NumberClass, bool>();
        foreach (var rule in rules)
        {
            if (rule.Prefix.Length > 0) _prefixes.Set(PrefixKey(rule.Prefix, plan), rule.Allowed);
            else if (rule.Class is { } ofClass) classes[ofClass] = rule.Allowed;
        }
        _classes = classes.ToFrozenDictionary();
    }

    public Guid Id { get; }

    public string Name { get; }

    /// <summary>Whether the number may be called, and what decided: a prefix, the class, or nothing but the default (empty text).</summary>
    public bool Allows(CanonicalNumber number, out string decidedBy)
    {
        var text = number.Number.Reveal();
        if (_prefixes.TryLongest(text, out var allowed, out var length))
        {
            decidedBy = text[..length];
            return allowed;
        }
        if (_classes.TryGetValue(number.Class, out allowed))
        {
            decidedBy = number.Class.ToString();
            return allowed;
        }
        decidedBy = "";
        return _allowedByDefault;
    }

    /// <summary>Whether a number of the town behind a prefix of its own may be called: only a rule whose prefix the digits dialled begin with can bar it; classes and the default are for the public network.</summary>
    public bool AllowsInside(string dialled, out string decidedBy)
    {
        var named = _prefixes.TryLongest(dialled, out var allowed, out var length) && length > 0;
        decidedBy = named ? dialled[..length] : "";
        return !named || allowed;
    }

    /// <summary>A prefix as canonical numbers begin with it: "06" becomes "+336", "0033899" and "+33899" too, "0044" becomes "+44", "32" stays.</summary>
    internal static string PrefixKey(string prefix, NumberingPlan plan)
    {
        var digits = string.Concat(prefix.Where(c => char.IsAsciiDigit(c) || c == '+'));
        if (digits.StartsWith('+')) return digits;
        if (digits.StartsWith("00", StringComparison.Ordinal)) return string.Concat("+", digits.AsSpan(2));
        if (!digits.StartsWith('0')) return digits;
        // "0690" of Guadeloupe is +590 690: the range that would hold such numbers says which country code they get.
        var country = plan.Ranges.Where(r => r.Country.Length > 0 && digits.StartsWith(r.Prefix, StringComparison.Ordinal)).MaxBy(r => r.Prefix.Length)?.Country ?? "33";
        return string.Concat("+", country, digits.AsSpan(1));
    }
}
