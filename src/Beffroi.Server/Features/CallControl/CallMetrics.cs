// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Calls;
using Beffroi.Server.Platform.Live;
using Beffroi.Sip.Authentication;
using Beffroi.Sip.EventPackages;

namespace Beffroi.Server.Features.CallControl;

/// <summary>The live calls, for the start page and Prometheus.</summary>
internal sealed class CallMetrics(Exchange exchange, Notifier notifier, DialogBoard board, CallWatch watch, DigestAuthenticator digest) : ILiveSource, IMetricSource
{
    public IEnumerable<LiveFact> Facts
    {
        get
        {
            var calls = exchange.Count.ToString(CultureInfo.InvariantCulture);
            yield return new("calls", "Appels en cours", "Calls in progress", exchange.Count == 0 ? "Aucun" : calls, exchange.Count == 0 ? "None" : calls);
        }
    }

    public void Write(MetricWriter metrics)
    {
        metrics.Gauge("calls", "Calls in progress.", exchange.Count);
        metrics.Gauge("calls_parked", "Calls that wait in a park slot.", exchange.Parked);
        metrics.Gauge("persons_in_calls", "Persons with a leg in a call, ringing or talking.", exchange.PersonsInCalls);
        metrics.Counter("calls_total", "Calls begun.", exchange.Began);
        metrics.Counter("calls_broken_total", "Calls ended by a bug.", exchange.Broken);
        metrics.Counter("calls_without_port_total", "Legs that found no media port.", exchange.WithoutPort);
        metrics.Counter("calls_media_timeout_total", "Calls ended because no sound came any more.", exchange.MediaTimeouts);
        metrics.Gauge("sip_subscriptions", "Subscriptions to lamps and waiting messages.", notifier.Count);
        metrics.Gauge("lamps_lit", "Extensions whose lamp is lit.", board.Count);
        metrics.Gauge("lamps_calls", "Calls whose lamps are kept.", watch.Calls);
        metrics.Counter("sip_notifies_total", "NOTIFY requests sent.", notifier.Sent);
        metrics.Counter("sip_notifies_failed_total", "NOTIFY requests that no 2xx answered.", notifier.Failed);
        metrics.Gauge("digest_nonces", "Nonces whose counts are remembered; bounded.", digest.NoncesInUse);
    }
}
