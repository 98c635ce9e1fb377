// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Beffroi.Server.Platform.Identity;
using Beffroi.Server.Platform.Journal;

namespace Beffroi.Server.Platform.Live;

/// <summary>A part that has figures for Prometheus. Registered by <see cref="LiveSetup.AddMetrics{T}"/>.</summary>
public interface IMetricSource
{
    /// <summary>Writes them as they are now. Any thread; must not wait.</summary>
    void Write(MetricWriter metrics);
}

/// <summary>Writes the Prometheus text format 0.0.4.</summary>
public sealed class MetricWriter
{
    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);

    /// <summary>A figure that goes up and down: <c>beffroi_</c> + name, base units.</summary>
    public void Gauge(string name, string help, double value, params ReadOnlySpan<(string Label, string Value)> labels) => Write("gauge", name, help, value, labels);

    /// <summary>A figure that only grows; its name ends in <c>_total</c>.</summary>
    public void Counter(string name, string help, double value, params ReadOnlySpan<(string Label, string Value)> labels) => Write("counter", name, help, value, labels);

    public override string ToString() => _text.ToString();

    private void Write(string type, string name, string help, double value, ReadOnlySpan<(string Label, string Value)> labels)
    {
        name = "beffroi_" + name;
        if (_named.Add(name)) _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        _text.Append(name);
        for (var i = 0; i < labels.Length; i++) _text.Append(i == 0 ? '{' : ',').Append(labels[i].Label).Append("=\"").Append(Escape(labels[i].Value)).Append('"');
        if (labels.Length > 0) _text.Append('}');
        _text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}

/// <summary>The process, the journal and sign-ins.</summary>
internal sealed class PlatformMetrics(JournalWriter journal, SignInLimiter limiter) : IMetricSource
{
    public void Write(MetricWriter metrics)
    {
        using var process = Process.GetCurrentProcess();
        metrics.Counter("process_cpu_seconds_total", "User and system time of the process.", process.TotalProcessorTime.TotalSeconds);
        metrics.Gauge("process_resident_memory_bytes", "Resident memory of the process.", process.WorkingSet64);
        metrics.Gauge("gc_heap_bytes", "Managed heap in use.", GC.GetTotalMemory(forceFullCollection: false));
        metrics.Gauge("gc_committed_bytes", "Memory that the garbage collector holds.", GC.GetGCMemoryInfo().TotalCommittedBytes);
        metrics.Counter("gc_collections_total", "Collections of generation 2.", GC.CollectionCount(2));
        metrics.Gauge("threads", "Threads of the process.", process.Threads.Count);
        metrics.Counter("gc_pause_seconds_total", "Time for which the garbage collector held every thread.", GC.GetTotalPauseDuration().TotalSeconds);
        var state = journal.State;
        metrics.Counter("journal_events_total", "Events written to the store.", state.Written);
        metrics.Counter("journal_dropped_total", "Events lost because store, disk and memory were full.", state.Dropped);
        metrics.Counter("journal_rejected_total", "Events that the store refused.", state.Rejected);
        metrics.Counter("journal_damaged_total", "Lines of the spool that could not be read.", state.Damaged);
        metrics.Counter("projection_skipped_total", "Events that the history could not take; the journal has them.", state.Skipped);
        metrics.Gauge("projection_stands", "1 while a projection of the journal is not written.", state.StandingProjection is null ? 0 : 1);
        metrics.Gauge("journal_spool_bytes", "Events that wait on disk for the store.", state.SpooledBytes);
        metrics.Gauge("journal_memory_events", "Events that wait in memory for the store.", state.InMemory);
        metrics.Gauge("store_up", "1 while the store takes events.", state.IsAway ? 0 : 1);
        metrics.Gauge("sign_in_refused_sources", "Addresses that wait after too many failed sign-ins.", limiter.Refused);
    }
}
