// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Server.Platform.Live;

namespace Beffroi.Server.Features.Trunks;

/// <summary>How the trunks fare, for the start page, health and Prometheus.</summary>
internal sealed class TrunksLive(TrunkStore trunks) : ILiveSource, IMetricSource, IHealthSource
{
    public IEnumerable<LiveFact> Facts
    {
        get
        {
            var usable = trunks.Current.Usable;
            var (up, all) = (usable.Count(t => trunks.StateOf(t.Id).IsUp), usable.Count);
            if (all == 0) yield return new("trunks", "Liaisons opérateur", "Operator trunks", "Aucune : pas d'appels extérieurs", "None: no outside calls");
            else yield return new("trunks", "Liaisons opérateur", "Operator trunks", string.Create(CultureInfo.InvariantCulture, $"{up} en service sur {all}"), string.Create(CultureInfo.InvariantCulture, $"{up} up of {all}"), up == all);
        }
    }

    public void Write(MetricWriter metrics)
    {
        foreach (var trunk in trunks.Current.All)
        {
            metrics.Gauge("trunk_up", "1 while calls may be tried on the trunk.", trunk.Enabled && trunks.StateOf(trunk.Id).IsUp ? 1 : 0, ("trunk", trunk.Name));
            metrics.Gauge("trunk_channels", "Calls on the trunk.", trunks.Channels(trunk.Id), ("trunk", trunk.Name));
        }
    }

    public ValueTask<IReadOnlyList<HealthNote>> CheckAsync(CancellationToken stop) => ValueTask.FromResult<IReadOnlyList<HealthNote>>(
    [
        .. trunks.Current.Usable.Where(t => !trunks.StateOf(t.Id).IsUp).Select(t => new HealthNote("trunks", false, $"The trunk {t.Name} is down. {trunks.StateOf(t.Id).Detail}.",
            $"La liaison {t.Name} est coupée. {Sentence(trunks.StateOf(t.Id).DetailFr)}.")),
        .. trunks.Current.Usable.Where(t => t.SealedSecret.Length > 0 && trunks.SecretOf(t) is null).Select(t => new HealthNote("trunks", false, $"The secret of the trunk {t.Name} cannot be opened with this master.key. Put the right key back or set the secret anew.",
            $"Le secret de la liaison {t.Name} ne s'ouvre pas avec ce master.key. Remettez la bonne clé ou donnez le secret à nouveau.")),
    ]);

    /// <summary>A sentence of its own: who may not know more reads the first one alone.</summary>
    private static string Sentence(string detail) => char.ToUpper(detail[0], CultureInfo.InvariantCulture) + detail[1..];
}
