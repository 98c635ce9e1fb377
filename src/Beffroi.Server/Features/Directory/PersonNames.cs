// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;

namespace Beffroi.Server.Features.Directory;

/// <summary>How French names are put in order and found: accents and case do not count.</summary>
internal static class PersonNames
{
    private static readonly CompareInfo French = CultureInfo.GetCultureInfo("fr-FR").CompareInfo;

    internal static IComparer<string> Order { get; } = StringComparer.Create(CultureInfo.GetCultureInfo("fr-FR"), ignoreCase: true);

    internal static bool Contains(string name, string part) =>
        French.IndexOf(name, part, CompareOptions.IgnoreCase | CompareOptions.IgnoreNonSpace) >= 0;
}
