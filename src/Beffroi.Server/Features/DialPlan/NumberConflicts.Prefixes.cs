// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;

namespace Beffroi.Server.Features.DialPlan;

/// <summary>Prefixes that lead to a trunk against all that is asked before them, and against what they would hide.</summary>
public static partial class NumberConflicts
{
    /// <summary>A whole public number, as it is understood without the outside prefix.</summary>
    private const int NationalLength = 10;

    /// <summary>All conflicts of one prefix. Emergency numbers, feature codes and internal numbers are asked first and win; the outside line is asked after it.</summary>
    /// <param name="others">All prefixes, those of other organisations and itself too.</param>
    public static IEnumerable<NumberConflict> Of(
        PrefixRoute route, IEnumerable<PrefixRoute> others, IEnumerable<OwnedNumber> internalNumbers, FeatureCodes codes, string outsidePrefix, IReadOnlySet<string> emergency)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(codes);
        return [.. WithOthers(route, others), .. WithCodes(route, codes), .. WithWayOut(route, outsidePrefix), .. WithNumbers(route, internalNumbers, emergency)];
    }

    private static IEnumerable<NumberConflict> WithOthers(PrefixRoute route, IEnumerable<PrefixRoute> others) =>
        from other in others
        where other.Id != route.Id && other.OrganisationId == route.OrganisationId && other.Prefix == route.Prefix
        where other.MinDigits <= route.MaxDigits && route.MinDigits <= other.MaxDigits
        select Conflict(ConflictWeight.Error, route, new OwnedNumber(PhoneNumber.Of(other.Prefix), other.Label),
            $"Le préfixe {route.Prefix} mène déjà à « {other.Label} » avec autant de chiffres.", $"The prefix {route.Prefix} leads to \"{other.Label}\" already, with as many digits.");

    private static IEnumerable<NumberConflict> WithCodes(PrefixRoute route, FeatureCodes codes)
    {
        foreach (var code in codes.All)
        {
            var fixedPart = code.Prefix;
            var hidesAll = code.HasArgument && route.Prefix.StartsWith(fixedPart, StringComparison.Ordinal);
            var hidesSome = code.HasArgument ? IsBehind(route, fixedPart, 1) : route.Matches(fixedPart);
            if (!hidesAll && !hidesSome) continue;
            yield return Conflict(hidesAll ? ConflictWeight.Error : ConflictWeight.Warning, route, new OwnedNumber(PhoneNumber.Of(fixedPart), code.Pattern),
                $"Le code « {code.Fr} » ({code.Pattern}) l'emporte sur des numéros du préfixe {route.Prefix}.", $"The code \"{code.En}\" ({code.Pattern}) wins over numbers of the prefix {route.Prefix}.");
        }
    }

    private static IEnumerable<NumberConflict> WithWayOut(PrefixRoute route, string outsidePrefix)
    {
        var collides = outsidePrefix.Length > 0
            && (route.Prefix.StartsWith(outsidePrefix, StringComparison.Ordinal) || IsBehind(route, outsidePrefix, 0));
        if (collides)
        {
            yield return Conflict(ConflictWeight.Error, route, new OwnedNumber(PhoneNumber.Of(outsidePrefix), "outside line"),
                $"Le préfixe {route.Prefix} se confond avec le préfixe de prise de ligne {outsidePrefix}.", $"The prefix {route.Prefix} collides with the outside line prefix {outsidePrefix}.");
        }
        else if (route.Prefix[0] == '0' && route.Prefix.Length + route.MaxDigits >= NationalLength)
        {
            yield return Conflict(ConflictWeight.Error, route, new OwnedNumber(PhoneNumber.Of("0"), "public network"),
                $"Le préfixe {route.Prefix} cacherait des numéros publics.", $"The prefix {route.Prefix} would hide public numbers.");
        }
    }

    private static IEnumerable<NumberConflict> WithNumbers(PrefixRoute route, IEnumerable<OwnedNumber> internalNumbers, IReadOnlySet<string> emergency)
    {
        foreach (var number in internalNumbers.Where(n => route.Matches(n.Number.Reveal())))
        {
            yield return Conflict(ConflictWeight.Warning, route, number,
                $"{number.Number.Reveal()} commence par le préfixe {route.Prefix} : le numéro interne l'emporte.", $"{number.Number.Reveal()} begins with the prefix {route.Prefix}: the internal number wins.");
        }

        foreach (var number in emergency.Where(n => route.Matches(n)))
        {
            yield return Conflict(ConflictWeight.Warning, route, new OwnedNumber(PhoneNumber.Of(number), "emergency"),
                $"{number} commence par le préfixe {route.Prefix} : le numéro d'urgence l'emporte.", $"{number} begins with the prefix {route.Prefix}: the emergency number wins.");
        }
    }

    /// <summary>Whether digits that begin so, and <paramref name="more"/> behind them, may be a number of the prefix.</summary>
    private static bool IsBehind(PrefixRoute route, string digits, int more) =>
        digits.StartsWith(route.Prefix, StringComparison.Ordinal) && digits.All(char.IsAsciiDigit) && digits.Length + more <= route.Prefix.Length + route.MaxDigits;

    private static NumberConflict Conflict(ConflictWeight weight, PrefixRoute route, OwnedNumber with, string fr, string en) =>
        new(weight, new OwnedNumber(PhoneNumber.Of(route.Prefix), route.Label), with, fr, en);
}
