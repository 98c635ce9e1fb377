// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Server.Features.Directory.Contract;
using Beffroi.Server.Platform.Configuration;
using Beffroi.Server.Platform.Live;

namespace Beffroi.Server.Features.Registration;

/// <summary>How many devices are registered, for the start page, health and Prometheus.</summary>
internal sealed class RegistrationLive(BindingStore bindings, IDirectory directory, ServerSettings server) : ILiveSource, IMetricSource, IHealthSource
{
    public IEnumerable<LiveFact> Facts
    {
        get
        {
            var (registered, all) = (bindings.Devices, directory.Current.Devices.Count);
            if (registered == 0) yield return new("registrations", "Postes enregistrés", "Registered devices", string.Create(CultureInfo.InvariantCulture, $"Aucun sur {all}"), string.Create(CultureInfo.InvariantCulture, $"None of {all}"));
            else yield return new("registrations", "Postes enregistrés", "Registered devices", string.Create(CultureInfo.InvariantCulture, $"{registered} sur {all}"), string.Create(CultureInfo.InvariantCulture, $"{registered} of {all}"));
        }
    }

    public void Write(MetricWriter metrics)
    {
        metrics.Gauge("registered_devices", "Devices with a live binding.", bindings.Devices);
        metrics.Gauge("bindings", "Live bindings.", bindings.Count);
        metrics.Gauge("devices", "Devices in the directory.", directory.Current.Devices.Count);
    }

    public ValueTask<IReadOnlyList<HealthNote>> CheckAsync(CancellationToken stop)
    {
        var strange = directory.Current.Devices.Values.Count(d => d.Realm != server.Realm);
        return ValueTask.FromResult<IReadOnlyList<HealthNote>>(strange == 0 ? [] :
            [new("registration", false, $"{strange} devices cannot register: their secrets were made for another domain than {server.Realm}. Set Sip:Domains back, or renew their secrets.",
                $"{strange} appareils ne peuvent pas s'enregistrer : leurs secrets valent pour un autre domaine que {server.Realm}. Remettez Sip:Domains, ou renouvelez leurs secrets.")]);
    }
}
