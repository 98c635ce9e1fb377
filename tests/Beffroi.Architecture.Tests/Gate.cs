// SPDX-License-Identifier: EUPL-1.2
using Xunit;

namespace Beffroi.Architecture.Tests;

/// <summary>Turns a list of breaches into one readable failure.</summary>
internal static class Gate
{
    internal static void Holds(IEnumerable<string> breaches, string rule)
    {
        var found = breaches.Distinct().ToList();
        Assert.True(found.Count == 0, $"{rule}:\n  {string.Join("\n  ", found)}");
    }
}
