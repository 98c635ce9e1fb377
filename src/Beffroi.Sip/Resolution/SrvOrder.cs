// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.Resolution;

/// <summary>The order in which servers are tried: RFC 2782, "Usage rules".</summary>
internal static class SrvOrder
{
    /// <summary>By priority; within one, drawn by weight.</summary>
    /// <param name="draw">A random number from 0 to its argument, both included.</param>
    internal static List<SrvRecord> Sort(IEnumerable<SrvRecord> records, Func<int, int> draw)
    {
        var sorted = new List<SrvRecord>();
        foreach (var group in records.GroupBy(r => r.Priority).OrderBy(g => g.Key))
        {
            // Those of weight 0 first, so that they have a very small chance and not none.
            var left = group.OrderBy(r => r.Weight == 0 ? 0 : 1).ToList();
            while (left.Count > 0)
            {
                var drawn = draw(left.Sum(r => r.Weight));
                var at = 0;
                for (var sum = left[0].Weight; sum < drawn; sum += left[at].Weight) at++;
                sorted.Add(left[at]);
                left.RemoveAt(at);
            }
        }
        return sorted;
    }
}
