// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Server.Features.DialPlan.Contract;

namespace Beffroi.Server.Features.DialPlan.Routing;

/// <summary>The explainer's words for a trunk on a call's way.</summary>
internal static class TrunkWords
{
    public static string CodeOf(TrunkLot lot) => lot switch
    {
        TrunkLot.LeftOut => "trunks.down",
        TrunkLot.Full => "trunks.full",
        _ => "trunks.try",
    };

    /// <param name="turn">Its place among those that are tried, from 1.</param>
    public static (string Fr, string En) Of(TrunkPreview way, int turn) => way.Lot switch
    {
        TrunkLot.LeftOut => ($"Liaison « {way.Name} » : coupée ({way.DetailFr}), laissée de côté.", $"Trunk \"{way.Name}\": down ({way.DetailEn}), left out."),
        TrunkLot.Full => ($"Liaison « {way.Name} » : pleine ({way.Calls} appel(s) sur {way.Limit}), sautée.", $"Trunk \"{way.Name}\": full ({way.Calls} of {way.Limit} call(s)), skipped."),
        _ => (
            $"{turn}. Liaison « {way.Name} » : compose {way.Sent}, {(way.Shown.Length == 0 ? "numéro masqué" : $"présente {way.Shown}")} ; {way.Calls} appel(s){(way.Limit == 0 ? "" : $" sur {way.Limit}")}."
                + (way.Lot == TrunkLot.TriedThoughDown ? $" Coupée ({way.DetailFr}), essayée quand même." : ""),
            $"{turn}. Trunk \"{way.Name}\": dials {way.Sent}, {(way.Shown.Length == 0 ? "number withheld" : $"shows {way.Shown}")}; {way.Calls}{(way.Limit == 0 ? "" : $" of {way.Limit}")} call(s)."
                + (way.Lot == TrunkLot.TriedThoughDown ? $" Down ({way.DetailEn}), tried all the same." : "")),
    };
}
