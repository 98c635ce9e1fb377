// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Beffroi.Soak;

/// <summary>How the stories went, by kind. Threading: any thread.</summary>
public sealed class Tally
{
    private readonly ConcurrentDictionary<string, long> _good = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Kind, string Why), long> _failed = new();
    private long _goodCount, _failedCount;

    public long Good => Interlocked.Read(ref _goodCount);

    public long Failed => Interlocked.Read(ref _failedCount);

    public void WentWell(string kind)
    {
        _good.AddOrUpdate(kind, 1, static (_, before) => before + 1);
        Interlocked.Increment(ref _goodCount);
    }

    public void WentWrong(string kind, string why)
    {
        _failed.AddOrUpdate((kind, why), 1, static (_, before) => before + 1);
        Interlocked.Increment(ref _failedCount);
    }

    /// <summary>A table in Markdown: kind, well, not well, and why.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("| kind | as told | failed | why |\n| --- | ---: | ---: | --- |\n");
        foreach (var kind in _good.Keys.Concat(_failed.Keys.Select(key => key.Kind)).Distinct().Order(StringComparer.Ordinal))
        {
            var why = _failed.Where(one => one.Key.Kind == kind).OrderByDescending(one => one.Value).ToList();
            text.Append(CultureInfo.InvariantCulture,
                $"| {kind} | {_good.GetValueOrDefault(kind)} | {why.Sum(one => one.Value)} | {string.Join("; ", why.Take(4).Select(one => $"{one.Value}× {one.Key.Why}"))} |\n");
        }
        return text.ToString();
    }
}
