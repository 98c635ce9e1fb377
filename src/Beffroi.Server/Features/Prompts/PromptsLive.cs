// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Media.Prompts;
using Beffroi.Server.Platform.Live;

namespace Beffroi.Server.Features.Prompts;

/// <summary>Prompts that callers should have heard and that are nowhere, for the start page, health and Prometheus.</summary>
internal sealed class PromptsLive(PromptLibrary prompts) : ILiveSource, IMetricSource, IHealthSource
{
    public IEnumerable<LiveFact> Facts
    {
        get
        {
            var missing = Missing().Count();
            yield return missing == 0
                ? new("prompts", "Annonces", "Prompts", "Toutes présentes", "All present")
                : new("prompts", "Annonces", "Prompts", string.Create(CultureInfo.InvariantCulture, $"{missing} manquante(s) : un bip à la place"), string.Create(CultureInfo.InvariantCulture, $"{missing} missing: a beep instead"), false);
        }
    }

    public void Write(MetricWriter metrics)
    {
        metrics.Counter("prompts_missing_total", "Times that a caller heard a beep instead of a prompt.", prompts.MissingCount);
        metrics.Gauge("prompts_memory_bytes", "Sound of prompts kept in memory; bounded.", prompts.MemoryBytes);
    }

    public ValueTask<IReadOnlyList<HealthNote>> CheckAsync(CancellationToken stop) => ValueTask.FromResult<IReadOnlyList<HealthNote>>(
        [.. Missing().Order(StringComparer.Ordinal).Select(name => new HealthNote("prompts", false, $"The prompt {name} is missing. Callers hear a beep instead: put {name}.wav back, or upload a recording.",
            $"L'annonce {name} manque. Les appelants entendent un bip à la place : remettez {name}.wav, ou déposez un enregistrement."))]);

    /// <summary>What was missed and has not been put back since.</summary>
    private IEnumerable<string> Missing() => prompts.Missed.Where(name => !prompts.TryFind(name, "fr", out _));
}
