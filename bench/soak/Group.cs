// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;

namespace Beffroi.Soak;

/// <summary>A hunt group of two telephones that are in no other story.</summary>
public sealed class Group(int index, IReadOnlyList<Telephone> members)
{
    private static readonly string[] Strategies = ["ringAll", "serial", "circular", "leastRecent"];

    public IReadOnlyList<Telephone> Members => members;

    public string Number { get; } = (5801 + index).ToString(CultureInfo.InvariantCulture);

    public string DirectNumber { get; } = "+33" + (199_005_801 + index).ToString(CultureInfo.InvariantCulture);

    public string Strategy => Strategies[index % Strategies.Length];

    public bool RingsAll => Strategy == Strategies[0];
}
