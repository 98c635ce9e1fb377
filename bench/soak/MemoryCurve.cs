// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Soak;

/// <summary>Memory over time, and whether it is flat.</summary>
/// <remarks>A garbage-collected heap saws: what counts is the lower edge, so the least of each stretch of five samples is taken, and a line laid through these.</remarks>
public sealed class MemoryCurve
{
    private const int Stretch = 5;
    private readonly List<(TimeSpan At, double Bytes)> _samples = [];

    public IReadOnlyList<(TimeSpan At, double Bytes)> Samples => _samples;

    public void Add(TimeSpan at, double bytes) => _samples.Add((at, bytes));

    /// <summary>How much the line rises from <paramref name="from"/> to the last sample, in bytes; 0 when there are too few samples to say.</summary>
    public double Rise(TimeSpan from)
    {
        var edge = _samples.Where(one => one.At >= from).Chunk(Stretch).Where(chunk => chunk.Length == Stretch).Select(chunk => chunk.MinBy(one => one.Bytes)).ToList();
        if (edge.Count < 3) return 0;
        var (x, y) = (edge.Average(one => one.At.TotalSeconds), edge.Average(one => one.Bytes));
        var slope = edge.Sum(one => (one.At.TotalSeconds - x) * (one.Bytes - y)) / edge.Sum(one => Math.Pow(one.At.TotalSeconds - x, 2));
        return slope * (edge[^1].At - edge[0].At).TotalSeconds;
    }
}
