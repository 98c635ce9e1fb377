// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Globalization;
using Beffroi.Media.Prompts;
using Beffroi.Server.Platform.Live;

namespace Beffroi.Server.Features.Prompts;

/// <summary>Prompts that callers should have heard and that are nowhere, for the start page, health and Prometheus.</summary>
/// <remarks>Threading: any thread. Names are kept until the prompt is there again, at most <see cref="Most"/>.</remarks>
internal sealed class PromptsLive : ILiveSource, IMetricSource, IHealthSource
{
    private const int Most = 100;
    private readonly ConcurrentDictionary<string, string> _missing = new(StringComparer.Ordinal);
    private readonly PromptLibrary _prompts;

    public PromptsLive(PromptLibrary prompts)
    {
        _prompts = prompts;
        prompts.PromptMissing += (name, language) =>
        {
            if (_missing.Count < Most) _missing[name] = language;
        };
    }

    public IEnumerable<LiveFact> Facts
    {
        get
        {
            var missing = StillMissing().Count;
            yield return missing == 0
                ? new("prompts", "Annonces", "Prompts", "Toutes présentes", "All present")
                : new("prompts", "Annonces", "Prompts", string.Create(CultureInfo.InvariantCulture, $"{missing} manquante(s) : un bip à la place"), string.Create(CultureInfo.InvariantCulture, $"{missing} missing: a beep instead"), false);
        }
    }

    public void Write(MetricWriter metrics)
    {
        metrics.Counter("prompts_missing_total", "Times that a caller heard a beep instead of a prompt.", _prompts.MissingCount);
        metrics.Gauge("prompts_memory_bytes", "Sound of prompts kept in memory; bounded.", _prompts.MemoryBytes);
    }

    public ValueTask<IReadOnlyList<HealthNote>> CheckAsync(CancellationToken stop) => ValueTask.FromResult<IReadOnlyList<HealthNote>>(
        [.. StillMissing().Order(StringComparer.Ordinal).Select(name => new HealthNote("prompts", false, $"The prompt {name} is missing. Callers hear a beep instead: put {name}.wav back, or upload a recording."))]);

    private List<string> StillMissing()
    {
        foreach (var (name, language) in _missing)
            if (_prompts.TryFind(name, language, out _)) _missing.TryRemove(name, out _);
        return [.. _missing.Keys];
    }
}
