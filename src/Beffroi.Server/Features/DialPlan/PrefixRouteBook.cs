// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Frozen;
using Beffroi.Calls;
using Beffroi.Server.Features.DialPlan.Contract;
using Beffroi.Server.Features.Trunks.Contract;
using Beffroi.Server.Platform.Storage;

namespace Beffroi.Server.Features.DialPlan;

/// <summary>The prefixes of each organisation that lead to a trunk.</summary>
internal sealed class PrefixRouteBook(Store store, ITrunks trunks, NumberCheck numbers) : Book<PrefixRoute>(store, "dial-plan", "prefix")
{
    private volatile FrozenDictionary<Guid, PrefixRoute[]> _longestFirst = FrozenDictionary<Guid, PrefixRoute[]>.Empty;

    /// <summary>The longest prefix that holds the digits dialled, as many of them as there are; null when none does.</summary>
    public PrefixRoute? Of(Guid organisation, string dialled)
    {
        foreach (var route in All(organisation))
            if (route.Matches(dialled)) return route;
        return null;
    }

    /// <summary>The organisation's routes, longest prefix first.</summary>
    public IReadOnlyList<PrefixRoute> All(Guid organisation) => _longestFirst.GetValueOrDefault(organisation) ?? [];

    protected override string Label(PrefixRoute page) => page.Prefix;

    /// <summary>Asked within the change: the trunk may have been removed since the request was read.</summary>
    protected override Refusal? Check(PrefixRoute page, IReadOnlyCollection<PrefixRoute> all) =>
        trunks.Current.TryGet(page.Trunk, out _)
            ? numbers.CheckPrefix(page, all)
            : new Refusal("dial-plan.prefix-names-nothing", RefusalKind.Conflict, 500, "The trunk that the prefix names is not there.");

    protected override void Swapped(FrozenDictionary<Guid, PrefixRoute> pages) => _longestFirst = pages.Values.GroupBy(r => r.OrganisationId)
        .ToFrozenDictionary(g => g.Key, g => g.OrderByDescending(r => r.Prefix.Length).ThenBy(r => r.Prefix, StringComparer.Ordinal).ThenBy(r => r.MinDigits).ToArray());
}
