// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;

namespace Beffroi.Server.Features.DialPlan;

/// <summary>How bad two numbers are for one another.</summary>
public enum ConflictWeight
{
    /// <summary>A set that sends digits one by one would stop at the shorter; sets that send the whole number do not mind.</summary>
    Warning,

    /// <summary>One of the two can never be reached: the change is refused.</summary>
    Error,
}

public sealed record NumberConflict(ConflictWeight Weight, OwnedNumber First, OwnedNumber Second, string Fr, string En);

/// <summary>Finds internal numbers that hide one another, or hide the way out, an emergency number or a feature code.</summary>
public static partial class NumberConflicts
{
    /// <summary>All conflicts of one organisation, in the order of the numbers. O(n log n).</summary>
    public static IReadOnlyList<NumberConflict> Find(
        IEnumerable<OwnedNumber> internalNumbers, FeatureCodes codes, string outsidePrefix, IReadOnlySet<string> emergency, NumberingPlan plan)
    {
        var sorted = internalNumbers.OrderBy(n => n.Number.Reveal(), StringComparer.Ordinal).ToList();
        var found = new List<NumberConflict>();
        AmongThemselves(sorted, found);
        foreach (var number in sorted) found.AddRange(Of(number, codes, outsidePrefix, emergency, plan));
        found.AddRange(from text in emergency
                       where codes.TryMatch(text, out _, out _)
                       select WithCode(new OwnedNumber(PhoneNumber.Of(text), "emergency"), Matching(codes, text)));
        return found;
    }

    /// <summary>What one number collides with, other internal numbers apart.</summary>
    public static IEnumerable<NumberConflict> Of(OwnedNumber number, FeatureCodes codes, string outsidePrefix, IReadOnlySet<string> emergency, NumberingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(number);
        ArgumentNullException.ThrowIfNull(codes);
        var text = number.Number.Reveal();
        var behind = outsidePrefix.Length > 0 && text.StartsWith(outsidePrefix, StringComparison.Ordinal) ? text[outsidePrefix.Length..] : "";
        if (emergency.Contains(text)) yield return WithEmergency(number, text, ConflictWeight.Error);
        else if (emergency.Contains(behind)) yield return WithEmergency(number, behind, ConflictWeight.Error);
        else if (emergency.FirstOrDefault(e => text.StartsWith(e, StringComparison.Ordinal)) is { } hidden) yield return WithEmergency(number, hidden, ConflictWeight.Warning);
        if (codes.TryMatch(text, out var code, out _)) yield return WithCode(number, code);
        if (behind.Length > 0 || (outsidePrefix.Length > 0 && text == outsidePrefix)) yield return WithOutside(number, outsidePrefix);
        if (outsidePrefix.Length == 0 && plan.Normalise(text, out var outside) == NumberFault.None) yield return WithPublic(number, outside);
    }

    private static void AmongThemselves(List<OwnedNumber> sorted, List<NumberConflict> found)
    {
        // In ordinal order everything that begins with a number follows it directly.
        for (var shorter = 0; shorter < sorted.Count; shorter++)
        {
            var prefix = sorted[shorter].Number.Reveal();
            for (var longer = shorter + 1; longer < sorted.Count; longer++)
            {
                var text = sorted[longer].Number.Reveal();
                if (!text.StartsWith(prefix, StringComparison.Ordinal)) break;
                found.Add(text.Length == prefix.Length
                    ? new NumberConflict(ConflictWeight.Error, sorted[shorter], sorted[longer], $"Le numéro {prefix} est donné deux fois.", $"The number {prefix} is given twice.")
                    : new NumberConflict(ConflictWeight.Warning, sorted[shorter], sorted[longer],
                        $"{text} commence par {prefix} : un poste qui numérote chiffre à chiffre s'arrête au plus court.",
                        $"{text} begins with {prefix}: a set that dials digit by digit stops at the shorter."));
            }
        }
    }

    internal static NumberConflict WithEmergency(OwnedNumber number, string emergency, ConflictWeight weight) =>
        new(weight, number, new OwnedNumber(PhoneNumber.Of(emergency), "emergency"),
            $"{number.Number.Reveal()} se confond avec le numéro d'urgence {emergency}.",
            $"{number.Number.Reveal()} collides with the emergency number {emergency}.");

    private static FeatureCode Matching(FeatureCodes codes, string text) => codes.TryMatch(text, out var code, out _) ? code : throw new InvalidOperationException();

    private static NumberConflict WithCode(OwnedNumber number, FeatureCode code) =>
        new(ConflictWeight.Error, number, new OwnedNumber(number.Number, code.Pattern),
            $"{number.Number.Reveal()} est aussi le code « {code.Fr} ».", $"{number.Number.Reveal()} is also the code \"{code.En}\".");

    private static NumberConflict WithOutside(OwnedNumber number, string prefix) =>
        new(ConflictWeight.Warning, number, new OwnedNumber(PhoneNumber.Of(prefix), "outside line"),
            $"{number.Number.Reveal()} commence par le préfixe de prise de ligne {prefix} : le numéro interne l'emporte.",
            $"{number.Number.Reveal()} begins with the outside line prefix {prefix}: the internal number wins.");

    private static NumberConflict WithPublic(OwnedNumber number, CanonicalNumber outside) =>
        new(ConflictWeight.Warning, number, new OwnedNumber(outside.Number, "public network"),
            $"{number.Number.Reveal()} est aussi un numéro public ({outside.Range?.Fr}) : le numéro interne l'emporte.",
            $"{number.Number.Reveal()} is a public number too ({outside.Range?.En}): the internal number wins.");
}
